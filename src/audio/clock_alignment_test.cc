#include "audio/clock_alignment.h"

#include <gtest/gtest.h>

namespace callscope::audio {
namespace {

// A call of that many turns whose clocks differ by `offset_s` and `drift_ppm`, edges jittered by up
// to ±20 ms.
ClockEvidence call(int turns, double offset_s, double drift_ppm = 0, double length_s = 300) {
  ClockEvidence evidence;
  uint32_t seed = 11;
  const auto random = [&seed] {
    return static_cast<double>((seed = seed * 1664525 + 1013904223) >> 8) / (1 << 24);
  };
  double audio_s = 1;
  for (int i = 0; i < turns; ++i) {
    audio_s += length_s / turns * (0.5 + random());
    const auto jitter = [&] { return (random() - 0.5) * 0.04; };
    evidence.heard_caller_ends_s.push_back(audio_s);
    evidence.caller_ends_s.push_back(offset_s + audio_s * (1 + drift_ppm / 1e6) + 0.1 + jitter());
    const double answered_s = audio_s + 0.7 + random();
    evidence.heard_agent_starts_s.push_back(answered_s);
    evidence.agent_starts_s.push_back(offset_s + answered_s * (1 + drift_ppm / 1e6) + jitter());
  }
  return evidence;
}

TEST(ClockAlignment, FourTurnsGiveTheOffset) {
  for (const double offset_s : {0.0, 2.5, -1.75, 33.0}) {
    const ClockAlignment found = align_clocks(call(4, offset_s), {});
    ASSERT_TRUE(found.known) << offset_s;
    EXPECT_NEAR(found.offset_s, offset_s, 0.05);
    EXPECT_EQ(to_string(found.method), "matched");
    EXPECT_EQ(found.matches, 4);
    EXPECT_LT(found.uncertainty_s, 0.1);
  }
}

TEST(ClockAlignment, DriftIsFound) {
  const ClockAlignment found = align_clocks(call(40, 1.0, 200, 1200), {});
  ASSERT_TRUE(found.known);
  EXPECT_NEAR(found.drift_ppm, 200, 40);
  EXPECT_NEAR(found.to_span_clock(600), 601 + 0.12, 0.05);
  EXPECT_NEAR(found.to_audio_clock(found.to_span_clock(123)), 123, 1e-9);
}

TEST(ClockAlignment, MatchingRefinesWhatWasStated) {
  ClockEvidence evidence = call(8, 1.2);
  evidence.stated_offset_s = 0.9;
  const ClockAlignment found = align_clocks(evidence, {});
  EXPECT_NEAR(found.offset_s, 1.2, 0.05);
  EXPECT_EQ(to_string(found.method), "stated+matched");
}

TEST(ClockAlignment, StatedAloneIsTaken) {
  ClockEvidence evidence;
  evidence.stated_offset_s = 0.4;
  const ClockAlignment found = align_clocks(evidence, {});
  EXPECT_TRUE(found.known);
  EXPECT_EQ(found.offset_s, 0.4);
  EXPECT_EQ(to_string(found.method), "stated");
}

TEST(ClockAlignment, TooLittleEvidenceIsUnknown) {
  EXPECT_FALSE(align_clocks({}, {}).known);
  EXPECT_FALSE(align_clocks(call(1, 2), {}).known);
}

TEST(ClockAlignment, AnEvenRhythmFitsManyOffsetsAndIsUnknown) {
  ClockEvidence evidence;
  for (int i = 0; i < 20; ++i) {
    evidence.heard_agent_starts_s.push_back(i * 5.0);
    evidence.agent_starts_s.push_back(i * 5.0 + 12.3);
  }
  EXPECT_FALSE(align_clocks(evidence, {}).known);
}

TEST(ClockAlignment, WhatHasNothingInCommonIsUnknown) {
  ClockEvidence evidence = call(12, 0);
  const ClockEvidence other = call(5, 0, 0, 97);
  evidence.agent_starts_s = other.heard_caller_ends_s;
  evidence.caller_ends_s = other.heard_agent_starts_s;
  for (double& s : evidence.agent_starts_s) s = s * 1.37 + 3;
  EXPECT_FALSE(align_clocks(evidence, {}).known);
}

}  // namespace
}  // namespace callscope::audio
