#include "normalise/otlp_json.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "normalise/otlp_decode.h"
#include "normalise/otlp_scan.h"

namespace callscope::normalise {
namespace {

// OTLP/JSON of what our decoder understands of the protobuf that `json` became.
std::string round_trip(std::string_view json) {
  const auto bytes = traces_json_to_protobuf(json);
  if (!bytes) return bytes.error().message;
  const auto report = scan_request(Signal::kTraces, *bytes);
  if (!report) return "scan: " + report.error().message;
  model::SpanBatch batch;
  std::string_view resource_bytes;
  std::string_view scope_bytes;
  for_each_item(*bytes, [&](const RequestItem& item) {
    if (batch.resources.empty() || item.resource.data() != resource_bytes.data()) {
      resource_bytes = item.resource;
      decode_resource(item.resource, {}, batch.arena, batch.resources.emplace_back());
      batch.resources.back().schema_url = item.resource_schema_url;
    }
    if (batch.scopes.empty() || item.scope.data() != scope_bytes.data()) {
      scope_bytes = item.scope;
      decode_scope(item.scope, {}, batch.arena, batch.scopes.emplace_back());
      batch.scopes.back().schema_url = item.scope_schema_url;
    }
    model::Span& span = batch.spans.emplace_back();
    if (!decode_span(item.item, {}, batch.arena, span)) {
      batch.spans.pop_back();
      return;
    }
    span.resource = &batch.resources.back();
    span.scope = &batch.scopes.back();
  });
  std::string out;
  append_otlp_json(out, batch);
  return out;
}

// One span with the given members besides its ids and its name.
std::string request(std::string_view members) {
  return R"({"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"llm")" +
         std::string(members) + "}]}]}]}";
}

void check(std::string_view members, std::string_view expected) {
  EXPECT_EQ(round_trip(request(members)), request(expected)) << members;
}

void check_fault(std::string_view json, std::string_view reason, std::string_view field) {
  const auto bytes = traces_json_to_protobuf(json);
  ASSERT_FALSE(bytes) << json;
  EXPECT_EQ(bytes.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(bytes.error().message.find(reason), std::string::npos) << bytes.error().message;
  EXPECT_EQ(bytes.error().field, field) << bytes.error().message;
}

TEST(OtlpJson, EveryMemberOfASpanComesBack) {
  const std::string_view json =
      R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"bot"}}],"droppedAttributesCount":1},)"
      R"("scopeSpans":[{"scope":{"name":"pipecat","version":"1.7.0","attributes":[{"key":"a","value":{"boolValue":true}}]},"spans":[)"
      R"({"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","traceState":"a=b","parentSpanId":"eee19b7ec3c1b173","name":"llm","kind":3,)"
      R"("startTimeUnixNano":"1544712660000000001","endTimeUnixNano":"1544712661000000002",)"
      R"("attributes":[{"key":"k","value":{"stringValue":"v"}}],"droppedAttributesCount":2,)"
      R"("events":[{"timeUnixNano":"1544712660300000000","name":"e","attributes":[{"key":"n","value":{"intValue":"-7"}}],"droppedAttributesCount":3}],"droppedEventsCount":4,)"
      R"("links":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b172","traceState":"x=y","attributes":[{"key":"l","value":{}}],"droppedAttributesCount":5,"flags":257}],"droppedLinksCount":6,)"
      R"("status":{"message":"failed","code":2},"flags":1}],"schemaUrl":"http://scope"}],"schemaUrl":"http://resource"}]})";
  EXPECT_EQ(round_trip(json), json);
}

TEST(OtlpJson, EveryValueTypeComesBack) {
  const auto value = [](std::string_view json) {
    return R"(,"attributes":[{"key":"k","value":)" + std::string(json) + R"(}],"status":{})";
  };
  for (
      const std::string_view json : {
          R"({})",
          R"({"stringValue":""})",
          R"({"stringValue":"größer \"🎧\"\n"})",
          R"({"boolValue":false})",
          R"({"intValue":"9223372036854775807"})",
          R"({"intValue":"-9223372036854775808"})",
          R"({"doubleValue":1.0})",
          R"({"doubleValue":0.1})",
          R"({"doubleValue":"NaN"})",
          R"({"doubleValue":"-Infinity"})",
          R"({"bytesValue":"3q2+7w=="})",
          R"({"arrayValue":{"values":[]}})",
          R"({"arrayValue":{"values":[{"stringValue":"a"},{"intValue":"1"},{"doubleValue":1.0},{},{"bytesValue":"AQ=="},{"doubleValue":"Infinity"}]}})",
          R"({"kvlistValue":{"values":[]}})",
          R"({"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"b","value":{}}]}}]}}}]}})",
          R"({"kvlistValue":{"values":[{"key":"$bytes","value":{"stringValue":"AQ=="}}]}})",
          R"({"kvlistValue":{"values":[{"key":"$$x","value":{"stringValue":"y"}}]}})",
          R"({"kvlistValue":{"values":[{"key":"$bytes","value":{"stringValue":"AQ=="}},{"key":"b","value":{}}]}})",
      }) {
    check(value(json), value(json));
  }
}

