// The catalog: everything small and mutable, in a relational database. One writer at a time through
// a Transaction; any number of threads read beside it.
//
//   auto catalog = TRY(Catalog::open({.path = data / "catalog.db"}, clock));
//   auto agent = TRY(catalog->write([&](Transaction& t) { return t.create_agent(1, "front desk",
//   "", ""); })); CallPage page = TRY(catalog->list_calls({.project = 1, .now = clock.now()}));
//
// Every read of what belongs to a project takes the project, and finds nothing of another.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/catalog/call_query.h"
#include "store/catalog/rows.h"
#include "store/catalog/transaction.h"

namespace callscope::store {

struct CatalogOptions {
  std::filesystem::path path;  // of the SQLite file; made where there is none
  size_t readers_max = 4;      // connections; a reader waits while all are in use
};

class Catalog {
 public:
  // Opens the catalog, brings its schema up to date and, where it is new, makes project 1 "default"
  // with agent 1. A read-only file opens too: reads go on and begin() is refused. kUnsupported for
  // one that a later version wrote. `clock` must outlive the catalog.
  static Result<std::unique_ptr<Catalog>> open(const CatalogOptions& options, const Clock& clock);
  ~Catalog();

  // Waits for the writer's turn.
  Result<Transaction> begin(Durability durability = Durability::kProcess);

  // Runs `body(transaction)` and commits what it did where it returned no error.
  template <typename Body>
  auto write(Body body, Durability durability = Durability::kProcess)
      -> decltype(body(std::declval<Transaction&>())) {
    auto transaction = begin(durability);
    if (!transaction) return std::move(transaction).error();
    auto result = body(*transaction);
    if (!result) return result;
    if (auto committed = transaction->commit(); !committed) return std::move(committed).error();
    return result;
  }

  Result<std::vector<Project>> projects() const;
  Result<Project> project(ProjectId id) const;
  Result<std::vector<Agent>> agents(ProjectId project) const;
  Result<Agent> agent(ProjectId project, AgentId id) const;
  Result<std::vector<Key>> keys(ProjectId project) const;  // revoked ones too, newest first

  // For deciding who asks, before a project is known. access_version changes whenever a project, an
  // agent or a key does, whichever process changed it; asking takes a few microseconds and never
  // waits for the readers below.
  Result<std::vector<HashedKey>> valid_keys() const;
  Result<std::vector<Agent>> all_agents() const;
  Result<int64_t> access_version() const;

  // nullopt where the project has no such call. The id of a call that was merged finds the other.
  Result<std::optional<model::CallSummary>> call(ProjectId project, CallId id) const;
  // By call_id or any other name its sender gave it, the newest of several.
  Result<std::optional<model::CallSummary>> call_by_name(ProjectId project,
                                                         std::string_view name) const;
  Result<CallPage> list_calls(const CallQuery& query) const;
  Result<CallNeighbours> neighbours(const CallQuery& query, CallId id) const;
  // Started before `before`, oldest first: those whose time to be kept may be over.
  Result<std::vector<CallId>> old_calls(ProjectId project, TimeNs before, size_t limit) const;
  Result<std::vector<CallId>> calls_of_trace(ProjectId project, TraceId trace) const;
  Result<std::vector<CallId>> calls_of_traces(ProjectId project,
                                              std::span<const TraceId> traces) const;
  // Calls that were given that name and started no later than `by`, newest first.
  Result<std::vector<NamedCall>> calls_of_name(ProjectId project, std::string_view name, TimeNs by,
                                               size_t limit) const;

  // nullopt where the project has no such recording.
  Result<std::optional<Recording>> recording(ProjectId project, RecordingId id) const;
  Result<std::optional<Recording>> recording_of_object(ProjectId project,
                                                       std::string_view key) const;
  Result<std::vector<Recording>> recordings_of_call(ProjectId project, CallId call) const;
  // Of all projects: those that the server has to fetch, the longest due first.
  Result<std::vector<Recording>> recordings_to_fetch(TimeNs due, size_t limit) const;
  // Of all projects: without a call and made before `before`, oldest first.
  Result<std::vector<Recording>> unjoined_recordings(TimeNs before, size_t limit) const;
  Result<std::vector<LooseObject>> loose_objects(TimeNs before, size_t limit) const;

  // Whose agents sign with that key; nullopt where nobody's do.
  Result<std::optional<LivekitKey>> livekit_key(std::string_view api_key) const;
  Result<std::vector<LivekitKey>> livekit_keys(ProjectId project) const;

  Result<std::optional<SavedAnalysis>> analysis(ProjectId project, RecordingId recording) const;
  // Of all projects: complete recordings with an id above `after` that nobody has listened to, or
  // whose analysis was cut short, oldest first.
  Result<std::vector<Recording>> recordings_to_hear(RecordingId after, size_t limit) const;
  // Analyses that are done, without their facts, of calls that started in that time.
  Result<std::vector<SavedAnalysis>> analyses_between(ProjectId project, TimeRange started) const;

  // nullopt where the project has no such report.
  Result<std::optional<SavedReport>> report(ProjectId project, ReportId id) const;
  // Saved and not yet part of a call that was derived from them, oldest first.
  Result<std::vector<SavedReport>> reports_to_join(size_t limit) const;

  // All segments but forgotten ones, oldest first.
  Result<std::vector<Segment>> segments(Dataset dataset) const;
  Result<int64_t> flushed_generation() const;  // 0 before the first
  Result<int64_t> calls_generation() const;    // 0 before the first
  // One durable transaction. Returns the ids of those added.
  Result<std::vector<SegmentId>> commit_segments(const SegmentCommit& commit);
  Result<std::vector<Tombstone>> tombstones() const;

  Result<std::optional<std::string>> setting(std::string_view name) const;
  // Counters whose name starts with `prefix`, by name.
  Result<std::vector<std::pair<std::string, int64_t>>> counters(std::string_view prefix) const;

  // Moves what changed into the main file and empties the log of changes, where that has grown. For
  // quiet moments: the next changes start a new one.
  Result<void> checkpoint();

  // Walks the whole file. What is wrong with it, empty for nothing.
  Result<std::vector<std::string>> check_integrity() const;

 private:
  friend struct CatalogAccess;
  struct State;
  explicit Catalog(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace callscope::store
