// Segments of the lake and tombstones of deleted traces.
#include "base/check.h"
#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"
#include "store/catalog/columns.h"

namespace callscope::store {
namespace {

constexpr std::string_view kFlushedGeneration = "flushed_generation";
constexpr std::string_view kCallsGeneration = "calls_generation";

Result<int64_t> generation_of(Session& session, std::string_view counter) {
  const auto value =
      TRY(session.one<int64_t>("SELECT value FROM counters WHERE name = :name", counter));
  return value.value_or(0);
}

Result<void> set_counter(Session& session, std::string_view counter, int64_t value) {
  TRY(
      session.run("INSERT INTO counters (name, value) VALUES (:name, :value)"
                  " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                  counter, value));
  return {};
}

}  // namespace

Result<std::vector<Segment>> Catalog::segments(Dataset dataset) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->all<Segment>("FROM segments WHERE dataset = :dataset ORDER BY id", dataset);
}

Result<int64_t> Catalog::flushed_generation() const {
  const auto reader = TRY(state_->readers.borrow());
  return generation_of(*reader, kFlushedGeneration);
}

Result<int64_t> Catalog::calls_generation() const {
  const auto reader = TRY(state_->readers.borrow());
  return generation_of(*reader, kCallsGeneration);
}

Result<std::vector<SegmentId>> Catalog::commit_segments(const SegmentCommit& commit) {
  return write([&](Transaction& t) { return t.commit_segments(commit); }, Durability::kPower);
}

Result<std::vector<Tombstone>> Catalog::tombstones() const {
  const auto reader = TRY(state_->readers.borrow());
  std::vector<Tombstone> tombstones;
  for (const TombstoneRow& row : TRY(reader->all<TombstoneRow>("FROM tombstones"))) {
    tombstones.push_back({row.project, to_trace_id(row.trace), row.deleted});
  }
  return tombstones;
}

Result<std::vector<SegmentId>> Transaction::commit_segments(const SegmentCommit& commit) {
  std::vector<SegmentId> ids;
  for (Segment segment : commit.add) {
    segment.id = TRY(next_id(state_->session, "segments"));
    TRY(state_->session.run_row(insert_sql<Segment>("segments"), segment));
    ids.push_back(segment.id);
  }
  for (const SegmentId id : commit.supersede) {
    const int64_t changed = TRY(state_->session.run(
        "UPDATE segments SET superseded_ns = :now WHERE id = :id AND superseded_ns IS NULL",
        commit.now, id));
    if (changed == 0) {
      return Error{ErrorCode::kConflict,
                   fmt::format("segment {} is gone or was superseded already", id)};
    }
  }
  if (commit.flushed_generation) {
    const int64_t before = TRY(generation_of(state_->session, kFlushedGeneration));
    CHECK(before <= *commit.flushed_generation, "generations are flushed in order");
    TRY(set_counter(state_->session, kFlushedGeneration, *commit.flushed_generation));
  }
  if (commit.calls_generation) {
    TRY(set_counter(state_->session, kCallsGeneration, *commit.calls_generation));
  }
  return ids;
}

Result<void> Transaction::mark_for_rewrite(std::span<const SegmentId> ids) {
  for (const SegmentId id : ids) {
    TRY(state_->session.run("UPDATE segments SET needs_rewrite = 1 WHERE id = :id", id));
  }
  return {};
}

Result<void> Transaction::quarantine_segment(SegmentId id, std::string_view reason) {
  TRY(state_->session.run("UPDATE segments SET quarantined = :reason WHERE id = :id",
                          reason.empty() ? "unknown" : reason, id));
  return {};
}

Result<void> Transaction::release_segment(SegmentId id) {
  TRY(state_->session.run("UPDATE segments SET quarantined = '' WHERE id = :id", id));
  return {};
}

Result<void> Transaction::forget_segments(std::span<const SegmentId> ids) {
  for (const SegmentId id : ids)
    TRY(state_->session.run("DELETE FROM segments WHERE id = :id", id));
  return {};
}

Result<void> Transaction::bury_trace(ProjectId project, TraceId trace) {
  const TombstoneRow row{project, to_columns(trace), state_->now};
  TRY(state_->session.run_row(insert_sql<TombstoneRow>("tombstones") + " ON CONFLICT DO NOTHING",
                              row));
  return {};
}

Result<void> Transaction::forget_tombstones(TimeNs older_than) {
  TRY(state_->session.run("DELETE FROM tombstones WHERE deleted_ns < :before", older_than));
  return {};
}

}  // namespace callscope::store
