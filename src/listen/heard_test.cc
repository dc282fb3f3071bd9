#include "listen/heard.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace callscope::listen {
namespace {

using model::OpKind;

constexpr TimeNs kCallStart{1'795'000'000'000'000'000};

// A call with a recording and the spans that a framework makes of it.
class FrameworkCall {
 public:
  FrameworkCall(uint32_t seed, double offset_s) : random_(seed), offset_s_(offset_s) {
    call_.summary.started = kCallStart;
    analysis_.health.agent_channel.channel = 1;
    analysis_.health.by_channel.resize(2);
  }

  double between(double from, double to) {
    return std::uniform_real_distribution(from, to)(random_);
  }

  // On the recording's clock.
  void speak(int channel, double from_s, double to_s) {
    analysis_.segments.push_back({channel, from_s, to_s});
    analysis_.duration_s = to_s + 1;
  }

  // From and to on the recording's clock; the span is on its own.
  model::SpanFacts& add(OpKind kind, double from_s, double to_s, std::string_view framework) {
    model::Span& raw = raw_.emplace_back();
    raw.span_id.bytes[7] = static_cast<uint8_t>(raw_.size());
    raw.start = at(from_s);
    raw.end = at(to_s);
    calls::CallSpan& span = spans_.emplace_back();
    span.span = &raw;
    span.facts.kind = kind;
    span.facts.framework = framework;
    return span.facts;
  }

  void add_turn(double from_s, double to_s, double answered_s) {
    model::Turn& turn = call_.turns.emplace_back();
    turn.index = static_cast<uint32_t>(call_.turns.size() - 1);
    turn.start = at(from_s);
    turn.end = at(to_s);
    turn.agent.emplace().start = at(answered_s);
  }

  audio::ClockAlignment align(RecordingClock clock = {}) {
    audio::derive(analysis_);
    return listen::align(call_, spans_, analysis_, clock);
  }
  void add_heard(const audio::ClockAlignment& alignment) {
    listen::add_heard(analysis_, alignment, spans_, call_);
  }
  model::Call& call() { return call_; }
  audio::Analysis& analysis() { return analysis_; }
  TimeNs at(double audio_s) const {
    return kCallStart + DurationNs{std::llround((audio_s + offset_s_) * 1e9)};
  }