TEST(OtlpJson, TakesWhatSendersWrite) {
  const std::string_view times =
      R"(,"startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000000000000","status":{})";
  check(R"(,"startTimeUnixNano":1700000000000000000,"endTimeUnixNano":1.7e18)", times);
  check(
      R"(,"start_time_unix_nano":"1700000000000000000","end_time_unix_nano":"1700000000000000000")",
      times);
  check(R"(,"kind":"SPAN_KIND_CLIENT","status":{"code":"STATUS_CODE_ERROR"})",
        R"(,"kind":3,"status":{"code":2})");
  check(R"(,"kind":"SPAN_KIND_OF_THE_FUTURE","status":{"code":0})", R"(,"status":{})");
  check(R"(,"unknown":{"a":[1,{"b":null}]},"parentSpanId":null,"attributes":null,"links":[])",
        R"(,"status":{})");
  check(
      R"(,"attributes":[{"key":"i","value":{"intValue":7}},{"value":{"intValue":"8"}},{"key":"n"}])",
      R"(,"attributes":[{"key":"i","value":{"intValue":"7"}},{"key":"","value":{"intValue":"8"}},{"key":"n","value":{}}],"status":{})");
  check(
      R"(,"attributes":[{"key":"d","value":{"doubleValue":"2.5"}},{"key":"e","value":{"double_value":3}}])",
      R"(,"attributes":[{"key":"d","value":{"doubleValue":2.5}},{"key":"e","value":{"doubleValue":3.0}}],"status":{})");
  check(R"(,"\u0061ttributes":[])", R"(,"status":{})");  // an escaped name is an unknown one
  check(" , \"status\" : { } \n", R"(,"status":{})");
}

TEST(OtlpJson, IdsMayBeOfEitherCaseOrInProtobufsBase64) {
  const auto span = [](std::string_view trace_id, std::string_view span_id) {
    return R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":")" + std::string(trace_id) +
           R"(","spanId":")" + std::string(span_id) + R"("}]}]}]})";
  };
  const std::string expected =
      R"({"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","status":{}}]}]}]})";
  EXPECT_EQ(round_trip(span("5B8EFFF798038103D269B633813FC60C", "EEE19B7EC3C1B174")), expected);
  EXPECT_EQ(round_trip(span("W47/95gDgQPSabYzgT/GDA==", "7uGbfsPBsXQ=")), expected);
}

TEST(OtlpJson, ABadIdCostsOnlyItsSpan) {
  const std::string json =
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[
        {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"},
        {"traceId":"5b8e","spanId":"eee19b7ec3c1b174"},
        {"traceId":"not hex at all","spanId":"eee19b7ec3c1b174"},
        {"spanId":"eee19b7ec3c1b174"}]}]}]})";
  const auto bytes = traces_json_to_protobuf(json);
  ASSERT_TRUE(bytes);
  const auto report = scan_request(Signal::kTraces, *bytes);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->items, 4u);
  EXPECT_EQ(report->rejected, 3u);
}

TEST(OtlpJson, FaultsNameTheMember) {
  check_fault("", "expected an object", "");
  check_fault("[]", "expected an object", "");
  check_fault("{\"resourceSpans\":[]} x", "something follows", "");
  check_fault(R"({"resourceSpans":{}})", "expected an array", "resourceSpans");
  check_fault(R"({"resourceSpans":[{},{"scopeSpans":[{"spans":[{},{"name":7}]}]}]})",
              "expected a string", "resourceSpans[1].scopeSpans[0].spans[1].name");
  check_fault(request(R"(,"startTimeUnixNano":"yesterday")"), "expected an unsigned integer",
              "resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano");
  check_fault(request(R"(,"endTimeUnixNano":-5)"), "expected an unsigned integer",
              "resourceSpans[0].scopeSpans[0].spans[0].endTimeUnixNano");
  check_fault(request(R"(,"attributes":[{"key":"a","value":"v"}])"), "expected an object",
              "resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value");
  check_fault(request(R"(,"attributes":[{"key":"a","value":{"intValue":1.5}}])"),
              "expected an integer",
              "resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.intValue");
  check_fault(request(R"(,"attributes":[{"key":"a","value":{"bytesValue":"*"}}])"), "base64",
              "resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.bytesValue");
  check_fault(request(R"(,"attributes":[{"key":"a\x","value":{}}])"), "unknown escape",
              "resourceSpans[0].scopeSpans[0].spans[0].attributes[0].key");
  check_fault(request(R"(,"unknown":[1,)"), "not JSON", "resourceSpans[0].scopeSpans[0].spans[0]");
  check_fault(R"({"resourceSpans":[{"scopeSpans":[)", "expected an object",
              "resourceSpans[0].scopeSpans[0]");
}

