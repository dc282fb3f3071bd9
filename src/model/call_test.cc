#include "model/call.h"

#include <gtest/gtest.h>

namespace callscope::model {
namespace {

CallSummary full() {
  CallSummary call;
  call.end_reason = "user \"left\"\n";
  call.turn_count = 3;
  call.frameworks = {{"pipecat", "1.7.0"}, {"livekit", ""}};
  call.models = {{OpKind::kStt, "deepgram", "nova-3"}, {OpKind::kLlm, "openai", ""}};
  call.tool_names = {"lookup", "bücher"};
  call.told_tools = {{"bücher", 1, 0}, {"lookup", 3, 2}};
  call.session_keys = {"AJ_1"};
  call.metadata = {{"customer", "ACME"}, {"", "x"}};
  call.totals = {.input_tokens = 12, .output_tokens = 0, .tts_audio_us = 5};
  call.cost_source = CostSource::kComputed;
  call.turn_reported_ms = {900, {}, 1200};
  call.turn_computed_ms = {{}, 800};
  call.reported = summarise(call.turn_reported_ms);
  call.computed = summarise(call.turn_computed_ms);
  return call;
}

TEST(PackedCall, ComesBackAsItWas) {
  const CallSummary call = full();
  CallSummary read;
  read.turn_count = call.turn_count;
  ASSERT_TRUE(unpack_rest(pack_rest(call), read));
  EXPECT_EQ(read, call);
}

TEST(PackedCall, AnEmptyOneTakesNothing) {
  EXPECT_EQ(pack_rest({}), "{}");
  CallSummary read;
  ASSERT_TRUE(unpack_rest("{}", read));
  EXPECT_EQ(read, CallSummary());
}

TEST(PackedCall, KeepsTheSummaryOfMoreTurnsThanItLists) {
  CallSummary call;
  call.turn_count = 1'000;
  call.reported = {.n = 1'000, .p50_ms = 5, .p95_ms = 9, .max_ms = 10};
  call.turn_reported_ms.assign(kTurnLatenciesMax, 5);
  CallSummary read;
  read.turn_count = call.turn_count;
  ASSERT_TRUE(unpack_rest(pack_rest(call), read));
  EXPECT_EQ(read, call);
}

TEST(PackedCall, PassesOverWhatALaterVersionAdds) {
  CallSummary read;
  EXPECT_TRUE(
      unpack_rest(R"({"zz":[1,{"a":2}],"t":["x"],"m":[["nonsense","p","m"]],"n":["a",3]})", read));
  EXPECT_EQ(read.tool_names, std::vector<std::string>{"x"});
  EXPECT_EQ(read.models.front().kind, OpKind::kOther);
  EXPECT_EQ(read.totals.output_tokens, Measure(3));
}

TEST(PackedCall, RefusesWhatItDidNotWrite) {
  CallSummary read;
  for (const std::string_view broken : {"", "[]", "{", "null"}) {
    const auto result = unpack_rest(broken, read);
    ASSERT_FALSE(result) << broken;
    EXPECT_EQ(result.error().code, ErrorCode::kDataLoss);
  }
}

TEST(Summarise, TakesTheNearestRank) {
  EXPECT_EQ(summarise({}), LatencySummary());
  EXPECT_EQ(summarise({{}, {}}), LatencySummary());
  EXPECT_EQ(summarise({7}), (LatencySummary{1, 7, 7, 7}));
  EXPECT_EQ(summarise({40, 10, {}, 30, 20}), (LatencySummary{4, 20, 40, 40}));
  std::vector<Measure> hundred;
  for (int i = 1; i <= 100; ++i) hundred.push_back(i);
  EXPECT_EQ(summarise(hundred), (LatencySummary{100, 50, 95, 100}));
}

TEST(CallState, FollowsSilenceAndTheRoot) {
  const TimeNs last{1'000'000'000'000};
  const auto after = [&](int64_t seconds) { return last + DurationNs::from_s(seconds); };
  EXPECT_EQ(call_state(false, last, after(19)), CallState::kRunning);
  EXPECT_EQ(call_state(false, last, after(20)), CallState::kQuiet);
  EXPECT_EQ(call_state(false, last, after(299)), CallState::kQuiet);
  EXPECT_EQ(call_state(false, last, after(300)), CallState::kEnded);
  EXPECT_EQ(call_state(true, last, after(0)), CallState::kEnded);
}

TEST(CallFlags, EachHasItsOwnText) {
  std::vector<std::string_view> codes;
  for (int i = 0; i < kCallFlagCount; ++i)
    codes.push_back(flag_text(static_cast<CallFlag>(1u << i)).code);
  EXPECT_EQ(codes.front(), "delay_over_60s");
  EXPECT_EQ(codes.back(), "field_conflict");
  std::sort(codes.begin(), codes.end());
  EXPECT_EQ(std::adjacent_find(codes.begin(), codes.end()), codes.end());
}

TEST(CallSources, AreNamed) {
  EXPECT_EQ(source_names(kFromOtlp | kFromRecording),
            (std::vector<std::string_view>{"otlp", "recording"}));
}

}  // namespace
}  // namespace callscope::model
