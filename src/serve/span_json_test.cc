#include "serve/span_json.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "serve/jaeger_json.h"

namespace callscope::serve {
namespace {

using model::Value;

class SpanJsonTest : public testing::Test {
 protected:
  SpanJsonTest() {
    resource_.attributes = {{"service.name", Value::of("front desk")}};
    scope_ = {.name = "my.agent", .version = "1.2"};
    span_.trace_id = *TraceId::from_hex("0102030405060708090a0b0c0d0e0f10");
    span_.span_id = *SpanId::from_hex("a1a2a3a4a5a6a7a8");
    span_.name = "llm";
    span_.kind = model::OtelKind::kInternal;
    span_.start = {1'700'000'000'000'000'001};
    span_.end = {1'700'000'000'500'000'001};
    span_.resource = &resource_;
    span_.scope = &scope_;
  }

  boost::json::value write(SpanForm form = SpanForm::kFull) {
    std::string out;
    SpanJson(classifier_, *prices_).append(out, span_, form);
    return boost::json::parse(out);
  }
  std::string text_at(const boost::json::value& json, std::string_view pointer) {
    return std::string(json.at_pointer({pointer.data(), pointer.size()}).as_string());
  }

  model::Resource resource_;
  model::Scope scope_;
  model::Span span_;
  const normalise::Classifier classifier_;
  const Result<calls::Prices> prices_ = calls::Prices::load();
};

TEST_F(SpanJsonTest, WritesEveryMember) {
  span_.parent_span_id = *SpanId::from_hex("b1b2b3b4b5b6b7b8");
  span_.status = model::StatusCode::kError;
  span_.status_message = "rate \"limit\"";
  span_.attributes = {{"gen_ai.system", Value::of("openai")},
                      {"gen_ai.request.model", Value::of("gpt-4.1")},
                      {"gen_ai.usage.input_tokens", Value::of_int(1'000'000)},
                      {"temperature", Value::of_double(1)},
                      {"stream", Value::of_bool(true)}};
  span_.events = {{.time = {1'700'000'000'100'000'000},
                   .name = "exception",
                   .attributes = {{"exception.type", Value::of("RateLimit")}}}};
  span_.links = {{.trace_id = span_.trace_id, .span_id = span_.span_id}};
  span_.flags = model::kAttributeCut | model::kReplaced;
  const boost::json::value json = write();
  EXPECT_EQ(text_at(json, "/trace_id"), "0102030405060708090a0b0c0d0e0f10");
  EXPECT_EQ(text_at(json, "/span_id"), "a1a2a3a4a5a6a7a8");
  EXPECT_EQ(text_at(json, "/parent_span_id"), "b1b2b3b4b5b6b7b8");
  EXPECT_EQ(text_at(json, "/kind"), "INTERNAL");
  EXPECT_EQ(text_at(json, "/start_time_unix_nano"), "1700000000000000001");
  EXPECT_EQ(text_at(json, "/end_time_unix_nano"), "1700000000500000001");
  EXPECT_EQ(text_at(json, "/status/code"), "ERROR");
  EXPECT_EQ(text_at(json, "/status/message"), "rate \"limit\"");
  EXPECT_EQ(json.at("flags"), (boost::json::value{"attribute_cut", "replaced"}));
  EXPECT_EQ(json.at_pointer("/attributes/gen_ai.usage.input_tokens").as_int64(), 1'000'000);
  EXPECT_TRUE(json.at_pointer("/attributes/temperature").is_double());
  EXPECT_TRUE(json.at_pointer("/attributes/stream").as_bool());
  EXPECT_EQ(text_at(json, "/resource/service.name"), "front desk");
  EXPECT_EQ(text_at(json, "/scope/name"), "my.agent");
  EXPECT_EQ(text_at(json, "/scope/version"), "1.2");
  EXPECT_EQ(text_at(json, "/events/0/name"), "exception");
  EXPECT_EQ(text_at(json, "/events/0/time_unix_nano"), "1700000000100000000");
  EXPECT_EQ(text_at(json, "/events/0/attributes/exception.type"), "RateLimit");
  EXPECT_EQ(text_at(json, "/links/0/span_id"), "a1a2a3a4a5a6a7a8");
  EXPECT_EQ(text_at(json, "/facts/kind"), "llm");
  EXPECT_EQ(text_at(json, "/facts/model"), "gpt-4.1");
  EXPECT_TRUE(json.at_pointer("/facts/is_error").as_bool());
  EXPECT_EQ(json.at_pointer("/facts/input_tokens").as_int64(), 1'000'000);
  EXPECT_DOUBLE_EQ(json.at_pointer("/facts/cost_usd").as_double(), 2.0);
  EXPECT_EQ(text_at(json, "/facts/cost_source"), "computed");
}

TEST_F(SpanJsonTest, LeavesOutWhatWasNotCaptured) {
  const boost::json::value json = write();
  EXPECT_EQ(text_at(json, "/parent_span_id"), "");
  const boost::json::object& facts = json.at("facts").as_object();
  for (const char* name : {"input_tokens", "latency_ms", "cost_usd", "turn_index"})
    EXPECT_FALSE(facts.contains(name));
  EXPECT_FALSE(json.at("status").as_object().contains("message"));
}

TEST_F(SpanJsonTest, LightFormLeavesOutWhatATimelineDoesNotDraw) {
  const boost::json::object json = write(SpanForm::kLight).as_object();
  for (const char* name : {"attributes", "resource", "events", "links"})
    EXPECT_FALSE(json.contains(name));
  for (const char* name : {"trace_id", "facts", "scope", "status", "flags"})
    EXPECT_TRUE(json.contains(name));
}

TEST_F(SpanJsonTest, SurvivesHostileText) {
  span_.name = "\xFF\x01\"";
  span_.start = {-1};  // 2^64 - 1 as OTLP has it
  span_.attributes = {{"k\xFF", Value::of("v\xFE")}};
  const boost::json::value json = write();
  EXPECT_EQ(text_at(json, "/name"), "\xEF\xBF\xBD\x01\"");
  EXPECT_EQ(text_at(json, "/start_time_unix_nano"), "18446744073709551615");
}

TEST_F(SpanJsonTest, NamesSeverities) {
  EXPECT_EQ(severity_name(9), "INFO");
  EXPECT_EQ(severity_name(14), "WARN2");
  EXPECT_EQ(severity_name(0), "");
  EXPECT_EQ(severity_name(25), "");
}

TEST_F(SpanJsonTest, WritesJaeger) {
  span_.status = model::StatusCode::kError;
  span_.attributes = {{"n", Value::of_int(5)}, {"d", Value::of_double(0.5)}};
  span_.events = {{.time = {1'700'000'000'100'000'000}, .name = "exception", .attributes = {}}};
  model::SpanBatch batch;
  batch.spans.push_back(span_);
  span_.parent_span_id = span_.span_id;
  span_.span_id = *SpanId::from_hex("00000000000000ff");
  span_.end = {};
  batch.spans.push_back(span_);
  std::string out;
  append_jaeger_trace(out, span_.trace_id, batch);
  const boost::json::value json = boost::json::parse(out);
  EXPECT_EQ(text_at(json, "/traceID"), "0102030405060708090a0b0c0d0e0f10");
  EXPECT_EQ(text_at(json, "/spans/0/operationName"), "llm");
  EXPECT_EQ(json.at_pointer("/spans/0/startTime").as_int64(), 1'700'000'000'000'000);
  EXPECT_EQ(json.at_pointer("/spans/0/duration").as_int64(), 500'000);
  EXPECT_EQ(json.at_pointer("/spans/1/duration").as_int64(), 0);
  EXPECT_EQ(json.at_pointer("/spans/0/tags/0"),
            (boost::json::value{{"key", "n"}, {"type", "int64"}, {"value", 5}}));
  EXPECT_NE(out.find(R"({"key":"error","type":"bool","value":true})"), std::string::npos);
  EXPECT_NE(out.find(R"({"key":"span.kind","type":"string","value":"internal"})"),
            std::string::npos);
  EXPECT_EQ(json.at_pointer("/spans/0/logs/0/timestamp").as_int64(), 1'700'000'000'100'000);
  EXPECT_EQ(text_at(json, "/spans/1/references/0/refType"), "CHILD_OF");
  EXPECT_EQ(text_at(json, "/spans/1/references/0/spanID"), "a1a2a3a4a5a6a7a8");
  EXPECT_EQ(text_at(json, "/processes/p1/serviceName"), "front desk");
  EXPECT_EQ(json.at("processes").as_object().size(), 1u);
}

TEST(GoDuration, Parses) {
  const auto ns = [](std::string_view text) {
    return parse_go_duration(text).value_or(DurationNs{-1}).ns;
  };
  EXPECT_EQ(ns("100ms"), 100'000'000);
  EXPECT_EQ(ns("1.5s"), 1'500'000'000);
  EXPECT_EQ(ns("1m30s"), 90'000'000'000);
  EXPECT_EQ(ns("2us"), 2'000);
  for (const char* text : {"", "5", "s", "1x", "-1s", "1e3s", "9999999999h"})
    EXPECT_EQ(ns(text), -1) << text;
}

}  // namespace
}  // namespace callscope::serve