TEST(OtlpJson, NestingIsBounded) {
  const auto nested = [](int depth) {
    std::string value;
    for (int i = 1; i < depth; ++i) value += R"({"arrayValue":{"values":[)";
    value += "{}";
    for (int i = 1; i < depth; ++i) value += "]}}";
    return R"(,"attributes":[{"key":"a","value":)" + value + "}]";
  };
  EXPECT_TRUE(traces_json_to_protobuf(request(nested(100))));
  check(nested(100), nested(100) + R"(,"status":{})");
  const auto deep = traces_json_to_protobuf(request(nested(101)));
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().message.find("nested too deeply"), std::string::npos);
  EXPECT_FALSE(traces_json_to_protobuf(request(nested(200'000))));
  EXPECT_FALSE(traces_json_to_protobuf(request(",\"x\":" + std::string(1'000'000, '['))));
}

TEST(OtlpJson, LongMessagesGetLongLengths) {
  for (const size_t size : {100u, 127u, 128u, 16'383u, 16'384u, 3'000'000u}) {
    const std::string members =
        R"(,"attributes":[{"key":"a","value":{"stringValue":")" + std::string(size, 'x') + "\"}}]";
    check(members, members + R"(,"status":{})");
  }
}

TEST(OtlpJson, ResourceMayFollowItsSpans) {
  EXPECT_EQ(
      round_trip(
          R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"}],"scope":{"name":"s"}}],"resource":{"attributes":[{"key":"r","value":{"intValue":"1"}}]}}]})"),
      R"({"resourceSpans":[{"resource":{"attributes":[{"key":"r","value":{"intValue":"1"}}]},"scopeSpans":[{"scope":{"name":"s"},"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","status":{}}]}]}]})");
}

TEST(OtlpJson, Logs) {
  const auto bytes = logs_json_to_protobuf(
      R"({"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{"name":"log"},"logRecords":[
        {"timeUnixNano":"1700000000000000000","observedTimeUnixNano":"1700000000000000001",
         "severityNumber":"SEVERITY_NUMBER_WARN","severityText":"WARN","body":{"stringValue":"hello"},
         "attributes":[{"key":"a","value":{"boolValue":true}}],"droppedAttributesCount":1,"flags":1,
         "traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","eventName":"e"}]}]}]})");
  ASSERT_TRUE(bytes) << bytes.error().message;
  const auto report = scan_request(Signal::kLogs, *bytes);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->items, 1u);
  Arena arena;
  for_each_item(*bytes, [&](const RequestItem& item) {
    model::LogLine line;
    decode_log(item.item, {}, arena, line);
    EXPECT_EQ(line.time.ns, 1700000000000000000);
    EXPECT_EQ(line.severity_number, 13);
    EXPECT_EQ(line.severity_text, "WARN");
    EXPECT_EQ(line.body.text, "hello");
    EXPECT_EQ(line.attributes.size(), 1u);
    EXPECT_EQ(line.dropped_attributes, 1u);
    EXPECT_EQ(line.trace_id.hex(), "5b8efff798038103d269b633813fc60c");
    EXPECT_EQ(line.span_id.hex(), "eee19b7ec3c1b174");
    EXPECT_EQ(line.event_name, "e");
  });
}

TEST(OtlpJson, EmptyRequests) {
  EXPECT_EQ(*traces_json_to_protobuf("{}"), "");
  EXPECT_EQ(*logs_json_to_protobuf(R"({"resourceLogs":[]})"), "");
  std::string out;
  const model::SpanBatch nothing;
  append_otlp_json(out, nothing);
  EXPECT_EQ(out, R"({"resourceSpans":[]})");
}

}  // namespace
}  // namespace callscope::normalise
