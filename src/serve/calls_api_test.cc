// Calls, traces, spans and numbers, asked for over a socket.
#include <gtest/gtest.h>

#include "serve/api_fixture.h"

namespace callscope::serve {
namespace {

using model::Value;

class CallsApiTest : public ApiTest {
 protected:
  // The members named by the pointers, as JSON text.
  static std::string pick(const boost::json::value& value,
                          std::initializer_list<const char*> pointers) {
    std::string out;
    for (const char* pointer : pointers) {
      boost::system::error_code error;
      const boost::json::value* found = value.find_pointer(pointer, error);
      out += (out.empty() ? "" : " ") +
             (found ? boost::json::serialize(*found) : std::string("absent"));
    }
    return out;
  }
};

TEST_F(CallsApiTest, ListsACallAsSoonAsItsSpansAreThere) {
  receive_call(1);
  const boost::json::value page = get("/api/v1/calls");
  EXPECT_EQ(page.at("items").as_array().size(), 1u);
  EXPECT_TRUE(page.at("next").is_null());
  const boost::json::value& call = page.at_pointer("/items/0");
  EXPECT_EQ(
      pick(call, {"/agent_id", "/project_id", "/state", "/started_at", "/ended_at", "/duration_s"}),
      R"(1 1 "ended" "2026-11-21T14:59:50.000000Z" "2026-11-21T14:59:55.000000Z" 5E0)");
  EXPECT_EQ(
      pick(call, {"/trace_ids", "/sources", "/span_count", "/tool_count", "/tool_error_count"}),
      R"(["ab000000000000000000000000000001"] ["otlp"] 4 1 1)");
  EXPECT_EQ(pick(call, {"/totals/input_tokens", "/totals/output_tokens", "/tool_names",
                        "/latency/reported"}),
            R"(120 30 ["book_table"] null)");
}

TEST_F(CallsApiTest, ShowsACallInDetail) {
  receive_call(1);
  const boost::json::value call = get(fmt::format("/api/v1/calls/{}", call_of(1)));
  EXPECT_EQ(pick(call, {"/tools/0/name", "/tools/0/arguments", "/tools/0/is_error",
                        "/tools/0/duration_ms", "/tools/0/start_s", "/tools/0/synthetic"}),
            R"("book_table" "{\"seats\":4}" true 2E2 1.3E0 false)");
  EXPECT_EQ(call.at("turns").as_array().size(), 1u);
  EXPECT_EQ(pick(call, {"/turns/0/index", "/turns/0/source", "/turns/0/user/text"}),
            R"(0 "inferred" "Hello?")");
  bool has_llm = false;
  for (const auto& use : call.at("models").as_array()) {
    if (pick(use, {"/model"}) == R"("gpt-4.1")") {
      EXPECT_EQ(pick(use, {"/kind", "/provider", "/calls", "/input_tokens", "/cost_source"}),
                R"("llm" "openai" 1 120 "computed")");
      has_llm = true;
    }
  }
  EXPECT_TRUE(has_llm);
}

TEST_F(CallsApiTest, FiltersSortsAndPages) {
  for (uint8_t trace = 1; trace <= 3; ++trace) receive_call(trace);
  receive({.trace = 9, .id = 1, .name = "conversation", .length_ms = 9'000});
  const auto count = [&](std::string_view query) {
    return get(fmt::format("/api/v1/calls?{}", query)).at("items").as_array().size();
  };
  EXPECT_EQ(count(""), 4u);
  EXPECT_EQ(count("tool=book_table"), 3u);
  EXPECT_EQ(count("model=gpt-4.1"), 3u);
  EXPECT_EQ(count("error=true"), 3u);
  EXPECT_EQ(count("state=running"), 0u);
  EXPECT_EQ(count("state=ended&agent_id=1"), 4u);
  EXPECT_EQ(count("from=2027-01-01T00:00:00Z"), 0u);
  EXPECT_EQ(count("to=2026-01-01"), 0u);
  EXPECT_EQ(count("text=llm"), 3u);
  EXPECT_EQ(count("text=nowhere"), 0u);
  EXPECT_EQ(count("metadata.tier=gold"), 0u);
  EXPECT_EQ(pick(get("/api/v1/calls?sort=-duration&limit=1"), {"/items/0/duration_s"}), "9E0");
  EXPECT_EQ(pick(get("/api/v1/calls?sort=duration&limit=1"), {"/items/0/duration_s"}), "5E0");

  std::set<int64_t> seen;
  std::string target = "/api/v1/calls?limit=3";
  for (int page_number = 0; page_number < 2; ++page_number) {
    const boost::json::value page = get(target);
    for (const auto& call : page.at("items").as_array()) seen.insert(call.at("id").as_int64());
    if (page_number == 0) target += "&cursor=" + std::string(page.at("next").as_string());
  }
  EXPECT_EQ(seen.size(), 4u);
}

TEST_F(CallsApiTest, FiltersByFlags) {
  using model::CallFlag;
  model::CallSummary gap = sample_call(new_call_id());
  gap.flags = bit(CallFlag::kTurnGap);
  put(gap);
  model::CallSummary both = sample_call(new_call_id());
  both.flags = bit(CallFlag::kTurnGap) | bit(CallFlag::kOrphanSpans);
  put(both);
  const auto count = [&](std::string_view query) {
    return get(fmt::format("/api/v1/calls?{}", query)).at("items").as_array().size();
  };
  EXPECT_EQ(count("flag=turn_gap"), 2u);
  EXPECT_EQ(count("flag=turn_gap&flag=orphan_spans"), 1u);
  EXPECT_EQ(count("flag=turn_gap&flag=parent_cycle"), 0u);
  EXPECT_EQ(error("/api/v1/calls?flag=red", 400), "invalid_argument flag");
}

TEST_F(CallsApiTest, ListsTheSpansOfACall) {
  receive_call(1);
  const CallId id = call_of(1);
  const boost::json::value full = get(fmt::format("/api/v1/calls/{}/spans", id));
  EXPECT_EQ(full.at("items").as_array().size(), 4u);
  EXPECT_EQ(pick(full, {"/items/2/name", "/items/2/attributes/gen_ai.request.model",
                        "/items/2/facts/kind"}),
            R"("llm" "gpt-4.1" "llm")");
  EXPECT_EQ(pick(get(fmt::format("/api/v1/calls/{}/spans?attributes=false", id)),
                 {"/items/2/name", "/items/2/attributes"}),
            R"("llm" absent)");
  const boost::json::value first = get(fmt::format("/api/v1/calls/{}/spans?limit=3", id));
  EXPECT_EQ(pick(first, {"/next"}), R"("3")");
  EXPECT_EQ(
      get(fmt::format("/api/v1/calls/{}/spans?limit=3&cursor=3", id)).at("items").as_array().size(),
      1u);
}

TEST_F(CallsApiTest, ListsTheLogLinesOfACall) {
  receive_call(1);
  model::LogLine line;
  line.time = start + DurationNs::from_ms(2);
  line.severity_number = 9;
  line.body = Value::of("second");
  line.trace_id = trace_id(1);
  line.project = 1;
  spans.add(line);
  line.time = start;
  line.severity_text = "warn";
  line.body = Value::of("first");
  spans.add(line);
  EXPECT_EQ(
      pick(get(fmt::format("/api/v1/calls/{}/logs", call_of(1))),
           {"/items/0/body", "/items/0/severity", "/items/1/body", "/items/1/severity", "/next"}),
      R"("first" "warn" "second" "INFO" null)");
}

TEST_F(CallsApiTest, DeletesACall) {
  receive_call(1);
  receive_call(2);
  const CallId id = call_of(1);
  EXPECT_EQ(ask("DELETE", fmt::format("/api/v1/calls/{}", id), admin_key).status, 204);
  EXPECT_EQ(error(fmt::format("/api/v1/calls/{}", id), 404), "not_found ");
  EXPECT_EQ(error("/api/v1/traces/ab000000000000000000000000000001", 404), "not_found ");
  EXPECT_EQ(get("/api/v1/calls").at("items").as_array().size(), 1u);
  EXPECT_EQ(ask("DELETE", fmt::format("/api/v1/calls/{}", id), admin_key).status, 404);
}

TEST_F(CallsApiTest, DeletesCallsThatShareATraceOnlyTogether) {
  receive({.trace = 1, .id = 1, .name = "worker", .length_ms = 9'000});
  receive({.trace = 1, .id = 2, .parent = 1, .name = "conversation", .length_ms = 1'000});
  receive({.trace = 1,
           .id = 3,
           .parent = 1,
           .name = "conversation",
           .start_ms = 2'000,
           .length_ms = 1'000});
  ok(book_.save());
  const auto ids = ok(catalog->calls_of_trace(1, trace_id(1)));
  ASSERT_EQ(ids.size(), 2u);
  const std::string path = fmt::format("/api/v1/calls/{}", ids[0]);
  EXPECT_EQ(pick(json("DELETE", path, 409, admin_key), {"/error/code", "/error/field"}),
            R"("conflict" "shared")");
  EXPECT_EQ(ask("DELETE", path + "?shared=true", admin_key).status, 204);
  EXPECT_TRUE(get("/api/v1/calls").at("items").as_array().empty());
}

TEST_F(CallsApiTest, GivesATraceInBothFormats) {
  receive_call(1);
  const boost::json::value trace = get("/api/v1/traces/AB000000000000000000000000000001");
  EXPECT_EQ(pick(trace,
                 {"/trace_id", "/spans/0/name", "/spans/3/status/code", "/spans/3/status/message"}),
            R"("ab000000000000000000000000000001" "conversation" "ERROR" "no table")");
  EXPECT_EQ(trace.at("spans").as_array().size(), 4u);
  const boost::json::value otlp =
      get("/api/v1/traces/ab000000000000000000000000000001?format=otlp");
  EXPECT_EQ(pick(otlp, {"/resourceSpans/0/scopeSpans/0/scope/name",
                        "/resourceSpans/0/scopeSpans/0/spans/0/traceId"}),
            R"("my.agent" "ab000000000000000000000000000001")");
  EXPECT_EQ(pick(get("/api/v1/traces/ab000000000000000000000000000001/spans/cd00000000000003"),
                 {"/name"}),
            R"("llm")");
  EXPECT_EQ(error("/api/v1/traces/ab000000000000000000000000000001/spans/cd000000000000ff", 404),
            "not_found ");
  EXPECT_EQ(error("/api/v1/traces/xyz", 400), "invalid_argument trace_id");
  EXPECT_EQ(error("/api/v1/traces/ab000000000000000000000000000001/spans/1", 400),
            "invalid_argument span_id");
}

TEST_F(CallsApiTest, SearchesSpans) {
  receive_call(1);
  const boost::json::value page = get(
      "/api/v1/spans?name=llm&attribute.gen_ai.request.model=gpt-4.1&kind=llm&min_duration_ms=100"
      "&max_duration_ms=1000&error=false&from=2026-11-20&limit=1");
  EXPECT_EQ(pick(page, {"/items/0/name", "/next"}), R"("llm" null)");
  EXPECT_EQ(spans.last_search.kind, model::OpKind::kLlm);
  EXPECT_EQ(spans.last_search.duration_min, DurationNs::from_ms(100));
  EXPECT_EQ(spans.last_search.duration_max, DurationNs::from_ms(1'000));
  EXPECT_EQ(pick(get("/api/v1/spans?limit=3"), {"/next"}), R"("3")");
  EXPECT_EQ(get("/api/v1/spans?limit=3&cursor=3").at("items").as_array().size(), 1u);
  EXPECT_EQ(error("/api/v1/spans?kind=nonsense", 400), "invalid_argument kind");

  receive_call(2);
  const auto found = [&](std::string_view query) {
    return get(fmt::format("/api/v1/spans?text=llm{}", query)).at("items").as_array().size();
  };
  EXPECT_EQ(found(""), 2u);
  EXPECT_EQ(found("&trace_id=" + trace_id(2).hex()), 1u);
  const std::string of_call = fmt::format("&call_id={}", call_of(1));
  EXPECT_EQ(found(of_call), 1u);
  EXPECT_EQ(spans.last_search.traces, std::vector{trace_id(1)});
  EXPECT_EQ(found(of_call + "&trace_id=" + trace_id(1).hex()), 1u);
  EXPECT_EQ(found(of_call + "&trace_id=" + trace_id(2).hex()), 0u);
  EXPECT_EQ(error("/api/v1/spans?trace_id=abc", 400), "invalid_argument trace_id");
  EXPECT_EQ(error("/api/v1/spans?call_id=77", 404), "not_found call_id");
}

TEST_F(CallsApiTest, GivesNumbers) {
  receive_call(1);
  EXPECT_EQ(pick(get("/api/v1/stats/latency?stage=llm&group_by=model&interval=1h"),
                 {"/items/0/group", "/items/0/n", "/items/0/p50_ms", "/items/0/p99_ms",
                  "/items/0/time", "/next"}),
            R"("gpt-4.1" 7 3.105E2 7E2 "2023-11-14T22:13:20.000000Z" null)");
  EXPECT_EQ(spans.last_stats.group_by, store::GroupBy::kModel);
  EXPECT_EQ(spans.last_stats.interval, DurationNs::from_s(3'600));
  EXPECT_EQ(pick(get("/api/v1/stats/tokens"),
                 {"/items/0/calls", "/items/0/input_tokens", "/items/0/output_tokens"}),
            "3 10 absent");
  EXPECT_EQ(pick(get("/api/v1/stats/cost?group_by=model"),
                 {"/items/0/cost_usd", "/items/0/unpriced_calls"}),
            "1.5E-3 1");
  spans.tool_rows = {
      {.group = "book_table",
       .n = 4,
       .errors = 1,
       .p50_ms = 1,
       .p95_ms = 2,
       .failures = {{trace_id(1), span_id(4), start}, {trace_id(99), span_id(1), start}}}};
  const boost::json::value tools = get("/api/v1/stats/tools");
  EXPECT_EQ(pick(tools, {"/items/0/error_rate", "/items/0/failures/0/call_id",
                         "/items/0/failures/0/span_id"}),
            fmt::format(R"(2.5E-1 {} "cd00000000000004")", call_of(1)));
  EXPECT_EQ(tools.at_pointer("/items/0/failures").as_array().size(),
            1u);  // a failure without a call is left out
  // Those that no span tells of count as well, without a latency.
  model::CallSummary told = sample_call(new_call_id());
  told.told_tools = {{"book_table", 1, 1}, {"look_up", 9, 0}};
  put(told);
  const boost::json::value both = get("/api/v1/stats/tools");
  EXPECT_EQ(pick(both, {"/items/0/group", "/items/0/n", "/items/0/errors", "/items/0/p50_ms"}),
            R"("look_up" 9 0 absent)");
  EXPECT_EQ(pick(both, {"/items/1/n", "/items/1/errors", "/items/1/p50_ms",
                        "/items/1/failures/1/call_id", "/items/1/failures/1/span_id"}),
            fmt::format("5 2 1E0 {} absent", told.id));
  EXPECT_EQ(error("/api/v1/stats/latency?stage=nonsense", 400), "invalid_argument stage");
  EXPECT_EQ(error("/api/v1/stats/latency?stage=llm&source=computed", 400),
            "invalid_argument source");
  EXPECT_EQ(error("/api/v1/stats/tokens?interval=soon", 400), "invalid_argument interval");
}

TEST_F(CallsApiTest, FindsTheSlowestTurns) {
  const auto put_turns = [&](uint8_t trace, std::vector<model::Measure> reported,
                             std::vector<model::Measure> computed) {
    model::CallSummary call = sample_call(new_call_id());
    call.trace_ids = {trace_id(trace)};
    call.call_id = call.trace_ids[0].hex();
    call.reported = model::summarise(reported);
    call.computed = model::summarise(computed);
    call.slowest_ms = call.reported.n > 0 ? call.reported.max_ms : call.computed.max_ms;
    call.turn_reported_ms = std::move(reported);
    call.turn_computed_ms = std::move(computed);
    put(call);
    return call.id;
  };
  const CallId both = put_turns(1, {900, {}, 1'500}, {700, 800, 5'000});
  const CallId computed = put_turns(2, {}, {3'000, 100});
  const auto turns = [&](std::string_view query) {
    std::string out;
    const boost::json::value page = get(fmt::format("/api/v1/stats/turns?{}", query));
    for (const auto& turn : page.at("items").as_array()) {
      out += fmt::format("[{} {}]", turn.at("call_id").as_int64() == both ? "both" : "computed",
                         pick(turn, {"/turn_index", "/latency_ms", "/source"}));
    }
    return out;
  };
  EXPECT_NE(both, computed);
  EXPECT_EQ(turns("limit=3"),
            R"([computed 0 3000 "computed"][both 2 1500 "reported"][both 0 900 "reported"])");
  EXPECT_EQ(turns("source=computed&limit=2"),
            R"([both 2 5000 "computed"][computed 0 3000 "computed"])");
  EXPECT_EQ(turns("source=reported"), R"([both 2 1500 "reported"][both 0 900 "reported"])");
  EXPECT_EQ(pick(get("/api/v1/stats/latency?stage=response&source=computed&group_by=agent"),
                 {"/items/0/group", "/items/0/n", "/items/0/p50_ms", "/items/0/p99_ms"}),
            R"("1" 5 8E2 5E3)");
  EXPECT_EQ(pick(get("/api/v1/stats/latency?stage=response"),
                 {"/items/0/group", "/items/0/n", "/items/0/p50_ms", "/items/0/p99_ms"}),
            R"("" 2 9E2 1.5E3)");
}

}  // namespace
}  // namespace callscope::serve
