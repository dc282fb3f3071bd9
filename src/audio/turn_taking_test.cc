#include "audio/turn_taking.h"

#include <gtest/gtest.h>

#include "audio/metrics.h"

namespace callscope::audio {
namespace {

constexpr double kEnough = 1e-9;

TurnTaking walk(std::vector<Interval> caller, std::vector<Interval> agent, double duration_s = 30) {
  return take_turns({std::move(caller), std::move(agent), duration_s}, {});
}

int64_t count(const TurnTaking& walked, EventType type) {
  return std::count_if(walked.events.begin(), walked.events.end(),
                       [&](const Event& e) { return e.type == type; });
}

// "A 1.0-2.0", one a line, with the signed offset where there is one.
std::string spell(const TurnTaking& walked) {
  std::string out;
  for (const Turn& turn : walked.turns) {
    out += fmt::format("{} {:.1f}-{:.1f}", turn.speaker == Speaker::kAgent ? 'A' : 'C',
                       turn.start_s, turn.end_s);
    if (turn.floor_transfer_offset_s) out += fmt::format(" {:+.1f}", *turn.floor_transfer_offset_s);
    if (turn.within_other) out += " within";
    if (turn.unanswered) out += " unanswered";
    out += '\n';
  }
  return out;
}

TEST(TurnTaking, AnswersFollowWithTheirLatency) {
  const TurnTaking walked = walk({{3, 5}, {9, 10}}, {{1, 2.5}, {6, 8}, {11.5, 14}});
  EXPECT_EQ(spell(walked),
            "A 1.0-2.5\nC 3.0-5.0 +0.5\nA 6.0-8.0 +1.0\nC 9.0-10.0 +1.0\nA 11.5-14.0 +1.5\n");
  EXPECT_FALSE(walked.turns[0].response_latency_s);
  EXPECT_FALSE(walked.turns[1].response_latency_s) << "only the agent responds";
  EXPECT_NEAR(*walked.turns[2].response_latency_s, 1.0, kEnough);
  EXPECT_NEAR(*walked.turns[4].response_latency_s, 1.5, kEnough);
  EXPECT_EQ(count(walked, EventType::kGap), 4);
}

TEST(TurnTaking, PausesStayInsideATurn) {
  const TurnTaking walked = walk({{1, 2}, {3.5, 4}}, {{5, 6}});
  EXPECT_EQ(spell(walked), "C 1.0-4.0\nA 5.0-6.0 +1.0\n");
  EXPECT_EQ(count(walked, EventType::kPause), 1);
}

TEST(TurnTaking, ALongSilenceEndsATurn) {
  const TurnTaking walked = walk({{1, 2}, {8, 9}}, {{10, 11}});
  EXPECT_EQ(spell(walked), "C 1.0-2.0 unanswered\nC 8.0-9.0\nA 10.0-11.0 +1.0\n");
  const auto dead = std::find_if(walked.events.begin(), walked.events.end(),
                                 [](const Event& e) { return e.type == EventType::kDeadAir; });
  ASSERT_NE(dead, walked.events.end());
  EXPECT_EQ(dead->speaker, Speaker::kAgent) << "the caller had asked";
  EXPECT_NEAR(dead->end_s - dead->start_s, 6, kEnough);
}

TEST(TurnTaking, AnOverlapAtATransferIsNegative) {
  const TurnTaking walked = walk({{1, 5}}, {{4.5, 8}});
  EXPECT_EQ(spell(walked), "C 1.0-5.0\nA 4.5-8.0 -0.5\n");
  EXPECT_FALSE(walked.turns[1].response_latency_s);
  EXPECT_EQ(count(walked, EventType::kInterruption), 1);
}

TEST(TurnTaking, ABackchannelIsNoTurn) {
  const TurnTaking walked = walk({{1, 2}, {6, 6.4}, {12, 13}}, {{3, 10}});
  EXPECT_EQ(spell(walked), "C 1.0-2.0\nA 3.0-10.0 +1.0\nC 12.0-13.0 +2.0 unanswered\n");
  EXPECT_EQ(count(walked, EventType::kBackchannel), 1);
}

TEST(TurnTaking, ABackchannelMayOverlapThePausesOfTheOther) {
  const std::string expected = "C 0.5-1.5\nA 3.0-9.0 +1.5\n";
  // Wholly inside a talkspurt that pauses soon after; across its end; up to where it goes on.
  EXPECT_EQ(spell(walk({{0.5, 1.5}, {5, 5.4}}, {{3, 5.6}, {6.1, 9}}, 9)), expected);
  EXPECT_EQ(spell(walk({{0.5, 1.5}, {5.3, 5.7}}, {{3, 5.5}, {5.9, 9}}, 9)), expected);
  EXPECT_EQ(spell(walk({{0.5, 1.5}, {5.6, 6.0}}, {{3, 5.5}, {5.9, 9}}, 9)), expected);
}

TEST(TurnTaking, AShortAnswerIsATurn) {
  const TurnTaking walked = walk({{4, 4.3}}, {{1, 3.5}, {5, 8}});
  EXPECT_EQ(spell(walked), "A 1.0-3.5\nC 4.0-4.3 +0.5\nA 5.0-8.0 +0.7\n");
}

TEST(TurnTaking, ABargeInTakesTheFloor) {
  const TurnTaking walked = walk({{4, 7}}, {{1, 4.6}, {8, 9}});
  EXPECT_EQ(spell(walked), "A 1.0-4.6\nC 4.0-7.0 -0.6\nA 8.0-9.0 +1.0\n");
  for (const Event& event : walked.events) {
    if (event.type != EventType::kInterruption) continue;
    EXPECT_EQ(event.speaker, Speaker::kCaller);
    EXPECT_TRUE(event.yielded && event.counted);
    EXPECT_NEAR(*event.yield_s, 0.6, kEnough);
  }
}

TEST(TurnTaking, AFailedInterruptionKeepsTheFloorWhereItWas) {
  const TurnTaking walked = walk({{3, 5}}, {{1, 6}, {6.4, 9}});
  EXPECT_EQ(spell(walked), "A 1.0-9.0\nC 3.0-5.0 within\n");
}

TEST(TurnTaking, StoppingForATokenIsAFalseYield) {
  const TurnTaking walked = walk({{4, 4.5}, {12, 13}}, {{1, 4.7}, {6, 10}});
  EXPECT_EQ(count(walked, EventType::kFalseYield), 1);
}

TEST(TurnTaking, NobodySpeaks) {
  EXPECT_TRUE(walk({}, {}).turns.empty());
  EXPECT_TRUE(walk({}, {}).events.empty());
}

TEST(Metrics, ComeFromTheEvents) {
  const Talk talk{{{3, 5}, {9, 10}}, {{1, 2.5}, {6, 8}, {11.5, 14}}, 15};
  const Metrics metrics = measure(talk, take_turns(talk, {}), {});
  EXPECT_EQ(metrics.response_latency_s.n, 2);
  EXPECT_NEAR(metrics.response_latency_s.p50, 1.25, kEnough);
  EXPECT_NEAR(*metrics.time_to_first_audio_s, 1, kEnough);
  EXPECT_NEAR(metrics.agent.share, 6.0 / 15, kEnough);
  EXPECT_NEAR(metrics.silence_share, 6.0 / 15, kEnough);
  EXPECT_NEAR(*metrics.hosted.latency_ms_mean, 1250, 1e-6);
  EXPECT_NEAR(*metrics.eva.score, 1, kEnough);
  EXPECT_FALSE(metrics.tau_voice.response_rate) << "two turns are too few for a rate";
}

}  // namespace
}  // namespace callscope::audio
