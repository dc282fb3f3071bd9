// The store as a whole: takes requests into the write-ahead log, keeps their spans hot, moves them
// to the lake, and answers for all of it.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "normalise/classify.h"
#include "store/catalog/catalog.h"
#include "store/indexer.h"
#include "store/lake/analytics.h"
#include "store/lake/lake.h"
#include "store/muted_agents.h"
#include "store/span_observer.h"
#include "store/span_store.h"
#include "store/view.h"
#include "store/wal/writer.h"

namespace callscope::store {

// Hands over what the engine works with; all outlive it.
struct EngineParts {
  std::filesystem::path directory;  // the data folder
  Limits limits;
  Catalog& catalog;
  const normalise::Classifier& classifier;
  const Clock& clock;
};

struct EngineStatus {
  uint64_t spans_indexed = 0;
  uint64_t logs_indexed = 0;
  size_t hot_spans = 0;
  size_t hot_bytes = 0;
  size_t segments = 0;
  int64_t lake_rows = 0;
  int64_t lake_bytes = 0;
  uint64_t wal_backlog_bytes = 0;  // acknowledged and not indexed yet
  uint64_t wal_bytes = 0;          // on disk
  bool flush_failing = false;
};

class Engine final : public SpanStore {
 public:
  // Opens log and lake; nothing runs yet, and nothing of an unfinished log is visible.
  static Result<std::unique_ptr<Engine>> open(EngineParts parts);
  ~Engine() override;

  // Replays what the log holds, then follows it. Returns once every acknowledged span is visible.
  // `observer` outlives the engine's stop().
  Result<void> start(SpanObserver& observer);

  // Moves everything to the lake and stops. What could not be moved stays in the log.
  void stop();

  // Appends a checked request to the log; `done` is called once it is synced, on the log's thread.
  // kResourceExhausted at once where the backlog is at its limit.
  Result<void> append(const wal::RecordHeader& header, wal::Payload payload,
                      std::function<void(Result<void>)> done);

  EngineStatus status() const;

  Result<std::unique_ptr<model::SpanBatch>> trace(ProjectId project, TraceId id) const override;
  Result<std::unique_ptr<model::LogBatch>> logs(ProjectId project, TraceId id) const override;
  Result<SpanPage> search(const SpanQuery& query) const override;
  Result<std::vector<LatencyRow>> latency(const StatsQuery& query, Stage stage) const override;
  Result<std::vector<UsageRow>> usage(const StatsQuery& query) const override;
  Result<std::vector<ToolRow>> tools(const StatsQuery& query) const override;
  Result<std::vector<std::string>> services(ProjectId project) const override;
  Result<std::vector<std::string>> operations(ProjectId project,
                                              std::string_view service) const override;
  Result<void> remove_trace(ProjectId project, TraceId id) override;

 private:
  explicit Engine(EngineParts parts);

  Result<void> open_log();
  Result<void> open_tombstones();
  void flush(std::shared_ptr<HotGeneration> hot);  // called by the indexer; waits for its turn
  int64_t unflushed_bytes() const;                 // of to_flush_
  void run_flusher();
  bool flush_now(const std::shared_ptr<HotGeneration>& hot);
  Result<bool> save_calls_if_due();
  Result<void> save_calls_left();
  Result<void> revisit_unsaved_calls();
  void run_housekeeping();
  Result<void> keep_house();
  template <typename Row>
  Result<bool> compact_some(const std::vector<LiveSegment<Row>>& segments);
  template <typename Row>
  Result<void> apply_retention(const std::vector<LiveSegment<Row>>& segments);
  Result<void> forget_old_calls();
  AgentId agent_of_service(ProjectId project, std::string_view service_name);
  uint64_t wal_backlog_bytes() const;
  bool is_disk_full();
  template <typename Ask>
  auto ask(Ask question) const -> decltype(question());

  EngineParts parts_;
  MutedAgents muted_{parts_.catalog, parts_.clock};  // of the indexing thread
  const std::filesystem::path wal_directory_;
  // Reading may find damage and set a segment aside, hence mutable; both are thread-safe.
  mutable ViewHolder view_;
  mutable Lake lake_;
  mutable Analytics analytics_;  // opens DuckDB at the first question
  std::unique_ptr<wal::Writer> wal_;
  std::vector<wal::Generation> old_generations_;
  wal::Generation first_generation_ = 0;
  SpanObserver* observer_ = nullptr;
  std::unique_ptr<Indexer> indexer_;

  std::atomic<int64_t> disk_checked_ms_{-1'000'000};  // steady clock
  std::atomic<bool> disk_full_{false};

  std::mutex agents_mutex_;
  std::map<std::pair<ProjectId, std::string>, AgentId, std::less<>>
      agents_;  // guarded by agents_mutex_

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<HotGeneration>> to_flush_;  // guarded by mutex_; oldest first
  bool flushing_ = false;                                // guarded by mutex_
  bool flush_failing_ = false;                           // guarded by mutex_
  std::chrono::steady_clock::time_point calls_saved_;    // guarded by mutex_; when
  bool draining_ = false;  // guarded by mutex_; a flush that fails is not tried again
  bool gave_up_ = false;   // guarded by mutex_; later generations stay in the log too
  bool stopping_ = false;  // guarded by mutex_
  std::set<TraceKey, bool (*)(const TraceKey&, const TraceKey&)> replaced_;  // guarded by mutex_
  uint64_t indexed_last_round_ = 0;  // owned by the housekeeper
  uint64_t indexed_at_trim_ = 0;     // spans when freed memory was last given back
  std::thread flusher_;
  std::thread housekeeper_;
};

}  // namespace callscope::store
