// Spans and log lines that are safe in the write-ahead log and not in the lake yet, in memory by
// trace. One HotGeneration holds what one file of the log holds.
#pragma once

#include <functional>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "store/log_row.h"
#include "store/span_row.h"
#include "store/wal/format.h"

namespace callscope::store {

struct TraceKey {
  ProjectId project = 0;
  TraceId trace;
  bool operator==(const TraceKey&) const = default;
};

struct TraceKeyHash {
  size_t operator()(const TraceKey& key) const {
    return TraceIdHash{}(key.trace) ^ static_cast<size_t>(key.project) * 0x9E3779B97F4A7C15ull;
  }
};

// Rows that stay where they are while more are added: in blocks, since a deque of rows as large as
// ours allocates each on its own.
template <typename Row>
class RowBlocks {
 public:
  void add(Row row) {
    if (size_ % kBlockRows == 0) blocks_.emplace_back().reserve(kBlockRows);
    blocks_.back().push_back(std::move(row));
    ++size_;
  }
  Row& operator[](size_t i) { return blocks_[i / kBlockRows][i % kBlockRows]; }
  const Row& operator[](size_t i) const { return blocks_[i / kBlockRows][i % kBlockRows]; }
  size_t size() const { return size_; }

 private:
  static constexpr size_t kBlockRows = 256;
  std::vector<std::vector<Row>> blocks_;
  size_t size_ = 0;
};

// One thread adds, many read. The adding thread holds `mutex()` exclusively while it does and while
// it fills arena(); readers use the methods that copy, which lock by themselves. Texts never move
// and live as long as the generation, so copied rows stay valid while somebody holds it.
class HotGeneration {
 public:
  explicit HotGeneration(wal::Generation generation) : generation_(generation) {}

  wal::Generation generation() const { return generation_; }
  std::shared_mutex& mutex() const { return mutex_; }

  // --- for the adding thread, locked by it ---
  Arena& arena() { return arena_; }
  SpanEncoder& encoder() { return encoder_; }
  enum class Added { kNew, kReplaced };
  // A span that is here already is replaced: the later content wins.
  Added add(SpanRow row);
  void add(LogRow row);

  // --- for readers ---
  std::vector<SpanRow> spans_of(const TraceKey& key) const;
  std::vector<LogRow> logs_of(const TraceKey& key) const;
  // Calls `visit` with each span, locked meanwhile: be short.
  void for_each_span(const std::function<void(const SpanRow&)>& visit) const;

  // --- once nobody adds any more ---
  // In the order of row_less. The pointers live as long as the generation.
  std::vector<const SpanRow*> sorted_spans() const;
  std::vector<const LogRow*> sorted_logs() const;

  size_t span_count() const;
  size_t log_count() const;
  size_t held_bytes() const;

 private:
  // The rows of one trace. Span ids are searched in order while there are few.
  struct TraceRows {
    std::vector<SpanId> ids;
    std::vector<uint32_t> rows;
    std::unordered_map<SpanId, uint32_t, SpanIdHash> positions;  // once there are many

    std::optional<uint32_t> find(SpanId id) const;
    void add(SpanId id, uint32_t row);
  };

  const wal::Generation generation_;
  mutable std::shared_mutex mutex_;
  Arena arena_{size_t{1} << 20};
  SpanEncoder encoder_{arena_};
  RowBlocks<SpanRow> spans_;
  RowBlocks<LogRow> logs_;
  std::unordered_map<TraceKey, TraceRows, TraceKeyHash> traces_;
  std::unordered_map<TraceKey, std::vector<uint32_t>, TraceKeyHash> log_traces_;
};

}  // namespace callscope::store
