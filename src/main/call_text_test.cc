#include "main/call_text.h"

#include <gtest/gtest.h>

namespace callscope {
namespace {

boost::json::value parse(std::string_view text) { return boost::json::parse(text); }

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(CallText, ShowsWhatWasCapturedAndSaysWhatWasNot) {
  const auto call = parse(R"({
    "id": 17, "call_id": "room-42", "state": "ended", "started_at": "2026-11-21T15:00:00.000000Z", "duration_s": 62.5,
    "trace_ids": ["000000000000000000000000000000a1"],
    "latency": {"reported": {"n": 2, "p50_ms": 900, "p95_ms": 1200, "max_ms": 1200}, "computed": null},
    "totals": {}, "flags": [{"code": "turn_gap", "message": "The turn numbers skip."}],
    "turns": [{"index": 0, "start_s": 1.5, "interrupted": true,
               "user": {"start_s": 1.5, "text": "Is the doctor\nin?"}, "agent": {"start_s": 3.0, "text": ""},
               "latency": {"reported_ms": 900}, "stages": {"llm_ttft_ms": 400, "unattributed_ms": 500}}],
    "tools": [{"name": "find_slot", "start_s": 2.0, "is_error": true, "error": "timeout", "arguments": "{}"}],
    "models": [{"kind": "llm", "model": "gpt-4o", "provider": "openai", "calls": 1, "input_tokens": 412}]})");
  const std::string text = call_as_text(JsonView(call));
  for (const std::string_view part :
       {"Call 17  room-42", "ended, started 2026-11-21 15:00:00 UTC, 62.5 s long",
        "reported latency: median 900 ms, p95 1200 ms, longest 1200 ms (2 turns)",
        "computed latency: not captured", "cost: not captured", "note: The turn numbers skip.",
        "900 ms reported (LLM 400, unattributed 500), interrupted", "Is the doctor in?",
        "find_slot  2.0 s  -     failed  {}         timeout", "412"}) {
    EXPECT_TRUE(has(text, part)) << part << "\n" << text;
  }
}

TEST(CallText, ListsCallsInColumns) {
  const auto calls =
      parse(R"([{"id": 3, "state": "running", "agent_id": 7, "turn_count": 4, "error_count": 0,
    "latency": {"reported": null, "computed": {"p50_ms": 750}}, "totals": {"cost_usd": 0.0123}}])");
  const std::string text = calls_as_text(calls.as_array());
  for (const std::string_view part : {"LATENCY P50", "running", "750 ms", "$0.0123"})
    EXPECT_TRUE(has(text, part)) << text;
}

TEST(TraceText, IsATree) {
  const auto trace = parse(R"({"trace_id": "a1", "spans": [
    {"span_id": "01", "parent_span_id": "", "name": "conversation", "start_time_unix_nano": "1000000000", "end_time_unix_nano": "3000000000", "facts": {"kind": "call"}},
    {"span_id": "02", "parent_span_id": "01", "name": "llm", "start_time_unix_nano": "1500000000", "end_time_unix_nano": "1900000000", "facts": {"kind": "llm", "is_error": true}, "status": {"message": "overloaded"}},
    {"span_id": "03", "parent_span_id": "02", "name": "request", "start_time_unix_nano": "1500000000", "end_time_unix_nano": "0"},
    {"span_id": "04", "parent_span_id": "99", "name": "orphan", "start_time_unix_nano": "1600000000", "end_time_unix_nano": "1600000000"}]})");
  EXPECT_EQ(trace_as_text(JsonView(trace)),
            "AT       TOOK       KIND  SPAN          STATUS\n"
            "0.000 s  2000.0 ms  call  conversation  \n"
            "0.500 s  400.0 ms   llm     llm         error overloaded\n"
            "0.500 s  -          -         request   \n"
            "0.600 s  0.0 ms     -     orphan        \n");
}

TEST(TraceText, CirclesAndRepeatedIdsAreShownOnce) {
  const auto trace = parse(R"({"spans": [
    {"span_id": "01", "parent_span_id": "02", "name": "a"}, {"span_id": "02", "parent_span_id": "01", "name": "b"},
    {"span_id": "03", "parent_span_id": "03", "name": "own parent"}]})");
  const std::string text = trace_as_text(JsonView(trace));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4) << text;
  EXPECT_EQ(trace_as_text(JsonView(parse("{}"))), "no spans\n");
}

}  // namespace
}  // namespace callscope
