// Recordings and the objects that nobody holds.
#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"
#include "store/catalog/columns.h"

namespace callscope::store {
namespace {

Error no_recording(RecordingId id) {
  return {ErrorCode::kNotFound, fmt::format("no recording of this project has the id {}", id)};
}

}  // namespace

Result<std::optional<Recording>> Catalog::recording(ProjectId project, RecordingId id) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->one<Recording>("FROM recordings WHERE id = :id AND project_id = :project", id,
                                project);
}

Result<std::optional<Recording>> Catalog::recording_of_object(ProjectId project,
                                                              std::string_view key) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->one<Recording>("FROM recordings WHERE object_key = :key AND project_id = :project",
                                key, project);
}

Result<std::vector<Recording>> Catalog::recordings_of_call(ProjectId project, CallId call) const {
  if (call == 0) return std::vector<Recording>();
  const auto reader = TRY(state_->readers.borrow());
  return reader->all<Recording>(
      "FROM recordings WHERE call_id = :call AND call_id <> 0 AND project_id = :project"
      " ORDER BY id",
      call, project);
}

Result<std::vector<Recording>> Catalog::recordings_to_fetch(TimeNs due, size_t limit) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->all<Recording>(
      "FROM recordings WHERE state = 0 AND next_attempt_ns <= :due ORDER BY next_attempt_ns"
      " LIMIT :limit",
      due, limit);
}

Result<std::vector<Recording>> Catalog::unjoined_recordings(TimeNs before, size_t limit) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->all<Recording>(
      "FROM recordings WHERE call_id = 0 AND created_ns < :before ORDER BY id LIMIT :limit", before,
      limit);
}

Result<std::vector<LooseObject>> Catalog::loose_objects(TimeNs before, size_t limit) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->all<LooseObject>(
      "FROM loose_objects WHERE since_ns < :before ORDER BY since_ns LIMIT :limit", before, limit);
}

Result<RecordingId> Transaction::add_recording(Recording recording) {
  recording.id = TRY(next_id(state_->session, "recordings"));
  if (!recording.created.is_set()) recording.created = state_->now;
  TRY(state_->session.run_row(insert_sql<Recording>("recordings"), recording));
  TRY(forget_loose_object(recording.key));
  return recording.id;
}

Result<void> Transaction::update_recording(const Recording& recording) {
  // Of the row in the table the call stays: it may have been joined meanwhile.
  const auto before = TRY(state_->session.one<Recording>(
      "FROM recordings WHERE id = :id AND project_id = :project", recording.id, recording.project));
  if (!before) return no_recording(recording.id);
  Recording after = recording;
  after.call = before->call;
  TRY(state_->session.run("DELETE FROM recordings WHERE id = :id", after.id));
  TRY(state_->session.run_row(insert_sql<Recording>("recordings"), after));
  return {};
}

Result<void> Transaction::attach_recording(ProjectId project, RecordingId id, CallId call) {
  const int64_t changed = TRY(state_->session.run(
      "UPDATE recordings SET call_id = :call WHERE id = :id AND project_id = :project", call, id,
      project));
  if (changed == 0) return no_recording(id);
  return {};
}

Result<void> Transaction::delete_recording(ProjectId project, RecordingId id) {
  const auto key = TRY(state_->session.one<std::string>(
      "SELECT object_key FROM recordings WHERE id = :id AND project_id = :project", id, project));
  if (!key) return no_recording(id);
  TRY(state_->session.run("DELETE FROM recordings WHERE id = :id", id));
  TRY(forget_analysis(project, id));
  TRY(add_loose_object(peaks_key(*key)));
  return add_loose_object(*key);
}

Result<void> Transaction::add_loose_object(std::string_view key) {
  TRY(
      state_->session.run("INSERT INTO loose_objects (object_key, since_ns) VALUES (:key, :now)"
                          " ON CONFLICT (object_key) DO UPDATE SET since_ns = excluded.since_ns",
                          key, state_->now));
  return {};
}

Result<void> Transaction::forget_loose_object(std::string_view key) {
  TRY(state_->session.run("DELETE FROM loose_objects WHERE object_key = :key", key));
  return {};
}

}  // namespace callscope::store
