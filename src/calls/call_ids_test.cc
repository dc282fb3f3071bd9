#include "calls/call_ids.h"

#include <gtest/gtest.h>

#include "calls/testing/call_case.h"

namespace callscope::calls {
namespace {

using testing::span_id;
using testing::trace_id;

model::CallSummary call(std::vector<std::string> traces, std::string_view anchor = "") {
  model::CallSummary summary;
  summary.project = 1;
  summary.anchor = span_id(anchor);
  for (const std::string& trace : traces) summary.trace_ids.push_back(trace_id(trace));
  return summary;
}

KnownCall known(CallId id, std::vector<std::string> traces, std::string_view anchor = "") {
  KnownCall out{.id = id, .anchor = span_id(anchor), .traces = {}, .span_count = 0};
  for (const std::string& trace : traces) out.traces.push_back(trace_id(trace));
  return out;
}

std::vector<CallId> ids_of(const std::vector<model::CallSummary>& calls) {
  std::vector<CallId> ids;
  for (const auto& one : calls) ids.push_back(one.id);
  return ids;
}

TEST(MatchIds, ANewCallKeepsNone) {
  std::vector calls = {call({"a"})};
  EXPECT_TRUE(match_ids(calls, {}).empty());
  EXPECT_EQ(ids_of(calls), std::vector<CallId>{0});
}

TEST(MatchIds, TheOlderOfTwoThatBecameOneRemains) {
  std::vector calls = {call({"a", "b"})};
  const auto merged = match_ids(calls, {known(15, {"b"}), known(12, {"a"})});
  EXPECT_EQ(ids_of(calls), std::vector<CallId>{12});
  ASSERT_EQ(merged.size(), 1u);
  EXPECT_EQ(merged[0].from, 15);
  EXPECT_EQ(merged[0].into, 12);
}

TEST(MatchIds, OneThatBecameTwoIsTheFirstOfThem) {
  std::vector calls = {call({"a"}, "c1"), call({"a"}, "c2")};
  EXPECT_TRUE(match_ids(calls, {known(12, {"a"})}).empty());
  EXPECT_EQ(ids_of(calls), (std::vector<CallId>{12, 0}));
}

TEST(MatchIds, CallsOfOneTraceAreToldApartByTheirAnchors) {
  std::vector calls = {call({"a"}, "c1"), call({"a"}, "c2"), call({"a"}, "c3")};
  EXPECT_TRUE(match_ids(calls, {known(12, {"a"}, "c3"), known(13, {"a"}, "c1")}).empty());
  EXPECT_EQ(ids_of(calls), (std::vector<CallId>{13, 0, 12}));
}

TEST(MatchIds, ACallOfOtherTracesIsLeftAlone) {
  std::vector calls = {call({"a"})};
  EXPECT_TRUE(match_ids(calls, {known(12, {"z"})}).empty());
  EXPECT_EQ(ids_of(calls), std::vector<CallId>{0});
}

}  // namespace
}  // namespace callscope::calls
