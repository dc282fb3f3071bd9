#include "serve/heard_latency.h"

#include <gtest/gtest.h>

#include "audio/analysis_json.h"
#include "serve/api_fixture.h"

namespace callscope::serve {
namespace {

class HeardLatencyTest : public ApiTest {
 protected:
  // With an answer that starts when the recording has its first.
  void receive_answered_call(uint8_t trace) {
    receive_call(trace);
    receive({.trace = trace,
             .id = 5,
             .parent = 1,
             .name = "tts",
             .start_ms = 1'900,
             .length_ms = 1'000,
             .attributes = {{"tts.provider", model::Value::of("cartesia")}}});
  }

  // A recording from the start of the call on, in which the agent answers after 1.4 and 0.6 s.
  void let_hear(CallId call) {
    const TimeNs now = shared_clock.now();
    store::Recording recording{.project = 1,
                               .agent = 1,
                               .call = call,
                               .key = fmt::format("recordings/1/{}", call),
                               .state = store::RecordingState::kComplete,
                               .channels = 2,
                               .started = start,
                               .created = now};
    audio::Analysis analysis;
    analysis.duration_s = 8;
    analysis.segments = {{0, 0.1, 0.5}, {1, 1.9, 3.0}, {0, 4.0, 4.3}, {1, 4.9, 6.0}};
    analysis.health.channels = 2;
    analysis.health.by_channel.resize(2);
    analysis.health.agent_channel.channel = 1;
    ok(catalog->write([&](store::Transaction& t) -> Result<void> {
      recording.id = TRY(t.add_recording(recording));
      return t.put_analysis({.recording = recording.id,
                             .project = 1,
                             .call = call,
                             .agent = 1,
                             .state = store::AnalysisState::kDone,
                             .attempts = 1,
                             .started = start,
                             .heard_ms = "1400,600",
                             .facts = audio::to_json(analysis)});
    }));
  }

  std::string heard_in(const boost::json::value& call) {
    return boost::json::serialize(call.at("latency").at("heard"));
  }
};

TEST_F(HeardLatencyTest, StandsBesideTheOthers) {
  receive_answered_call(1);
  receive_call(2);
  const CallId call = call_of(1);
  const CallId silent = call_of(2);
  const std::string one = fmt::format("/api/v1/calls/{}", call);
  EXPECT_EQ(heard_in(get(one)), "null");
  let_hear(call);
  EXPECT_EQ(heard_in(get(one)), R"({"n":2,"p50_ms":600,"p95_ms":1400,"max_ms":1400,)"
                                R"("slowest_turn":0})");
  const boost::json::value page = get("/api/v1/calls");
  for (const auto& item : page.at("items").as_array()) {
    EXPECT_EQ(heard_in(item), item.at("id") == silent
                                  ? "null"
                                  : R"({"n":2,"p50_ms":600,"p95_ms":1400,"max_ms":1400})");
  }
}

TEST_F(HeardLatencyTest, FiltersCalls) {
  receive_answered_call(1);
  receive_call(2);
  let_hear(call_of(1));
  const auto count = [&](std::string_view query) {
    return get(fmt::format("/api/v1/calls?{}", query)).at("items").as_array().size();
  };
  EXPECT_EQ(count("min_heard_latency_ms=1400"), 1u);
  EXPECT_EQ(count("min_heard_latency_ms=1400.5"), 0u);
  EXPECT_EQ(count("min_heard_latency_ms=100&text=llm"), 1u);
  EXPECT_EQ(count("min_heard_latency_ms=100&text=nowhere"), 0u);
  EXPECT_EQ(error("/api/v1/calls?min_heard_latency_ms=-1", 400),
            "invalid_argument min_heard_latency_ms");
}

TEST_F(HeardLatencyTest, TheSlowestAreListed) {
  receive_answered_call(1);
  receive_call(2);
  const CallId call = call_of(1);
  let_hear(call);
  const boost::json::value page = get("/api/v1/stats/turns?source=heard");
  ASSERT_EQ(page.at("items").as_array().size(), 2u);
  const boost::json::value& slowest = page.at_pointer("/items/0");
  EXPECT_EQ(slowest.at("call_id"), call);
  EXPECT_EQ(slowest.at("latency_ms"), 1'400);
  EXPECT_EQ(slowest.at("source"), "heard");
  EXPECT_EQ(slowest.at("turn_index"), 0);
  EXPECT_EQ(page.at_pointer("/items/1/latency_ms"), 600);
  EXPECT_EQ(get("/api/v1/stats/turns?source=heard&limit=1").at("items").as_array().size(), 1u);
}

}  // namespace
}  // namespace callscope::serve
