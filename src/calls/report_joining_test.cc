// Whatever the order in which the sources of a call come, twice or not, and with a restart between:
// the same call comes of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/check.h"
#include "calls/call_book.h"
#include "calls/call_edits.h"
#include "calls/call_reader.h"
#include "calls/catalog_directory.h"
#include "calls/report_intake.h"
#include "calls/testing/call_case.h"
#include "normalise/report.h"
#include "store/catalog/catalog.h"

namespace callscope::calls {
namespace {

using model::ReportKind;
using testing::case_time;
using testing::MemoryStore;
using testing::span_id;
using testing::trace_id;

class ReportJoiningTest : public ::testing::Test {
 protected:
  ReportJoiningTest() {
    scope_.name = "pipecat";
    restart();
  }
  ~ReportJoiningTest() override {
    stop();
    std::filesystem::remove_all(directory_);
  }

  // As a crash does: what was not saved is gone.
  void restart() {
    stop();
    catalog_ = must(store::Catalog::open({.path = directory_ / "catalog.db"}, system_clock()));
    links_ = std::make_unique<CatalogDirectory>(*catalog_);
    source_ = store_.source();
    source_.load_report = [this](ProjectId project,
                                 ReportId id) -> Result<std::optional<LoadedReport>> {
      auto saved = TRY(catalog_->report(project, id));
      if (!saved) return std::optional<LoadedReport>();
      model::Report report = read_saved(*saved);
      return std::optional(LoadedReport{*std::move(saved), std::move(report)});
    };
    book_ = std::make_unique<CallBook>(*links_, source_, prices_, CallBookOptions());
    intake_ = std::make_unique<ReportIntake>(*catalog_, *book_, prices_, system_clock());
    must(intake_->start());
  }
  void stop() {
    intake_.reset();
    book_.reset();
    links_.reset();
    catalog_.reset();
  }

  // An empty catalog and store.
  void start_over() {
    stop();
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    store_ = MemoryStore();
    restart();
  }

  void send_span(std::string_view trace, std::string_view id, std::string_view parent,
                 std::string_view name, double start, double end,
                 std::string_view conversation = {}) {
    model::Span span;
    span.trace_id = trace_id(trace);
    span.span_id = span_id(id);
    span.parent_span_id = span_id(parent);
    span.name = name;
    span.start = case_time(start);
    span.end = case_time(end);
    span.received = span.end;
    span.project = 1;
    span.agent = 1;
    span.scope = &scope_;
    span.resource = &resource_;
    if (!conversation.empty())
      span.attributes.push_back({"conversation.id", model::Value::of(conversation)});
    store_.add(span);
    model::SpanFacts facts;
    source_.classify(span, facts);
    book_->on_span(span, facts);
  }

  CallId post(ReportKind kind, std::string body) {
    ReportToSave to_save;
    to_save.project = 1;
    to_save.agent = 1;
    to_save.report = must(normalise::read_report(kind, body, {}));
    to_save.body = std::move(body);
    return must(intake_->save(std::move(to_save))).call;
  }

  void save() { must(book_->save()); }

  std::vector<model::CallSummary> calls() {
    store::CallQuery query;
    query.project = 1;
    query.now = system_clock().now();
    return must(catalog_->list_calls(query)).calls;
  }

  template <typename T>
  static T must(Result<T> result) {
    CHECK(result.has_value(), result.error().message.c_str());
    return std::move(result).value();
  }
  static void must(Result<void> result) {
    CHECK(result.has_value(), result.error().message.c_str());
  }

