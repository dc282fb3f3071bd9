// Reports of calls, in the bytes that came.
#include "store/catalog/call_rows.h"
#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"

namespace callscope::store {
namespace {

const std::string& put_report_sql() {
  static const std::string sql =
      insert_sql<SavedReport>("reports") +
      " ON CONFLICT (id) DO UPDATE SET agent_id = excluded.agent_id, call_id = excluded.call_id,"
      " received_ns = excluded.received_ns, revision = excluded.revision,"
      " is_joined = excluded.is_joined, body = excluded.body";
  return sql;
}

}  // namespace

Result<std::optional<SavedReport>> Catalog::report(ProjectId project, ReportId id) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->one<SavedReport>("FROM reports WHERE id = :id AND project_id = :project", id,
                                  project);
}

Result<std::vector<SavedReport>> Catalog::reports_to_join(size_t limit) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->all<SavedReport>("FROM reports WHERE is_joined = 0 ORDER BY id LIMIT :limit",
                                  limit);
}

Result<std::optional<SavedReport>> Transaction::report_by_key(ProjectId project,
                                                              model::ReportKind kind,
                                                              std::string_view key) {
  return state_->session.one<SavedReport>(
      "FROM reports WHERE project_id = :project AND kind = :kind AND key = :key", project, kind,
      index_text(key));
}

Result<ReportId> Transaction::new_report_id() { return next_id(state_->session, "reports"); }

Result<void> Transaction::put_report(const SavedReport& report) {
  SavedReport row = report;
  row.key = index_text(row.key);
  TRY(state_->session.run_row(put_report_sql(), row));
  return {};
}

Result<void> Transaction::join_reports(const model::CallSummary& call) {
  for (const model::ReportRef& report : call.reports) {
    TRY(state_->session.run(
        "UPDATE reports SET call_id = :call, is_joined = 1 WHERE id = :id AND revision = :revision"
        " AND (is_joined = 0 OR call_id <> :other)",
        call.id, report.id, report.revision, call.id));
  }
  return {};
}

Result<void> Transaction::delete_report(ProjectId project, ReportId id) {
  TRY(state_->session.run("DELETE FROM reports WHERE id = :id AND project_id = :project", id,
                          project));
  return {};
}

Result<void> Transaction::restore_merged_call(ProjectId project, CallId id,
                                              const std::vector<TraceId>& links) {
  TRY(state_->session.run("DELETE FROM call_aliases WHERE old_id = :id AND project_id = :project",
                          id, project));
  model::CallSummary call;
  call.id = id;
  call.project = project;
  call.started = call.last_activity = state_->now;
  for (const TraceId& link : links) {
    if (const auto report = report_of_trace(link)) {
      call.reports.push_back({.id = *report});
    } else {
      call.trace_ids.push_back(link);
    }
  }
  return put_call(call);
}

Result<std::optional<CallId>> Transaction::call_of_trace(ProjectId project, TraceId trace) {
  const TraceColumns columns = to_columns(trace);
  return state_->session.one<CallId>(
      "SELECT call_id FROM call_traces WHERE project_id = :project AND trace_high = :high"
      " AND trace_low = :low ORDER BY call_id LIMIT 1",
      project, columns.high, columns.low);
}

}  // namespace callscope::store
