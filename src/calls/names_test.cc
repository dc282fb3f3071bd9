#include "calls/names.h"

#include <gtest/gtest.h>

namespace callscope::calls {
namespace {

TEST(NameTable, GivesEqualNamesTheSameId) {
  NameTable names;
  EXPECT_EQ(names.add(""), 0);
  const NameId a = names.add("deepgram");
  EXPECT_EQ(names.add("cartesia"), a + 1);
  EXPECT_EQ(names.add("deepgram"), a);
  EXPECT_EQ(names.at(a), "deepgram");
  EXPECT_EQ(names.at(0), "");
  EXPECT_EQ(names.find("cartesia"), a + 1);
  EXPECT_EQ(names.find("openai"), kNoName);
}

// Beyond a few names an index takes over, and at the end the table is full.
TEST(NameTable, HoldsManyAndThenNoMore) {
  NameTable names;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 66'000; ++i) {
      const std::string name = "name-" + std::to_string(i);
      const NameId id = names.add(name);
      if (i < 65'534)
        ASSERT_EQ(names.at(id), name);
      else
        ASSERT_EQ(id, 0);
    }
  }
}

}  // namespace
}  // namespace callscope::calls
