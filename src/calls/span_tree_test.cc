#include "calls/span_tree.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace callscope::calls {
namespace {

SpanId id_of(uint64_t number) {
  SpanId id;
  std::memcpy(id.bytes.data(), &number, 8);
  return id;
}

// A set of one trace: fact i has the id i + 1 and the parent given, 0 for none.
FactSet set_of(const std::vector<uint64_t>& parents) {
  FactSet set;
  set.traces.resize(1);
  for (size_t i = 0; i < parents.size(); ++i) {
    Fact fact;
    fact.id = id_of(i + 1);
    fact.parent = id_of(parents[i]);
    set.facts.push_back(fact);
  }
  return set;
}

// The nearest even fact at or above `i`, by walking up.
int32_t naive_nearest(const std::vector<uint64_t>& parents, size_t i, const std::set<size_t>& cut) {
  for (size_t at = i;;) {
    if (at % 2 == 0) return static_cast<int32_t>(at);
    if (cut.contains(at) || parents[at] == 0 || parents[at] > parents.size()) return -1;
    at = parents[at] - 1;
  }
}

void check(const std::vector<uint64_t>& parents) {
  const FactSet set = set_of(parents);
  const SpanTree tree(set);
  // All are in order once, and none before its parent.
  std::vector<bool> seen(parents.size());
  for (const uint32_t i : tree.top_down()) {
    EXPECT_FALSE(seen[i]);
    if (tree.has_parent(i)) {
      EXPECT_TRUE(seen[static_cast<size_t>(tree.parent(i))]);
    }
    seen[i] = true;
  }
  EXPECT_EQ(tree.top_down().size(), parents.size());

  const std::set<size_t> cut(tree.cycles().begin(), tree.cycles().end());
  const auto nearest = tree.nearest([](uint32_t i) { return i % 2 == 0; });
  for (size_t i = 0; i < parents.size(); ++i) {
    if (parents[i] == 0) {
      EXPECT_EQ(tree.parent(i), SpanTree::kRoot);
    } else if (parents[i] > parents.size()) {
      EXPECT_EQ(tree.parent(i), SpanTree::kOrphan);
    } else if (!cut.contains(i)) {
      EXPECT_EQ(tree.parent(i), static_cast<int32_t>(parents[i] - 1));
    }
    EXPECT_EQ(nearest[i], naive_nearest(parents, i, cut)) << i;
  }
}

TEST(SpanTree, Empty) { check({}); }
TEST(SpanTree, RootsChildrenAndOrphans) { check({0, 1, 1, 2, 99, 0}); }
TEST(SpanTree, CyclesAreCutOnce) {
  check({2, 1});
  check({2, 3, 1, 1, 4});
  EXPECT_EQ(SpanTree(set_of({2, 3, 1})).cycles().size(), 1u);
}

TEST(SpanTree, AgreesWithWalkingUp) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<uint64_t> parents(1 + random() % 60);
    for (uint64_t& parent : parents) {
      do parent = random() % (parents.size() + 3);
      while (parent == static_cast<uint64_t>(&parent - parents.data()) + 1);
    }
    check(parents);
  }
}

TEST(SpanTree, ALongChainTakesNoStack) {
  std::vector<uint64_t> parents(200'000);
  for (size_t i = 1; i < parents.size(); ++i) parents[i - 1] = i + 1;  // each below the next
  const SpanTree tree(set_of(parents));
  EXPECT_EQ(tree.top_down().front(), parents.size() - 1);
}

}  // namespace
}  // namespace callscope::calls
