#include <algorithm>
#include <random>

#include "store/catalog/catalog_fixture.h"

namespace callscope::store {
namespace {

// What the list has to be, by looking at every call.
class NaiveList {
 public:
  NaiveList(std::vector<model::CallSummary> calls, const CallQuery& query) : query_(query) {
    for (const auto& call : calls) {
      if (matches(call)) calls_.push_back(&kept_.emplace_back(call));
    }
    std::sort(calls_.begin(), calls_.end(), [&](const auto* a, const auto* b) {
      const auto x = value(*a), y = value(*b);
      if (x.has_value() != y.has_value()) return x.has_value();  // absent ones last
      if (x == y) return descending() ? a->id > b->id : a->id < b->id;
      return descending() ? *x > *y : *x < *y;
    });
  }

  std::vector<CallId> ids() const {
    std::vector<CallId> ids;
    for (const auto* call : calls_) ids.push_back(call->id);
    return ids;
  }

 private:
  bool descending() const { return query_.order == Order::kDescending; }

  bool matches(const model::CallSummary& call) const {
    const auto has_model = [&](const auto& name) { return name.model == *query_.model; };
    const auto& q = query_;
    return call.project == q.project && (!q.agent || call.agent == *q.agent) &&
           (!q.started.from.is_set() || call.started >= q.started.from) &&
           (!q.started.to.is_set() || call.started < q.started.to) &&
           (!q.state ||
            *q.state == model::call_state(call.root_ended, call.last_activity, q.now)) &&
           (!q.model || std::any_of(call.models.begin(), call.models.end(), has_model)) &&
           (!q.tool || std::count(call.tool_names.begin(), call.tool_names.end(), *q.tool) > 0) &&
           (!q.errors_only || call.error_count > 0) && (call.flags & q.flags) == q.flags &&
           (!q.latency_min || call.slowest_ms.value_or(-1) >= q.latency_min->ns / 1'000'000) &&
           std::all_of(q.metadata.begin(), q.metadata.end(),
                       [&](const auto& entry) {
                         return std::count(call.metadata.begin(), call.metadata.end(), entry) > 0;
                       }) &&
           (!q.among || std::count(q.among->begin(), q.among->end(), call.id) > 0);
  }

  model::Measure value(const model::CallSummary& call) const {
    switch (query_.sort) {
      case CallSort::kStartedAt:
        return call.started.ns;
      case CallSort::kDuration:
        return call.ended.is_set() ? model::Measure((call.ended - call.started).ns)
                                   : model::Measure();
      case CallSort::kLatency:
        return call.slowest_ms;
      case CallSort::kCost:
        return call.totals.cost_nano_usd;
      case CallSort::kTokens:
        break;
    }
    const auto& totals = call.totals;
    if (!totals.input_tokens && !totals.output_tokens) return {};
    return totals.input_tokens.value_or(0) + totals.output_tokens.value_or(0);
  }

  CallQuery query_;
  std::deque<model::CallSummary> kept_;
  std::vector<const model::CallSummary*> calls_;
};

class CallListTest : public CatalogTest {
 protected:
  // Enough that some conditions leave few and some leave many, with values that repeat and lack.
  void fill(size_t count) {
    std::mt19937 random(7);
    const auto below = [&](uint32_t n) { return static_cast<int64_t>(random() % n); };
    const Project other = make_project("other");
    const Agent second = make_agent(1, "second");
    const Agent foreign = make_agent(other.id, "foreign");
    auto transaction = ok(catalog->begin());
    CallId id = ok(transaction.new_call_ids(static_cast<int64_t>(count)));
    for (size_t i = 0; i < count; ++i, ++id) {
      auto call = sample_call(id, 1, below(3) == 0 ? second.id : 1);
      if (below(20) == 0) {
        call.project = other.id;
        call.agent = foreign.id;
      }
      call.started = clock.time - DurationNs::from_s(below(600));
      call.root_ended = below(2) == 0;
      call.last_activity = clock.time - DurationNs::from_s(below(400));
      call.ended = below(8) == 0 ? TimeNs{} : call.started + DurationNs::from_s(below(50) - 1);
      if (below(4) != 0) call.slowest_ms = below(30) * 100;
      if (below(4) != 0) call.totals.cost_nano_usd = below(1000) * 1000;
      if (below(4) != 0) call.totals.input_tokens = below(50);
      if (below(4) != 0) call.totals.output_tokens = below(50);
      if (below(10) == 0) call.error_count = 1;
      call.flags = static_cast<uint32_t>(below(16));
      if (below(3) != 0) call.models = {{model::OpKind::kLlm, "openai", "gpt-4o"}};
      if (below(50) == 0) call.models.push_back({model::OpKind::kLlm, "openai", "o3"});
      if (below(5) == 0) call.tool_names = {"book"};
      if (below(3) == 0) call.metadata = {{"tenant", below(2) == 0 ? "a" : "b"}};
      if (below(5) == 0) call.metadata.emplace_back("lang", "de");
      ok(transaction.put_call(call));
      calls_.push_back(std::move(call));
    }
    ok(transaction.commit());
  }

