// Saving and finding single calls; call_list.cc has the list.
#include "store/catalog/call_writer.h"
#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"
#include "store/catalog/webhooks.h"

namespace callscope::store {
namespace {

Result<std::optional<model::CallSummary>> to_call(std::optional<CallRow> row) {
  if (!row) return std::optional<model::CallSummary>();
  return std::optional(TRY(to_call(*std::move(row))));
}

Result<std::vector<CallId>> find_by_trace(Session& session, ProjectId project, TraceId id) {
  const TraceColumns trace = to_columns(id);
  return session.all<CallId>(
      "SELECT call_id FROM call_traces WHERE project_id = :project"
      " AND trace_high = :high AND trace_low = :low ORDER BY call_id",
      project, trace.high, trace.low);
}

struct NamedCallRow {
  NamedCall call;
};

void columns(auto&& visit, AnyOf<NamedCallRow> auto& row) {
  visit("id", row.call.call);
  visit("started_ns", row.call.started);
  visit("ended_ns", row.call.ended);
  visit("last_activity_ns", row.call.last_activity);
}

}  // namespace

Result<std::optional<model::CallSummary>> Catalog::call(ProjectId project, CallId id) const {
  const auto reader = TRY(state_->readers.borrow());
  const auto find = [&](CallId wanted) {
    return reader->one<CallRow>("FROM calls WHERE id = :id AND project_id = :project", wanted,
                                project);
  };
  auto row = TRY(find(id));
  if (!row) {
    const auto merged_into = TRY(reader->one<CallId>(
        "SELECT call_id FROM call_aliases WHERE old_id = :id AND project_id = :project", id,
        project));
    if (merged_into) row = TRY(find(*merged_into));
  }
  return to_call(std::move(row));
}

Result<std::optional<model::CallSummary>> Catalog::call_by_name(ProjectId project,
                                                                std::string_view name) const {
  const auto reader = TRY(state_->readers.borrow());
  auto row =
      TRY(reader->one<CallRow>("FROM calls WHERE id IN (SELECT call_id FROM call_names WHERE "
                               "project_id = :project AND name = :name)"
                               " ORDER BY started_ns DESC, id DESC LIMIT 1",
                               project, index_text(name)));
  if (const auto trace = TraceId::from_hex(name); !row && trace) {
    const auto ids = TRY(find_by_trace(*reader, project, *trace));
    if (!ids.empty()) row = TRY(reader->one<CallRow>("FROM calls WHERE id = :id", ids.back()));
  }
  return to_call(std::move(row));
}

Result<std::vector<CallId>> Catalog::old_calls(ProjectId project, TimeNs before,
                                               size_t limit) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->all<CallId>(
      "SELECT id FROM calls WHERE project_id = :project AND started_ns < :before"
      " ORDER BY started_ns, id LIMIT :limit",
      project, before, limit);
}

Result<std::vector<CallId>> Catalog::calls_of_trace(ProjectId project, TraceId trace) const {
  const auto reader = TRY(state_->readers.borrow());
  return find_by_trace(*reader, project, trace);
}

Result<std::vector<CallId>> Catalog::calls_of_traces(ProjectId project,
                                                     std::span<const TraceId> traces) const {
  const auto reader = TRY(state_->readers.borrow());
  std::vector<CallId> calls;
  for (const TraceId trace : traces) {
    const auto found = TRY(find_by_trace(*reader, project, trace));
    calls.insert(calls.end(), found.begin(), found.end());
  }
  std::sort(calls.begin(), calls.end());
  calls.erase(std::unique(calls.begin(), calls.end()), calls.end());
  return calls;
}

Result<std::vector<NamedCall>> Catalog::calls_of_name(ProjectId project, std::string_view name,
                                                      TimeNs by, size_t limit) const {
  const auto reader = TRY(state_->readers.borrow());
  const auto rows = TRY(reader->all<NamedCallRow>(
      "FROM calls WHERE id IN (SELECT call_id FROM call_names WHERE project_id = :project AND name "
      "= :name)"
      " AND started_ns <= :by ORDER BY started_ns DESC, id DESC LIMIT :limit",
      project, index_text(name), by, limit));
  std::vector<NamedCall> calls;
  for (const NamedCallRow& row : rows) calls.push_back(row.call);
  return calls;
}

Result<CallId> Transaction::new_call_ids(int64_t count) {
  return next_id(state_->session, "calls", count);
}

Result<void> Transaction::put_call(const model::CallSummary& call) {
  return CallWriter(state_->session, state_->memory).put(call);
}

Result<void> Transaction::merge_calls(ProjectId project, CallId from, CallId into) {
  if (from == into)
    return Error{ErrorCode::kInternal, fmt::format("call {} merged into itself", from)};
  TRY(CallWriter(state_->session, state_->memory).remove(project, from));
  TRY(state_->session.run(
      "UPDATE call_aliases SET call_id = :into WHERE call_id = :from AND project_id = :project",
      into, from, project));
  TRY(state_->session.run(
      "UPDATE recordings SET call_id = :into WHERE call_id = :from AND project_id = :project", into,
      from, project));
  TRY(state_->session.run(
      "UPDATE reports SET call_id = :into WHERE call_id = :from AND project_id = :project", into,
      from, project));
  TRY(merge_deliveries(*this, from, into));
  TRY(state_->session.run(
      "INSERT INTO call_aliases (old_id, project_id, call_id) VALUES (:from, :project, :into)"
      " ON CONFLICT (old_id) DO UPDATE SET call_id = excluded.call_id",
      from, project, into));
  return {};
}

Result<void> Transaction::delete_call(ProjectId project, CallId id) {
  if (!TRY(CallWriter(state_->session, state_->memory).remove(project, id))) {
    return Error{ErrorCode::kNotFound, fmt::format("no call of this project has the id {}", id)};
  }
  TRY(state_->session.run("DELETE FROM call_aliases WHERE call_id = :id AND project_id = :project",
                          id, project));
  const auto recordings = TRY(state_->session.all<RecordingId>(
      "SELECT id FROM recordings WHERE call_id = :id AND project_id = :project", id, project));
  for (const RecordingId recording : recordings) TRY(delete_recording(project, recording));
  TRY(delete_deliveries(*this, id));
  TRY(state_->session.run("DELETE FROM reports WHERE call_id = :id AND project_id = :project", id,
                          project));
  return {};
}

}  // namespace callscope::store
