#include "calls/span_tree.h"

#include <algorithm>
#include <bit>

namespace callscope::calls {
namespace {

// Positions by trace and span id: open addressing, since this runs for every save of a call.
class Positions {
 public:
  explicit Positions(const FactSet& set)
      : set_(set), slots_(std::bit_ceil(set.facts.size() * 2 + 2), kNone) {
    for (uint32_t i = 0; i < set.facts.size(); ++i) {
      size_t slot = slot_of(set.facts[i].trace, set.facts[i].id);
      while (slots_[slot] != kNone) slot = next(slot);
      slots_[slot] = i;
    }
  }

  int32_t find(uint32_t trace, const SpanId& id) const {
    for (size_t slot = slot_of(trace, id); slots_[slot] != kNone; slot = next(slot)) {
      const Fact& fact = set_.facts[slots_[slot]];
      if (is_same(fact.id, id) && fact.trace == trace) return static_cast<int32_t>(slots_[slot]);
    }
    return SpanTree::kOrphan;
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  size_t slot_of(uint32_t trace, const SpanId& id) const {
    return (SpanIdHash()(id) + trace * 0x9E3779B97F4A7C15ull) & (slots_.size() - 1);
  }
  size_t next(size_t slot) const { return (slot + 1) & (slots_.size() - 1); }

  const FactSet& set_;
  std::vector<uint32_t> slots_;
};

}  // namespace

SpanTree::SpanTree(const FactSet& set) {
  link(set);
  order();
}

void SpanTree::link(const FactSet& set) {
  const Positions positions(set);
  parents_.reserve(set.facts.size());
  for (const Fact& fact : set.facts) {
    parents_.push_back(fact.is_root() ? kRoot : positions.find(fact.trace, fact.parent));
  }
}

// Walks up from each fact to the first ancestor already in order, then puts the path down in
// reverse. A walk that meets itself has found a cycle and cuts it there.
void SpanTree::order() {
  enum class Mark : uint8_t { kNew, kOnPath, kDone };
  std::vector<Mark> marks(parents_.size(), Mark::kNew);
  std::vector<uint32_t> path;
  top_down_.reserve(parents_.size());
  for (uint32_t start = 0; start < parents_.size(); ++start) {
    for (uint32_t at = start; marks[at] == Mark::kNew;) {
      marks[at] = Mark::kOnPath;
      path.push_back(at);
      if (!has_parent(at)) break;
      const auto up = static_cast<uint32_t>(parents_[at]);
      if (marks[up] == Mark::kOnPath) {
        cycles_.push_back(at);
        parents_[at] = kRoot;
        break;
      }
      at = up;
    }
    for (; !path.empty(); path.pop_back()) {
      marks[path.back()] = Mark::kDone;
      top_down_.push_back(path.back());
    }
  }
}

}  // namespace callscope::calls
