// Everything that changes the catalog.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/catalog/rows.h"

namespace callscope::store {

class Catalog;
class Session;

// What a commit survives: a crash of this process, or also a loss of power. A commit of the second
// kind makes every earlier one as durable as itself.
enum class Durability { kProcess, kPower };

// The one writer's turn, from Catalog::begin. It holds the writer's lock, so keep it short, and
// never begin a second one on the same thread. Dropped without commit() it changes nothing. After
// an error of any method it can only be dropped: commit() refuses.
class Transaction {
 public:
  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Result<void> commit();

  // Projects, agents and keys. Names are cut to no length but may not be empty: kInvalidArgument
  // with the field at fault. What is not in `project` is kNotFound.
  Result<Project> create_project(std::string_view name);
  Result<Agent> create_agent(ProjectId project, std::string_view name,
                             std::string_view service_name, std::string_view provider);
  // The project's agent of that service.name, made where there is none. An empty one is the
  // project's first agent.
  Result<Agent> agent_of_service(ProjectId project, std::string_view service_name);
  // `secret` is the key to use; empty makes one of 256 random bits.
  Result<NewKey> create_key(ProjectId project, std::string_view name, Access access, bool admin,
                            std::string_view secret = {});
  // kConflict for the last one that may administer.
  Result<void> revoke_key(ProjectId project, KeyId id);
  Result<void> note_key_used(KeyId id, TimeNs when);

  // Calls. An id comes from new_call_ids, so that a call has one before it is first saved.
  Result<CallId> new_call_ids(int64_t count);  // the first of `count` consecutive ones
  // Inserts the call or replaces what was saved of it: its row, its trace_ids, the names it is
  // found by (call_id and session_keys) and its models, tools and metadata. Saving one of which
  // only numbers changed is cheapest.
  Result<void> put_call(const model::CallSummary& call);
  // `from` turned out to be `into`: its row goes with all that belongs to it, and its id, with
  // those merged into it before, finds `into` from then on. `into` is saved with put_call, before
  // or after.
  Result<void> merge_calls(ProjectId project, CallId from, CallId into);
  // Removes a call with all that belongs to it, its recordings, whose objects become loose, and
  // the ids merged into it. Tombstones of its traces
  // are the caller's business. kNotFound where the project has no such call.
  Result<void> delete_call(ProjectId project, CallId id);

  // Recordings. An object is noted as loose before it is written, and held by its recording from
  // add_recording on: whatever happens between, what stays loose is removed.
  Result<RecordingId> add_recording(Recording recording);  // its id is ignored and given anew
  // Replaces all of it but its call. kNotFound where it is gone.
  Result<void> update_recording(const Recording& recording);
  // 0 takes it out of its call. kNotFound where the project has no such recording.
  Result<void> attach_recording(ProjectId project, RecordingId id, CallId call);
  Result<void> delete_recording(ProjectId project, RecordingId id);
  Result<void> add_loose_object(std::string_view key);
  Result<void> forget_loose_object(std::string_view key);  // it is held, or gone

  // kConflict where another project has the key.
  Result<void> put_livekit_key(const LivekitKey& key);
  Result<void> delete_livekit_keys(ProjectId project);

  // Analyses of recordings. A recording that is analysed anew loses its result first.
  Result<void> put_analysis(const SavedAnalysis& analysis);
  Result<void> forget_analysis(ProjectId project, RecordingId recording);

  // Reports. The version of a report that is saved, where there is one, is read within the
  // transaction that saves the next.
  Result<std::optional<SavedReport>> report_by_key(ProjectId project, model::ReportKind kind,
                                                   std::string_view key);
  Result<ReportId> new_report_id();
  Result<void> put_report(const SavedReport& report);  // inserts it or replaces an older version
  // Every version that `call` names is joined now, unless a newer one came meanwhile.
  Result<void> join_reports(const model::CallSummary& call);
  Result<void> delete_report(ProjectId project, ReportId id);
  // Undoes merge_calls: `id` is a call again, of these traces and reports and nothing more until it
  // is saved anew.
  Result<void> restore_merged_call(ProjectId project, CallId id, const std::vector<TraceId>& links);
  Result<std::optional<CallId>> call_of_trace(ProjectId project, TraceId trace);  // the oldest

  // Segments. See SegmentCommit; Catalog::commit_segments is the way to call it.
  Result<std::vector<SegmentId>> commit_segments(const SegmentCommit& commit);
  Result<void> mark_for_rewrite(std::span<const SegmentId> ids);
  Result<void> quarantine_segment(SegmentId id, std::string_view reason);
  Result<void> release_segment(SegmentId id);                    // sound after all
  Result<void> forget_segments(std::span<const SegmentId> ids);  // their files are gone

  Result<void> bury_trace(ProjectId project, TraceId trace);  // adds a tombstone
  Result<void> forget_tombstones(TimeNs older_than);

  Result<void> set_setting(std::string_view name, std::string_view value);
  Result<void> add_to_counter(std::string_view name, int64_t by);

 private:
  friend class Catalog;
  friend struct CatalogAccess;
  struct State;
  explicit Transaction(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace callscope::store
