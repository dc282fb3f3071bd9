// What a reader sees of the store at one instant: an immutable list of hot generations and
// segments. A flush swaps a generation for its segments in one step, so nothing is seen twice or
// not at all.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "store/catalog/rows.h"
#include "store/hot.h"
#include "store/lake/segment.h"

namespace callscope::store {

template <typename Row>
struct LiveSegment {
  Segment meta;
  std::shared_ptr<const SegmentFile<Row>> file;
};

struct View {
  std::vector<std::shared_ptr<const HotGeneration>> hot;  // oldest first
  std::vector<LiveSegment<SpanRow>> spans;
  std::vector<LiveSegment<LogRow>> logs;
  std::shared_ptr<const std::unordered_set<TraceKey, TraceKeyHash>> removed;  // deleted traces

  bool is_removed(const TraceKey& key) const { return removed && removed->contains(key); }
};

class ViewHolder {
 public:
  std::shared_ptr<const View> get() const {
    std::lock_guard lock(mutex_);
    return view_;
  }

  // Replaces the view by what `change` makes of a copy of it.
  template <typename Change>
  void update(Change change) {
    std::lock_guard lock(mutex_);
    auto next = std::make_shared<View>(*view_);
    change(*next);
    view_ = std::move(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const View> view_ = std::make_shared<View>();  // guarded by mutex_
};

}  // namespace callscope::store
