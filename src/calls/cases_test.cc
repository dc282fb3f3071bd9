// Runs test/cases/calls: the spans of each case through the call book and the reader, as they come
// and in many other orders.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "base/check.h"
#include "calls/call_book.h"
#include "calls/call_reader.h"
#include "calls/testing/call_case.h"

namespace callscope::calls {
namespace {

namespace json = boost::json;
using testing::CallCase;
using testing::MemoryDirectory;
using testing::MemoryStore;

const Prices& prices() {
  static const Prices loaded = [] {
    auto result = Prices::load();
    CHECK(result, "the embedded prices can be read");
    return std::move(result).value();
  }();
  return loaded;
}

struct Options {
  size_t bytes_max = size_t{16} << 20;
  unsigned save_one_in = 0;       // saves after one span of so many
  unsigned duplicate_one_in = 0;  // sends one span of so many again
};

// The calls that `spans`, sent in this order, make.
json::array run(const std::vector<const model::Span*>& spans, const Options& options,
                std::mt19937& random) {
  MemoryStore store;
  MemoryDirectory directory;
  CallBook book(directory, store.source(), prices(), {.bytes_max = options.bytes_max});
  const auto one_in = [&](unsigned n) { return n > 0 && random() % n == 0; };
  const auto send = [&](const model::Span& span) {
    store.add(span);
    model::SpanFacts facts;
    store.source().classify(span, facts);
    book.on_span(span, facts);
  };
  for (const model::Span* span : spans) {
    send(*span);
    if (one_in(options.duplicate_one_in)) send(*spans[random() % spans.size()]);
    if (one_in(options.save_one_in)) {
      EXPECT_TRUE(book.save());
    }
  }
  EXPECT_TRUE(book.save());

  std::vector<model::Call> calls;
  const CallReader reader(store.source(), prices());
  for (const auto& [id, saved] : directory.calls) {
    auto call = reader.read(saved);
    EXPECT_TRUE(call) << call.error().message;
    if (!call) continue;
    // What the list shows is what the call shows.
    EXPECT_EQ(call.value().summary.span_count, saved.span_count);
    EXPECT_EQ(call.value().summary.turn_count, saved.turn_count);
    EXPECT_EQ(call.value().summary.tool_count, saved.tool_count);
    EXPECT_EQ(call.value().summary.tool_names, saved.tool_names);
    EXPECT_EQ(call.value().summary.told_tools, saved.told_tools);
    EXPECT_EQ(call.value().summary.flags, saved.flags);
    EXPECT_EQ(call.value().summary.totals, saved.totals);
    calls.push_back(std::move(call).value());
  }
  std::sort(calls.begin(), calls.end(), [](const model::Call& a, const model::Call& b) {
    return std::pair(a.summary.started, a.summary.call_id) <
           std::pair(b.summary.started, b.summary.call_id);
  });
  json::array out;
  for (const model::Call& call : calls) out.push_back(testing::to_json(call));
  return out;
}

std::vector<const model::Span*> in_order(const CallCase& test_case) {
  std::vector<const model::Span*> spans;
  for (const model::Span& span : test_case.batch.spans) spans.push_back(&span);
  return spans;
}

class CallCases : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(CallCases, MakeTheCallsThatAreExpected) {
  const auto test_case = testing::read_case(GetParam());
  std::mt19937 random(1);
  const json::array calls = run(in_order(*test_case), {}, random);
  if (std::getenv("CALLSCOPE_PRINT_CALLS")) std::cout << json::serialize(calls) << "\n";
  EXPECT_EQ(testing::difference(test_case->expected, calls), "");
}

// A call depends on its spans and not on when they came, how often, and what was saved meanwhile.
TEST_P(CallCases, DoNotDependOnTheOrderOfSpans) {
  const auto test_case = testing::read_case(GetParam());
  std::mt19937 random(7);
  const json::array expected = run(in_order(*test_case), {}, random);
  for (int round = 0; round < 30; ++round) {
    std::vector<const model::Span*> spans = in_order(*test_case);
    std::shuffle(spans.begin(), spans.end(), random);
    Options options{.save_one_in = round % 3 == 0 ? 4u : 0u,
                    .duplicate_one_in = round % 2 == 0 ? 3u : 0u};
    // Next to nothing stays in memory: every save reads again.
    if (round % 5 == 4) options = {.bytes_max = 1, .save_one_in = 3, .duplicate_one_in = 0};
    EXPECT_EQ(json::serialize(run(spans, options, random)), json::serialize(expected))
        << "round " << round;
  }
}

std::string name_of(const ::testing::TestParamInfo<std::filesystem::path>& test) {
  return test.param.stem();
}
INSTANTIATE_TEST_SUITE_P(All, CallCases, ::testing::ValuesIn(testing::case_files()), name_of);

}  // namespace
}  // namespace callscope::calls