  const std::filesystem::path directory_ = [] {
    std::string name = (std::filesystem::temp_directory_path() / "report_joining_XXXXXX").string();
    CHECK(mkdtemp(name.data()) != nullptr, "a temporary folder");
    return std::filesystem::path(name);
  }();
  model::Resource resource_;
  model::Scope scope_;
  MemoryStore store_;
  const Prices prices_ = must(Prices::load());
  SpanSource source_;
  std::unique_ptr<store::Catalog> catalog_;
  std::unique_ptr<CatalogDirectory> links_;
  std::unique_ptr<CallBook> book_;
  std::unique_ptr<ReportIntake> intake_;
};

std::string session_body(std::string_view session, std::string_view trace, double start) {
  std::string body = fmt::format(
      R"({{"agent_id":1,"session_id":"{}","session_start":"{}","session_end":"{}",)"
      R"("sdk_version":"1.6.7","sdk_language":"python","provider_data":{{"session_id":"{}",)"
      R"("session_params":{{}},"custom_metadata":{{"plan":"pro"}}}},)"
      R"("transcript":[{{"role":"user","content":"Hi","started_at":"{}","ended_at":"{}"}},)"
      R"({{"role":"assistant","content":"Hello","started_at":"{}","ended_at":"{}"}}])",
      session, to_rfc3339(case_time(start)), to_rfc3339(case_time(start + 10)), session,
      to_rfc3339(case_time(start + 1)), to_rfc3339(case_time(start + 2)),
      to_rfc3339(case_time(start + 3)), to_rfc3339(case_time(start + 4)));
  if (!trace.empty()) body += fmt::format(R"(,"trace_id":"{}")", trace_id(trace).hex());
  return body + "}";
}

std::string call_log_body(std::string_view call_id, double start) {
  return fmt::format(
      R"({{"agent":1,"call_id":"{}","timestamp":"{}","call_ended_reason":"customer-ended-call",)"
      R"("metadata":{{"tier":"3"}},"transcript_json":[)"
      R"({{"role":"Testing Agent","content":"Hi","start_time":1,"end_time":2}},)"
      R"({{"role":"Main Agent","content":"Hello","start_time":3,"end_time":4}}]}})",
      call_id, to_rfc3339(case_time(start)));
}

TEST_F(ReportJoiningTest, AllOrdersGiveTheSameCall) {
  // Spans in two batches, an SDK session that names the trace, a call log that bears its name, and
  // the call log once more.
  const std::vector<std::function<void()>> steps = {
      [&] {
        send_span("t", "turn", "root", "turn", 1, 4);
        send_span("t", "stt", "turn", "stt", 1, 2);
      },
      [&] { send_span("t", "root", "", "conversation", 0, 10, "s1"); },
      [&] { post(ReportKind::kPipecatSession, session_body("s1", "t", 0)); },
      [&] { post(ReportKind::kObserve, call_log_body("s1", 0)); },
      [&] { post(ReportKind::kObserve, call_log_body("s1", 0)); },
  };
  std::vector<size_t> order = {0, 1, 2, 3, 4};
  size_t round = 0;
  do {
    // A save after each step, none at all, and a restart half way, in turn.
    {
      const size_t way = round++ % 3;
      start_over();
      for (size_t i = 0; i < order.size(); ++i) {
        steps[order[i]]();
        if (way == 0) save();
        if (way == 2 && i == 2) {
          save();
          restart();
        }
      }
      save();
      const auto all = calls();
      ASSERT_EQ(all.size(), 1u) << order[0] << order[1] << order[2] << order[3] << " way " << way;
      const model::CallSummary& call = all.front();
      EXPECT_EQ(call.call_id, "s1");
      EXPECT_EQ(call.span_count, 3u);
      EXPECT_EQ(call.trace_ids, std::vector{trace_id("t")});
      EXPECT_EQ(call.reports.size(), 2u);
      EXPECT_EQ(call.sources, model::kFromOtlp | model::kFromObserve | model::kFromSession);
      EXPECT_EQ(call.end_reason, "customer-ended-call");
      EXPECT_EQ(call.metadata,
                (std::vector<std::pair<std::string, std::string>>{{"tier", "3"}, {"plan", "pro"}}));
      EXPECT_EQ(call.started, case_time(0));
      EXPECT_TRUE(call.root_ended);
    }
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(ReportJoiningTest, TwoSessionsOfOneNameStayTwoCalls) {
  send_span("a", "root", "", "conversation", 0, 10, "20260901_000000");
  send_span("b", "root", "", "conversation", 0, 12, "20260901_000000");
  const CallId first = post(ReportKind::kPipecatSession, session_body("20260901_000000", "a", 0));
  const CallId second =
      post(ReportKind::kPipecatSession, session_body("20260901_000000", "b", 0.25));
  save();
  const auto all = calls();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_NE(must(catalog_->call(1, first))->id, must(catalog_->call(1, second))->id);
  for (const model::CallSummary& call : all) {
    EXPECT_EQ(call.trace_ids.size(), 1u);
    EXPECT_EQ(call.reports.size(), 1u);
  }
}

TEST_F(ReportJoiningTest, SameNameALongTimeApartIsAnotherCall) {
  send_span("a", "root", "", "conversation", 0, 10, "+4930123");
  post(ReportKind::kObserve, call_log_body("+4930123", 7'200));
  save();
  EXPECT_EQ(calls().size(), 2u);
}

TEST_F(ReportJoiningTest, AnswersWithTheIdOfTheCallThatIsThere) {
  send_span("t", "root", "", "conversation", 0, 10, "s1");
  save();
  const CallId known = calls().front().id;
  EXPECT_EQ(post(ReportKind::kPipecatSession, session_body("s1", "t", 0)), known);
  EXPECT_EQ(post(ReportKind::kPipecatSession, session_body("s1", "t", 0)), known);
  save();
  EXPECT_EQ(calls().size(), 1u);
}

TEST_F(ReportJoiningTest, AReportAloneIsACallAtOnce) {
  const CallId id = post(ReportKind::kObserve, call_log_body("only", 0));
  const auto call = must(catalog_->call(1, id));
  ASSERT_TRUE(call);
  EXPECT_EQ(call->call_id, "only");
  EXPECT_EQ(call->turn_count, 1u);
  EXPECT_EQ(call->span_count, 0u);
  EXPECT_EQ(call->sources, model::kFromObserve);
}

TEST_F(ReportJoiningTest, WaitsOfAReportAreThoseOfItsTurns) {
  constexpr std::string_view kBody =
      R"({"message":{"type":"end-of-call-report","startedAt":"2026-01-02T03:04:05Z",)"
      R"("call":{"id":"vapi-1"},"artifact":{"messages":[)"
      R"({"role":"bot","message":"Hello","secondsFromStart":1},)"
      R"({"role":"user","message":"Hi","secondsFromStart":3},)"
      R"({"role":"bot","message":"Yes?","secondsFromStart":5},)"
      R"({"role":"user","message":"Bye","secondsFromStart":8},)"
      R"({"role":"bot","message":"Bye","secondsFromStart":9}],"performanceMetrics":)"
      R"({"turnLatencies":[{"turnLatency":1200,"modelLatency":415},{"turnLatency":800}]}}}})";
  const CallId id = post(ReportKind::kVapi, std::string(kBody));
  const model::CallSummary summary = *must(catalog_->call(1, id));
  EXPECT_EQ(summary.turn_reported_ms, (std::vector<model::Measure>{{}, 1200, 800}));
  EXPECT_EQ(summary.reported, (model::LatencySummary{2, 800, 1200, 1200}));
  EXPECT_EQ(summary.slowest_turn, 1u);
  EXPECT_EQ(summary.slowest_ms, 1200);

  const model::Call call = must(CallReader(source_, prices_).read(summary));
  ASSERT_EQ(call.turns.size(), 3u);
  EXPECT_EQ(call.turns[1].reported_us, 1'200'000);
  EXPECT_EQ(call.turns[1].stages.llm_ttft_us, 415'000);
  EXPECT_FALSE(call.turns[0].reported_us);
}

TEST_F(ReportJoiningTest, ALaterVersionChangesTheCall) {
  const CallId id = post(ReportKind::kObserve, call_log_body("grows", 0));
  post(ReportKind::kObserve,
       R"({"agent":1,"call_id":"grows","call_ended_reason":"agent-ended-call"})");
  save();
  const auto call = must(catalog_->call(1, id));
  EXPECT_EQ(call->end_reason, "agent-ended-call");
  EXPECT_EQ(call->turn_count, 1u);  // what the later one does not name stays
}

TEST_F(ReportJoiningTest, WhatWasSavedButNotJoinedIsJoinedAfterARestart) {
  send_span("t", "root", "", "conversation", 0, 10, "s1");
  save();
  post(ReportKind::kPipecatSession, session_body("s1", "t", 0));
  restart();
  save();
  ASSERT_EQ(calls().size(), 1u);
  EXPECT_EQ(calls().front().reports.size(), 1u);
  EXPECT_TRUE(must(catalog_->reports_to_join(10)).empty());
}

TEST_F(ReportJoiningTest, TheReaderShowsWordsAndWhereTheyComeFrom) {
  send_span("t", "root", "", "conversation", 0, 10, "s1");
  post(ReportKind::kPipecatSession, session_body("s1", "t", 0));
  const CallId id = post(ReportKind::kObserve, call_log_body("s1", 0));
  save();
  const CallReader reader(source_, prices_);
  const model::Call call = must(reader.read(*must(catalog_->call(1, id))));
  ASSERT_EQ(call.transcript.size(), 2u);
  EXPECT_EQ(call.transcript_source, "observe");
  EXPECT_EQ(call.transcript[0].role, model::Role::kCaller);
  EXPECT_EQ(call.transcript[1].text, "Hello");
  EXPECT_EQ(call.transcript[1].start, case_time(3));
  const auto reason = std::find_if(call.fields.begin(), call.fields.end(),
                                   [](const auto& field) { return field.field == "end_reason"; });
  ASSERT_NE(reason, call.fields.end());
  EXPECT_EQ(reason->source, "observe");
}

TEST_F(ReportJoiningTest, MergingByHandCanBeUndone) {
  send_span("a", "root", "", "conversation", 0, 10, "a");
  send_span("b", "root", "", "conversation", 7'200, 7'210, "b");
  save();
  auto before = calls();
  ASSERT_EQ(before.size(), 2u);
  must(merge_calls(*catalog_, *book_, system_clock(), before));
  save();
  ASSERT_EQ(calls().size(), 1u);
  EXPECT_EQ(calls().front().trace_ids.size(), 2u);
  EXPECT_EQ(calls().front().id, std::min(before[0].id, before[1].id));
  // Spans that come later stay with it, also after a restart.
  restart();
  send_span("b", "late", "root", "turn", 7'201, 7'202);
  save();
  ASSERT_EQ(calls().size(), 1u);
  EXPECT_EQ(calls().front().span_count, 3u);

  must(undo_edit(*catalog_, *book_, calls().front()));
  save();
  const auto after = calls();
  ASSERT_EQ(after.size(), 2u);
  std::set<CallId> ids_before{before[0].id, before[1].id}, ids_after{after[0].id, after[1].id};
  EXPECT_EQ(ids_before, ids_after);
}

TEST_F(ReportJoiningTest, SplittingByHandCanBeUndone) {
  send_span("t", "root", "", "conversation", 0, 10, "s1");
  post(ReportKind::kObserve, call_log_body("s1", 0));
  save();
  ASSERT_EQ(calls().size(), 1u);
  const std::vector<TraceId> parts = parts_of(calls().front());
  ASSERT_EQ(parts.size(), 2u);
  must(split_call(*catalog_, *book_, system_clock(), calls().front(), {&parts[1], 1}));
  save();
  ASSERT_EQ(calls().size(), 2u);
  post(ReportKind::kObserve, R"({"agent":1,"call_id":"s1","call_ended_reason":"later"})");
  save();
  ASSERT_EQ(calls().size(), 2u);
  for (const model::CallSummary& call : calls()) {
    if (!undo_edit(*catalog_, *book_, call)) continue;
    save();
    break;
  }
  ASSERT_EQ(calls().size(), 1u);
  EXPECT_EQ(calls().front().sources, model::kFromOtlp | model::kFromObserve);
}

}  // namespace
}  // namespace callscope::calls
