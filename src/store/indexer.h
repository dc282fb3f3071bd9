// Follows the write-ahead log and makes hot spans of it: the same code whether a record was synced
// a millisecond ago or is replayed after a crash. A backlog stays on disk, in the log.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "base/time.h"
#include "normalise/classify.h"
#include "normalise/otlp_decode.h"
#include "store/span_observer.h"
#include "store/view.h"
#include "store/wal/reader.h"
#include "store/wal/writer.h"

namespace callscope::store {

struct IndexerOptions {
  normalise::DecodeLimits decode;
  // A generation is ended at this age, so that its spans reach the lake, once it holds
  // flush_bytes_min; a smaller one at six times the age, so that a trickle makes fewer files.
  std::chrono::milliseconds flush_age{5'000};
  size_t flush_bytes_min = 256 * 1024;
};

// What the indexer works with; all outlive it.
struct IndexerParts {
  std::filesystem::path wal_directory;
  wal::Writer& wal;
  ViewHolder& view;
  const normalise::Classifier& classifier;
  SpanObserver& observer;
  const Clock& clock;
  // The agent of spans whose sender named none, by project and service.name.
  std::function<AgentId(ProjectId, std::string_view)> agent_of_service;
  // Whether what that agent sent then is to be left out.
  std::function<bool(AgentId, TimeNs)> is_muted;
  // Takes a generation that is complete. May block: the log is the queue.
  std::function<void(std::shared_ptr<HotGeneration>)> flush;
  // A span replaced one that an earlier generation holds.
  std::function<void(const TraceKey&)> on_replaced;
};

class Indexer {
 public:
  // Indexes `old` generations, oldest first, then follows the log from `first`.
  Indexer(IndexerParts parts, IndexerOptions options, std::vector<wal::Generation> old,
          wal::Generation first);
  ~Indexer();

  void start();
  // Ends the generation under way, hands it to flush() and stops. The log's writer is still there.
  void stop();

  // Whether all old generations are in memory or in the lake.
  bool has_replayed() const { return replayed_.load(); }
  void wait_replayed() const { replayed_.wait(false); }

  wal::Committed indexed() const;
  uint64_t spans_indexed() const { return spans_indexed_.load(std::memory_order_relaxed); }
  uint64_t logs_indexed() const { return logs_indexed_.load(std::memory_order_relaxed); }

 private:
  void run();
  void replay(wal::Generation generation);
  void follow();
  // Indexes records up to `limit`; false at a record that can't be read.
  bool index_up_to(wal::Reader& reader, uint64_t limit);
  void index(const wal::Record& record);
  void index_spans(const wal::Record& record);
  void index_logs(const wal::Record& record);
  AgentId agent_of(const wal::Record& record, std::string_view service_name) const;
  void begin(wal::Generation generation);
  void seal();
  bool is_due() const;

  IndexerParts parts_;
  const IndexerOptions options_;
  const std::vector<wal::Generation> old_;
  const wal::Generation first_;

  // Owned by the indexing thread.
  std::shared_ptr<HotGeneration> hot_;
  std::optional<std::chrono::steady_clock::time_point> hot_since_;  // of its first record
  uint64_t hot_bytes_ = 0;                                          // of the log
  bool rotation_asked_ = false;
  Arena arena_;
  std::string scratch_;
  model::Span span_;
  model::SpanFacts facts_;
  model::LogLine line_;

  std::atomic<bool> replayed_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<uint64_t> spans_indexed_{0};
  std::atomic<uint64_t> logs_indexed_{0};
  std::atomic<uint64_t> at_generation_{0};
  std::atomic<uint64_t> at_offset_{0};
  std::thread thread_;
};

}  // namespace callscope::store