 private:
  std::mt19937 random_;
  double offset_s_;
  model::Call call_;
  audio::Analysis analysis_;
  std::deque<model::Span> raw_;
  std::vector<calls::CallSpan> spans_;
};

// Pipecat's turn, stt, llm and tts spans; the sound leaves 100 to 400 ms behind its first byte, and
// the transcript comes 200 to 500 ms after the caller's last word.
void add_pipecat(FrameworkCall& call, int turns) {
  double now = call.between(1, 3);
  for (int i = 0; i < turns; ++i) {
    const double ended = now + call.between(0.8, 4);
    call.speak(0, now, ended);
    const double understood = ended + call.between(0.2, 0.5);
    const double asked = understood + call.between(0.3, 0.9);
    const double first_byte = asked + call.between(0.15, 0.3);
    const double answered = first_byte + call.between(0.1, 0.4);
    const double fell_silent = answered + call.between(1.5, 6);
    call.speak(1, answered, fell_silent);
    call.add(OpKind::kTurn, now + 0.2, fell_silent + 2.5, "pipecat").turn_index = i + 1;
    call.add(OpKind::kStt, now + 0.05, understood, "pipecat");
    call.add(OpKind::kLlm, understood, asked + 0.2, "pipecat").latency_us =
        std::llround((asked - understood) * 1e6);
    call.add(OpKind::kTts, asked, fell_silent - 1, "pipecat").latency_us =
        std::llround((first_byte - asked) * 1e6);
    // The sentences that follow are made while the first is heard.
    call.add(OpKind::kTts, asked + 0.3, fell_silent - 0.5, "pipecat").latency_us = 100'000;
    call.add_turn(now, fell_silent, answered);
    now = fell_silent + call.between(0.4, 2.5);
  }
}

// LiveKit's speaking spans.
void add_livekit(FrameworkCall& call, int turns) {
  double now = call.between(1, 3);
  for (int i = 0; i < turns; ++i) {
    const double ended = now + call.between(0.8, 4);
    call.speak(0, now, ended);
    call.add(OpKind::kUserSpeech, now + call.between(0, 0.1), ended + call.between(0, 0.1),
             "livekit");
    const double answered = ended + call.between(0.8, 2);
    const double fell_silent = answered + call.between(1.5, 6);
    call.speak(1, answered, fell_silent);
    call.add(OpKind::kTts, answered - 0.3, answered, "livekit").latency_us = 250'000;
    call.add(OpKind::kAgentSpeech, answered + call.between(-0.02, 0.02), fell_silent, "livekit");
    call.add_turn(now, fell_silent, answered);
    now = fell_silent + call.between(0.4, 2.5);
  }
}

struct Errors {
  int unknown = 0;
  int above_50_ms = 0;
  double sum_s = 0;
};
template <typename Add>
Errors errors_of(int calls, int turns, Add add) {
  Errors errors;
  for (int i = 0; i < calls; ++i) {
    const double offset_s = -2 + 0.13 * i;
    FrameworkCall call(static_cast<uint32_t>(i), offset_s);
    add(call, turns);
    const audio::ClockAlignment found = call.align();
    errors.unknown += found.known ? 0 : 1;
    if (!found.known) continue;
    const double error = found.offset_s - offset_s;
    errors.above_50_ms += std::fabs(error) > 0.05 ? 1 : 0;
    errors.sum_s += error;
    EXPECT_LE(std::fabs(error), found.uncertainty_s + 0.05) << "call " << i;
  }
  return errors;
}

TEST(Heard, PipecatsClockIsFound) {
  const Errors errors = errors_of(100, 8, add_pipecat);
  EXPECT_LE(errors.unknown, 1);
  EXPECT_LE(errors.above_50_ms, 10);
  EXPECT_NEAR(errors.sum_s / 100, 0, 0.03);
}

TEST(Heard, LiveKitsClockIsFoundFromFourTurns) {
  const Errors errors = errors_of(100, 4, add_livekit);
  EXPECT_LE(errors.unknown, 1);
  EXPECT_EQ(errors.above_50_ms, 0);
  EXPECT_NEAR(errors.sum_s / 100, 0, 0.01);
}

TEST(Heard, OneTurnIsTooLittle) {
  FrameworkCall call(1, 0.4);
  add_pipecat(call, 1);
  EXPECT_FALSE(call.align().known);
  const audio::ClockAlignment stated = call.align({.started = call.at(0), .nudge_s = {}});
  EXPECT_TRUE(stated.known);
  EXPECT_NEAR(stated.offset_s, 0.4, 1e-6);
}

TEST(Heard, ATranscriptStandsInForSpans) {
  FrameworkCall call(5, 0.7);
  call.call().transcript_source = "observe";
  double now = 1;
  for (int i = 0; i < 6; ++i) {
    const double ended = now + call.between(0.8, 4), answered = ended + call.between(0.5, 2);
    call.speak(0, now, ended);
    call.speak(1, answered, answered + 2);
    for (const auto& [role, from, to] : {std::tuple(model::Role::kCaller, now, ended),
                                         std::tuple(model::Role::kAgent, answered, answered + 2)}) {
      model::CallUtterance& said = call.call().transcript.emplace_back();
      said.role = role;
      said.start = call.at(from);
      said.end = call.at(to);
    }
    now = answered + 2 + call.between(0.6, 2);
  }
  const audio::ClockAlignment found = call.align();
  ASSERT_TRUE(found.known);
  EXPECT_NEAR(found.offset_s, 0.7, 0.05);
}

TEST(Heard, TheCallTellsOfToolsWordsAndLength) {
  FrameworkCall call(4, 0.5);
  add_livekit(call, 6);
  const audio::ClockAlignment alignment = call.align();
  ASSERT_TRUE(alignment.known);
  call.call().summary.span_count = 1;
  call.call().summary.sources = model::kFromOtlp;
  call.call().summary.ended = kCallStart + DurationNs::from_s(600);
  for (const auto& [role, text] :
       {std::pair(model::Role::kCaller, "one two  three"), std::pair(model::Role::kAgent, "one")}) {
    model::CallUtterance& said = call.call().transcript.emplace_back();
    said.role = role;
    said.text = text;
  }
  // In the silence before the second answer.
  model::ToolUse& tool = call.call().tools.emplace_back();
  tool.start = call.call().turns[1].agent->start - DurationNs::from_us(200'000);
  tool.duration_us = 50'000;
  audio::Analysis& analysis = call.analysis();
  add_context(call.call(), alignment, analysis);
  EXPECT_EQ(analysis.metrics.response_latency_with_tool_s.n, 1);
  EXPECT_EQ(analysis.metrics.response_latency_without_tool_s.n, 5);
  EXPECT_NEAR(*analysis.metrics.caller.words_per_minute, 3 / analysis.metrics.caller.speech_s * 60,
              0.01);
  ASSERT_FALSE(analysis.health.flags.empty());
  EXPECT_EQ(analysis.health.flags[0].code, "length_differs_from_call");
}

TEST(Heard, PartsSumToTheSilence) {
  FrameworkCall call(3, 1.5);
  add_pipecat(call, 6);
  call.add_heard(call.align());
  for (const model::Turn& turn : call.call().turns) {
    ASSERT_TRUE(turn.heard_ms.has_value());
    int64_t sum = 0;
    for (const model::HeardPart& part : turn.heard_parts) sum += part.ms.value_or(0);
    EXPECT_EQ(sum, *turn.heard_ms);
    EXPECT_GT(*turn.heard_ms, 700);
  }
}

}  // namespace
}  // namespace callscope::listen
