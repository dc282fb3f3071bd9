// What was heard in recordings.
#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"
#include "store/catalog/columns.h"

namespace callscope::store {
namespace {

constexpr int64_t kAttemptsMax = 3;

const std::string& put_analysis_sql() {
  static const std::string sql =
      insert_sql<SavedAnalysis>("analyses") +
      " ON CONFLICT (recording_id) DO UPDATE SET call_id = excluded.call_id,"
      " agent_id = excluded.agent_id, state = excluded.state, attempts = excluded.attempts,"
      " error = excluded.error, started_ns = excluded.started_ns, heard_ms = excluded.heard_ms,"
      " facts = excluded.facts, nudge_ms = excluded.nudge_ms, is_nudged = excluded.is_nudged";
  return sql;
}

// Without the facts, which are long, and with the call as the recording has it.
struct HeardRow {
  SavedAnalysis analysis;
};

void columns(auto&& visit, AnyOf<HeardRow> auto& row) {
  visit("recording_id", row.analysis.recording);
  visit("recordings.call_id", row.analysis.call);
  visit("analyses.started_ns", row.analysis.started);
  visit("heard_ms", row.analysis.heard_ms);
}

}  // namespace

Result<std::optional<SavedAnalysis>> Catalog::analysis(ProjectId project,
                                                       RecordingId recording) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->one<SavedAnalysis>(
      "FROM analyses WHERE recording_id = :id AND project_id = :project", recording, project);
}

Result<std::vector<Recording>> Catalog::recordings_to_hear(RecordingId after, size_t limit) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->all<Recording>(
      "FROM recordings WHERE id > :after AND state = :complete AND NOT EXISTS (SELECT 1 FROM"
      " analyses WHERE recording_id = recordings.id AND (state <> :running OR attempts >= :most))"
      " ORDER BY id LIMIT :limit",
      after, RecordingState::kComplete, AnalysisState::kRunning, kAttemptsMax, limit);
}

Result<std::vector<SavedAnalysis>> Catalog::analyses_between(ProjectId project,
                                                             TimeRange started) const {
  const auto reader = TRY(state_->readers.borrow());
  const auto rows = TRY(reader->all<HeardRow>(
      "FROM analyses JOIN recordings ON recordings.id = recording_id"
      " WHERE analyses.project_id = :project AND analyses.state = :done"
      " AND analyses.started_ns >= :from AND analyses.started_ns < :to"
      " ORDER BY recording_id",
      project, AnalysisState::kDone, started.from.ns,
      started.to.is_set() ? started.to.ns : std::numeric_limits<int64_t>::max()));
  std::vector<SavedAnalysis> analyses;
  for (const HeardRow& row : rows) analyses.push_back(row.analysis);
  return analyses;
}

Result<void> Transaction::put_analysis(const SavedAnalysis& analysis) {
  TRY(state_->session.run_row(put_analysis_sql(), analysis));
  return {};
}

Result<void> Transaction::forget_analysis(ProjectId project, RecordingId recording) {
  TRY(state_->session.run("DELETE FROM analyses WHERE recording_id = :id AND project_id = :project",
                          recording, project));
  return {};
}

}  // namespace callscope::store
