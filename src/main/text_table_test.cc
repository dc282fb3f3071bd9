#include "main/text_table.h"

#include <gtest/gtest.h>

namespace callscope {
namespace {

TEST(TextTable, ColumnsAreAsWideAsTheirWidestCell) {
  TextTable table({"ID", "NAME"});
  table.add({"1", "Fräulein"});
  table.add({"1234", "x"});
  EXPECT_EQ(table.text(), "ID    NAME\n1     Fräulein\n1234  x\n");
}

TEST(TextTable, NothingThatIsShownControlsTheTerminal) {
  TextTable table({"A", "B"});
  table.add({"\x1B[31mred\n", "é"});
  EXPECT_EQ(table.text(), "A          B\n [31mred   é\n");
}

TEST(OneLine, CutsBetweenCharacters) {
  EXPECT_EQ(one_line("short", 10), "short");
  EXPECT_EQ(one_line("exactly ten", 11), "exactly ten");
  EXPECT_EQ(one_line("exactly ten", 10), "exactly t…");
  EXPECT_EQ(one_line("ééé", 3), "ééé");
  EXPECT_EQ(one_line("éééé", 3), "éé…");
  EXPECT_EQ(one_line("a\nb\tc", 9), "a b c");
  EXPECT_EQ(one_line("", 3), "");
}

}  // namespace
}  // namespace callscope
