// Who is whose parent among the facts of a set. Linear in their number, whatever was sent: a cycle
// is cut, a parent that never came makes an orphan.
#pragma once

#include <cstdint>
#include <vector>

#include "calls/fact_set.h"

namespace callscope::calls {

class SpanTree {
 public:
  static constexpr int32_t kRoot = -1;    // has no parent
  static constexpr int32_t kOrphan = -2;  // its parent is not here

  explicit SpanTree(const FactSet& set);

  size_t size() const { return parents_.size(); }
  // The position of a fact's parent, kRoot or kOrphan. A fact whose parent link closed a cycle is a
  // root.
  int32_t parent(size_t i) const { return parents_[i]; }
  bool has_parent(size_t i) const { return parents_[i] >= 0; }
  // Facts whose parent link was cut because they were their own ancestors.
  const std::vector<uint32_t>& cycles() const { return cycles_; }
  // All facts, parents before their children.
  const std::vector<uint32_t>& top_down() const { return top_down_; }

  // For each fact the nearest fact, itself or an ancestor, for which `is(position)` holds; -1 for
  // none.
  template <typename Predicate>
  std::vector<int32_t> nearest(Predicate is) const {
    std::vector<int32_t> found(size(), -1);
    for (const uint32_t i : top_down_) {
      if (is(i))
        found[i] = static_cast<int32_t>(i);
      else if (has_parent(i))
        found[i] = found[static_cast<size_t>(parents_[i])];
    }
    return found;
  }

 private:
  void link(const FactSet& set);
  void order();

  std::vector<int32_t> parents_;
  std::vector<uint32_t> cycles_;
  std::vector<uint32_t> top_down_;
};

}  // namespace callscope::calls