  // Reads the whole list page by page, and each call's neighbours.
  void expect_list(CallQuery query, std::string_view what) {
    query.project = 1;
    query.now = clock.time;
    const auto expected = NaiveList(calls_, query).ids();
    query.limit = std::max<size_t>(1, expected.size() / 3);
    std::vector<CallId> listed;
    CallQuery page_query = query;
    for (;;) {
      const CallPage page = ok(catalog->list_calls(page_query));
      for (const auto& call : page.calls) listed.push_back(call.id);
      if (!page.next || listed.size() > expected.size()) break;
      EXPECT_EQ(page.calls.size(), query.limit);
      page_query.cursor = *page.next;
    }
    EXPECT_EQ(listed, expected) << what;
    for (size_t i = 0; i < expected.size(); i += 1 + expected.size() / 5) {
      const auto [previous, next] = ok(catalog->neighbours(query, expected[i]));
      EXPECT_EQ(previous, i == 0 ? std::nullopt : std::optional(expected[i - 1])) << what;
      EXPECT_EQ(next, i + 1 == expected.size() ? std::nullopt : std::optional(expected[i + 1]))
          << what;
    }
  }

  std::vector<model::CallSummary> calls_;
};

TEST_F(CallListTest, AgreesWithLookingAtEveryCall) {
  fill(3'500);  // more than kFewCalls have the commonest model
  using model::CallState;
  const DurationNs minute = DurationNs::from_s(60);
  const std::vector<CallId> some = {calls_[3].id, calls_[700].id, calls_[40].id, 999'999};
  std::vector<CallId> many;
  for (size_t i = 0; i < calls_.size(); i += 3) many.push_back(calls_[i].id);

  const std::pair<std::string_view, CallQuery> cases[] = {
      {"all", {}},
      {"agent", {.agent = 1}},
      {"agent of another project", {.agent = 4}},
      {"time", {.started = {clock.time - minute, clock.time - DurationNs::from_s(20)}}},
      {"since", {.started = {clock.time - minute, {}}}},
      {"running", {.state = CallState::kRunning}},
      {"quiet", {.state = CallState::kQuiet}},
      {"ended", {.state = CallState::kEnded}},
      {"common model", {.model = "gpt-4o"}},
      {"rare model", {.model = "o3"}},
      {"unknown model", {.model = "gpt-4"}},
      {"tool", {.tool = "book"}},
      {"errors", {.errors_only = true}},
      {"flags", {.flags = 6}},
      {"slow", {.latency_min = DurationNs::from_ms(2'500)}},
      {"metadata", {.metadata = {{"tenant", "a"}, {"lang", "de"}}}},
      {"among few", {.among = some}},
      {"among many", {.among = many}},
      {"among none", {.among = std::vector<CallId>()}},
      {"everything",
       {.agent = 1,
        .state = CallState::kEnded,
        .model = "gpt-4o",
        .errors_only = true,
        .among = many}},
      {"running with model", {.state = CallState::kRunning, .model = "o3"}},
  };
  for (const auto& [what, query] : cases) {
    for (const auto sort : {CallSort::kStartedAt, CallSort::kDuration, CallSort::kLatency,
                            CallSort::kCost, CallSort::kTokens}) {
      for (const Order order : {Order::kDescending, Order::kAscending}) {
        CallQuery sorted = query;
        sorted.sort = sort;
        sorted.order = order;
        expect_list(sorted,
                    fmt::format("{} by {} {}", what, to_string(sort), static_cast<int>(order)));
      }
    }
  }
}

TEST_F(CallListTest, ListsWholeCalls) {
  fill(300);
  for (const auto& call :
       ok(catalog->list_calls({.project = 1, .now = clock.time, .limit = 250})).calls) {
    const auto same =
        std::find_if(calls_.begin(), calls_.end(), [&](const auto& c) { return c.id == call.id; });
    ASSERT_NE(same, calls_.end());
    EXPECT_EQ(call, *same);
  }
}

TEST_F(CallListTest, ACursorHoldsForItsOwnListOnly) {
  fill(20);
  CallQuery query{.project = 1, .now = clock.time, .limit = 5};
  query.cursor = *ok(catalog->list_calls(query)).next;
  EXPECT_TRUE(catalog->list_calls(query));
  query.sort = CallSort::kCost;
  EXPECT_EQ(code_of(catalog->list_calls(query)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(catalog->list_calls(query).error().field, "cursor");
  query.sort = CallSort::kStartedAt;
  query.order = Order::kAscending;
  EXPECT_FALSE(catalog->list_calls(query));
  query.order = Order::kDescending;
  for (const std::string_view bad :
       {"x", "started_at.DESC.", "started_at.DESC.1", "started_at.DESC.1.", "started_at.DESC.a.1",
        "started_at.DESC.1.2.3", "started_at.DESC.99999999999999999999.1"}) {
    query.cursor = bad;
    EXPECT_FALSE(catalog->list_calls(query)) << bad;
  }
}

TEST_F(CallListTest, ACallThatIsNotThereHasNoNeighbours) {
  const auto found = ok(catalog->neighbours({.project = 1, .now = clock.time}, 12));
  EXPECT_FALSE(found.previous || found.next);
}

TEST_F(CallListTest, SortsHaveNames) {
  EXPECT_EQ(parse_call_sort("latency"), CallSort::kLatency);
  EXPECT_EQ(to_string(CallSort::kStartedAt), "started_at");
  EXPECT_EQ(parse_call_sort("id"), std::nullopt);
}

}  // namespace
}  // namespace callscope::store
