#include "audio/clock_alignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace callscope::audio {
namespace {

// A lag of that many seconds, evenly between both.
struct Lags {
  double min_s = 0, max_s = 0;
};

// How a call's spans show its sounds.
struct Shape {
  int turns = 8;
  double offset_s = 0;
  double drift_ppm = 0;
  double turn_s = 7;
  ClockSign agent = ClockSign::kAgentSpeech;
  Lags agent_lag = {-0.02, 0.02};
  ClockSign caller = ClockSign::kCallerSpeechEnd;
  Lags caller_lag = {0, 0.05};
  uint32_t seed = 11;
};

ClockEvidence call(const Shape& shape) {
  ClockEvidence evidence;
  uint32_t seed = shape.seed;
  const auto random = [&seed](double from, double to) {
    seed = seed * 1664525 + 1013904223;
    return from + (to - from) * static_cast<double>(seed >> 8) / (1 << 24);
  };
  const auto shown = [&](double audio_s, const Lags& lag) {
    return shape.offset_s + audio_s * (1 + shape.drift_ppm / 1e6) + random(lag.min_s, lag.max_s);
  };
  double audio_s = 1;
  for (int i = 0; i < shape.turns; ++i) {
    audio_s += shape.turn_s * random(0.5, 1.5);
    evidence.heard_caller_ends_s.push_back(audio_s);
    evidence.of(shape.caller).push_back(shown(audio_s, shape.caller_lag));
    const double answered_s = audio_s + random(0.7, 1.7);
    evidence.heard_agent_starts_s.push_back(answered_s);
    evidence.of(shape.agent).push_back(shown(answered_s, shape.agent_lag));
  }
  return evidence;
}

TEST(ClockAlignment, FourTurnsGiveTheOffset) {
  for (const double offset_s : {0.0, 2.5, -1.75, 33.0}) {
    const ClockAlignment found = align_clocks(call({.turns = 4, .offset_s = offset_s}), {});
    ASSERT_TRUE(found.known) << offset_s;
    EXPECT_NEAR(found.offset_s, offset_s, 0.05);
    EXPECT_EQ(to_string(found.method), "matched");
    EXPECT_EQ(found.matches, 8);
    EXPECT_LT(found.uncertainty_s, 0.1);
  }
}

TEST(ClockAlignment, DriftIsFound) {
  const ClockAlignment found =
      align_clocks(call({.turns = 40, .offset_s = 1, .drift_ppm = 200, .turn_s = 30}), {});
  ASSERT_TRUE(found.known);
  EXPECT_NEAR(found.drift_ppm, 200, 40);
  EXPECT_NEAR(found.to_span_clock(600), 601 + 0.12, 0.05);
  EXPECT_NEAR(found.to_audio_clock(found.to_span_clock(123)), 123, 1e-9);
}

TEST(ClockAlignment, MatchingRefinesWhatWasStated) {
  ClockEvidence evidence = call({.offset_s = 1.2});
  evidence.stated_offset_s = 0.9;
  const ClockAlignment found = align_clocks(evidence, {});
  EXPECT_NEAR(found.offset_s, 1.2, 0.05);
  EXPECT_EQ(to_string(found.method), "stated+matched");
}

// What frameworks without speaking spans show: the first byte of a synthesis, a transcript.
struct Pipeline {
  const char* name;
  Shape shape;
  double error_s;  // of one call in ten is larger
  double bias_s;   // the median over many calls lies within
};

TEST(ClockAlignment, SignsThatLagBoundTheOffsetFromBothSides) {
  const Pipeline pipelines[] = {
      {"bytes heard at once, ends as detected",
       {.agent = ClockSign::kAgentBytes, .agent_lag = {-0.02, 0}, .caller_lag = {0, 0.04}},
       0.03,
       0.02},
      {"bytes heard 100 to 400 ms later, ends as detected",
       {.agent = ClockSign::kAgentBytes, .agent_lag = {-0.4, -0.1}, .caller_lag = {0, 0.05}},
       0.05,
       0.03},
      {"bytes heard 100 to 400 ms later, transcripts 200 to 500 ms after the end",
       {.agent = ClockSign::kAgentBytes,
        .agent_lag = {-0.4, -0.1},
        .caller = ClockSign::kCallerUnderstood,
        .caller_lag = {0.2, 0.5}},
       0.1,
       0.03},
      {"bytes heard at once, transcripts 300 ms after the end",
       {.agent = ClockSign::kAgentBytes,
        .agent_lag = {-0.01, 0.01},
        .caller = ClockSign::kCallerUnderstood,
        .caller_lag = {0.29, 0.31}},
       0.05,
       0.045},
  };
  for (const Pipeline& pipeline : pipelines) {
    std::vector<double> errors, sizes;
    int unknown = 0;
    for (uint32_t seed = 1; seed <= 200; ++seed) {
      Shape shape = pipeline.shape;
      shape.seed = seed * 7919;
      shape.offset_s = 0.01 * seed - 1;
      const ClockAlignment found = align_clocks(call(shape), {});
      if (!found.known) {
        ++unknown;
        continue;
      }
      errors.push_back(found.offset_s - shape.offset_s);
      sizes.push_back(std::fabs(errors.back()));
    }
    std::sort(errors.begin(), errors.end());
    std::sort(sizes.begin(), sizes.end());
    EXPECT_LE(unknown, 4) << pipeline.name;
    EXPECT_LE(sizes[sizes.size() * 9 / 10], pipeline.error_s) << pipeline.name;
    EXPECT_NEAR(errors[errors.size() / 2], 0, pipeline.bias_s) << pipeline.name;
  }
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
  EXPECT_FALSE(align_clocks(call({.turns = 1, .offset_s = 2}), {}).known);
}

ClockEvidence rhythm(double offset_s) {
  ClockEvidence evidence;
  for (int i = 0; i < 20; ++i) {
    evidence.heard_agent_starts_s.push_back(i * 5.0);
    evidence.of(ClockSign::kAgentSpeech).push_back(i * 5.0 + offset_s);
  }
  return evidence;
}

TEST(ClockAlignment, AnEvenRhythmFitsManyOffsetsAndIsUnknown) {
  EXPECT_FALSE(align_clocks(rhythm(12.3), {}).known);
}

TEST(ClockAlignment, AnEvenRhythmOfARecordingThatBeganWithTheCallIsKnown) {
  const ClockAlignment found = align_clocks(rhythm(-0.3), {});
  EXPECT_TRUE(found.known);
  EXPECT_NEAR(found.offset_s, -0.3, 0.01);
}

TEST(ClockAlignment, WhatHasNothingInCommonIsUnknown) {
  int known = 0;
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    ClockEvidence evidence = call({.turns = 12, .seed = seed});
    const ClockEvidence other = call({.turns = 12, .seed = seed + 1000});
    evidence.shown_s = other.shown_s;
    known += align_clocks(evidence, {}).known ? 1 : 0;
  }
  EXPECT_LE(known, 2);
}

TEST(ClockAlignment, PausesThatNoDetectorNoticesAreNoSigns) {
  ClockEvidence evidence;
  add_heard(evidence, {.caller = {{1, 2}, {2.3, 3}, {8, 9}},
                       .agent = {{4, 5}, {5.4, 6}, {10, 12}},
                       .duration_s = 13});
  EXPECT_EQ(evidence.heard_agent_starts_s, (std::vector<double>{4, 10}));
  EXPECT_EQ(evidence.heard_caller_starts_s, (std::vector<double>{1, 8}));
  EXPECT_EQ(evidence.heard_caller_ends_s, (std::vector<double>{3, 9}));
}

}  // namespace
}  // namespace callscope::audio
