#include "audio/attribution.h"

#include <gtest/gtest.h>

namespace callscope::audio {
namespace {

constexpr Stage kAll[] = {Stage::kEndpointing, Stage::kStt, Stage::kLlm,
                          Stage::kTool,        Stage::kTts, Stage::kPlayout};

// "endpointing 200 stt ? llm 300 …", and the sum holds.
std::string spell(const Interval& gap, const std::vector<StageSpan>& spans,
                  std::span<const Stage> captured = kAll) {
  const auto split = attribute_gap(gap, spans, captured);
  if (!split) return "none";
  std::string out;
  int64_t sum = 0;
  for (const GapPart& part : split->parts) {
    if (part.ms == 0) continue;
    if (!out.empty()) out += ' ';
    out += fmt::format("{} {}", to_string(part.stage), part.ms ? std::to_string(*part.ms) : "?");
    sum += part.ms.value_or(0);
  }
  EXPECT_EQ(sum, split->heard_ms);
  return out;
}

TEST(Attribution, StagesInARow) {
  EXPECT_EQ(spell({10, 12}, {{Stage::kEndpointing, 9.5, 10.5, "v"},
                             {Stage::kStt, 10.2, 10.7, "s"},
                             {Stage::kLlm, 10.7, 11.3, "l"},
                             {Stage::kTts, 11.3, 11.6, "t"},
                             {Stage::kPlayout, 11.6, 11.8, "p"}}),
            "endpointing 500 stt 200 llm 600 tts 300 playout 200 unexplained 200");
}

TEST(Attribution, WhatNoSpanCoversIsItsOwnPart) {
  EXPECT_EQ(spell({0, 1.5}, {}), "unexplained 1500");
  EXPECT_EQ(spell({0, 1.5}, {{Stage::kLlm, 5, 6, "late"}}), "unexplained 1500");
}

TEST(Attribution, AStageNobodyReportsIsNotCaptured) {
  const Stage captured[] = {Stage::kLlm, Stage::kTts};
  EXPECT_EQ(spell({0, 1}, {{Stage::kLlm, 0.25, 0.75, "l"}}, captured),
            "endpointing ? stt ? llm 500 tool ? playout ? unexplained 500");
}

TEST(Attribution, ParallelToolsCountOnce) {
  const std::vector<StageSpan> spans{
      {Stage::kLlm, 0, 2, "l"}, {Stage::kTool, 0.5, 1.5, "a"}, {Stage::kTool, 0.7, 1.2, "b"}};
  EXPECT_EQ(spell({0, 2}, spans), "llm 1000 tool 1000");
  const auto split = attribute_gap({0, 2}, spans, kAll);
  const GapPart& tools = split->parts[static_cast<size_t>(Stage::kTool)];
  ASSERT_EQ(tools.tools.size(), 2U);
  EXPECT_EQ(tools.tools[0].ms, 1000);
  EXPECT_EQ(tools.tools[1].ms, 500);
}

TEST(Attribution, SumsAreExactForAnyTimes) {
  uint32_t seed = 7;
  const auto random = [&seed] {
    return static_cast<double>((seed = seed * 1664525 + 1013904223) >> 8) / (1 << 24);
  };
  for (int i = 0; i < 300; ++i) {
    std::vector<StageSpan> spans;
    for (int k = 0; k < 8; ++k) {
      const double start = random() * 4 - 1;
      spans.push_back(
          {static_cast<Stage>(static_cast<int>(random() * 6)), start, start + random(), "x"});
    }
    spell({0.1, 0.1003 + random() * 2}, spans);
  }
}

TEST(Attribution, NoGapNoParts) { EXPECT_EQ(spell({5, 5}, {}), "none"); }

}  // namespace
}  // namespace callscope::audio
