// What the engine does behind the scenes: compaction, deletion and retention.
#include <malloc.h>

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "store/engine.h"

namespace callscope::store {
namespace {

constexpr std::chrono::seconds kRound{2};

// Merging costs about as much CPU as writing did, so it is done where many small files would cost
// readers more: a file below kSmallBytes comes from a trickle of spans, eight of them make one.
// Larger ones are found by their index in a microsecond each and only merged when there are very
// many.
constexpr int64_t kSmallBytes = 4 << 20;
constexpr size_t kSmallCount = 8;
constexpr int64_t kMediumBytes = 64 << 20;
constexpr size_t kMediumCount = 512;
constexpr size_t kMergeMax = 16;

template <typename Row>
std::vector<LiveSegment<Row>> smallest_run(const std::vector<LiveSegment<Row>>& segments,
                                           int64_t bytes_below, size_t count_min) {
  std::vector<LiveSegment<Row>> out;
  for (const LiveSegment<Row>& segment : segments) {
    if (segment.meta.bytes < bytes_below) out.push_back(segment);
  }
  if (out.size() < count_min) return {};
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.meta.start_min < b.meta.start_min; });
  if (out.size() > kMergeMax) out.resize(kMergeMax);
  return out;
}

}  // namespace

void Engine::run_housekeeping() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kRound, [&] { return stopping_; })) {
    lock.unlock();
    if (const auto kept = keep_house(); !kept) {
      log_warning("housekeeping failed, trying again", kv("error", kept.error().message));
    }
    lock.lock();
  }
}

Result<void> Engine::keep_house() {
  // Spans that an earlier version of is in the lake: the segments with that version are rewritten
  // once the newer one is in the lake too.
  std::vector<TraceKey> replaced;
  {
    std::lock_guard lock(mutex_);
    replaced.assign(replaced_.begin(), replaced_.end());
  }
  const std::shared_ptr<const View> view = view_.get();
  std::vector<SegmentId> marked;
  for (const TraceKey& key : replaced) {
    for (const auto& segment : view->spans) {
      if (segment.file->index().find(key.project, key.trace)) marked.push_back(segment.meta.id);
    }
    bool still_hot = false;
    for (const auto& hot : view->hot) still_hot |= !hot->spans_of(key).empty();
    if (still_hot) continue;
    std::lock_guard lock(mutex_);
    replaced_.erase(key);
  }
  std::sort(marked.begin(), marked.end());
  marked.erase(std::unique(marked.begin(), marked.end()), marked.end());
  if (!marked.empty()) {
    TRY(parts_.catalog.write([&](Transaction& t) { return t.mark_for_rewrite(marked); }));
  }
  TRY(save_calls_left());
  TRY(compact_some(view->spans));
  TRY(compact_some(view->logs));
  TRY(apply_retention(view_.get()->spans));
  TRY(apply_retention(view_.get()->logs));
  TRY(forget_old_calls());
  TRY(lake_.remove_superseded());
  const uint64_t indexed = indexer_->spans_indexed();
  const bool is_quiet = std::exchange(indexed_last_round_, indexed) == indexed;
  if (!is_quiet) return {};
  if (std::exchange(indexed_at_trim_, indexed) != indexed) malloc_trim(0);
  return parts_.catalog.checkpoint();
}

template <typename Row>
Result<bool> Engine::compact_some(const std::vector<LiveSegment<Row>>& segments) {
  const Dataset dataset = std::is_same_v<Row, SpanRow> ? Dataset::kSpans : Dataset::kLogs;
  // The marks are in the catalog, where they survive a restart.
  std::vector<SegmentId> marked;
  for (const Segment& segment : TRY(parts_.catalog.segments(dataset))) {
    if (segment.needs_rewrite && !segment.superseded.is_set()) marked.push_back(segment.id);
  }
  std::vector<LiveSegment<Row>> inputs;
  for (const LiveSegment<Row>& segment : segments) {
    if (std::find(marked.begin(), marked.end(), segment.meta.id) == marked.end()) continue;
    inputs = {segment};
    inputs[0].meta.needs_rewrite = true;
    break;
  }
  if (inputs.empty()) inputs = smallest_run(segments, kSmallBytes, kSmallCount);
  if (inputs.empty()) inputs = smallest_run(segments, kMediumBytes, kMediumCount);
  if (inputs.empty()) return false;
  TRY(lake_.compact(inputs, view_));
  return true;
}

template <typename Row>
Result<void> Engine::apply_retention(const std::vector<LiveSegment<Row>>& segments) {
  std::vector<SegmentId> gone;
  if (parts_.limits.retention_age_s > 0) {
    const TimeNs before = parts_.clock.now() - DurationNs::from_s(parts_.limits.retention_age_s);
    for (const auto& segment : segments) {
      if (segment.meta.received_max < before) gone.push_back(segment.meta.id);
    }
  }
  if (parts_.limits.retention_bytes > 0) {
    std::vector<const LiveSegment<Row>*> oldest;
    for (const auto& segment : segments) oldest.push_back(&segment);
    std::sort(oldest.begin(), oldest.end(), [](const auto* a, const auto* b) {
      return a->meta.received_max < b->meta.received_max;
    });
    int64_t total = TRY(lake_.bytes());
    for (const auto* segment : oldest) {
      if (total <= parts_.limits.retention_bytes) break;
      gone.push_back(segment->meta.id);
      total -= segment->meta.bytes;
    }
  }
  if (gone.empty()) return {};
  log_info("segments dropped by retention", kv("segments", gone.size()));
  return lake_.drop<Row>(gone, view_);
}

// Calls go with their spans: those that started before everything that the lake still holds.
Result<void> Engine::forget_old_calls() {
  constexpr size_t kBatch = 1'000;
  if (parts_.limits.retention_age_s <= 0 && parts_.limits.retention_bytes <= 0) return {};
  TimeNs before;
  if (parts_.limits.retention_age_s > 0) {
    before = parts_.clock.now() - DurationNs::from_s(parts_.limits.retention_age_s);
  }
  if (parts_.limits.retention_bytes > 0) {
    const std::shared_ptr<const View> view = view_.get();
    std::optional<TimeNs> oldest;
    for (const auto& segment : view->spans) {
      if (!oldest || segment.meta.start_min < *oldest) oldest = segment.meta.start_min;
    }
    if (oldest) before = std::max(before, *oldest);
  }
  if (!before.is_set()) return {};
  for (const Project& project : TRY(parts_.catalog.projects())) {
    const std::vector<CallId> old = TRY(parts_.catalog.old_calls(project.id, before, kBatch));
    if (old.empty()) continue;
    const auto forget = [&](Transaction& t) -> Result<void> {
      for (const CallId id : old) TRY(t.delete_call(project.id, id));
      return {};
    };
    TRY(parts_.catalog.write(forget));
  }
  return {};
}

}  // namespace callscope::store
