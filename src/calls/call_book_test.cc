#include "calls/call_book.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "base/check.h"
#include "calls/call_reader.h"
#include "calls/catalog_directory.h"
#include "calls/testing/call_case.h"
#include "store/catalog/catalog.h"

namespace callscope::calls {
namespace {

using model::Span;
using testing::case_time;
using testing::MemoryDirectory;
using testing::MemoryStore;
using testing::span_id;
using testing::trace_id;

const Prices& prices() {
  static const Prices loaded = [] {
    auto result = Prices::load();
    CHECK(result, "the embedded prices can be read");
    return std::move(result).value();
  }();
  return loaded;
}

// Spans of Pipecat, sent to a book beside a store and a catalog in memory.
class CallBookTest : public ::testing::Test {
 protected:
  CallBookTest() {
    scope_.name = "pipecat";
    open({});
  }

  void open(CallBookOptions options) {
    book_ = std::make_unique<CallBook>(directory_, store_.source(), prices(), std::move(options));
  }

  Span span(std::string_view trace, std::string_view id, std::string_view parent,
            std::string_view name, double start, double end) {
    Span out;
    out.trace_id = trace_id(trace);
    out.span_id = span_id(id);
    out.parent_span_id = span_id(parent);
    out.name = name;
    out.start = case_time(start);
    out.end = case_time(end);
    out.received = out.end;
    out.project = 1;
    out.agent = 7;
    out.scope = &scope_;
    out.resource = &resource_;
    return out;
  }

  bool send(const Span& sent) {
    store_.add(sent);
    model::SpanFacts facts;
    store_.source().classify(sent, facts);
    return book_->on_span(sent, facts);
  }

  void save() {
    const auto saved = book_->save();
    ASSERT_TRUE(saved) << saved.error().message;
  }

  const model::CallSummary& only_call() {
    CHECK(directory_.calls.size() == 1, "there is one call");
    return directory_.calls.begin()->second;
  }

  model::Resource resource_;
  model::Scope scope_;
  MemoryStore store_;
  MemoryDirectory directory_;
  std::unique_ptr<CallBook> book_;
};

TEST_F(CallBookTest, ACallIsThereFromItsFirstSpanAndKeepsItsId) {
  send(span("a", "s1", "t1", "stt", 1, 2));
  save();
  const CallId id = only_call().id;
  EXPECT_FALSE(only_call().root_ended);
  send(span("a", "t1", "c", "turn", 1, 3));
  send(span("a", "c", "", "conversation", 0, 4));
  save();
  EXPECT_EQ(only_call().id, id);
  EXPECT_EQ(only_call().span_count, 3u);
  EXPECT_TRUE(only_call().root_ended);
  EXPECT_EQ(only_call().agent, 7);
}

TEST_F(CallBookTest, NothingNewSavesNothing) {
  send(span("a", "c", "", "conversation", 0, 4));
  save();
  const uint64_t saves = directory_.saves;
  save();
  EXPECT_EQ(directory_.saves, saves);
}

TEST_F(CallBookTest, SaysWhichSpansReplaceAndCountsThemOnce) {
  EXPECT_FALSE(send(span("a", "s1", "", "stt", 1, 2)));
  EXPECT_TRUE(send(span("a", "s1", "", "stt", 1, 2)));
  EXPECT_TRUE(send(span("a", "s1", "", "tts", 50, 52)));
  save();
  EXPECT_EQ(only_call().span_count, 1u);
  EXPECT_NE(only_call().flags & model::bit(model::CallFlag::kSpanIdReused), 0u);
}

TEST_F(CallBookTest, ALateSpanFindsItsCallAfterARestart) {
  send(span("a", "s1", "c", "stt", 1, 2));
  send(span("a", "c", "", "conversation", 0, 4));
  save();
  const CallId id = only_call().id;
  open({});
  send(span("a", "s2", "c", "stt", 2, 3));
  save();
  EXPECT_EQ(only_call().id, id);
  EXPECT_EQ(only_call().span_count, 3u);
  EXPECT_EQ(book_->numbers().reloads, 1u);
}

TEST_F(CallBookTest, ACallThatWasNotSavedIsReadAgainAfterARestart) {
  send(span("a", "s1", "c", "stt", 1, 2));
  send(span("a", "c", "", "conversation", 0, 4));
  open({});
  book_->revisit(1, trace_id("a"));
  book_->revisit(1, trace_id("deleted meanwhile"));
  send(span("a", "s2", "c", "stt", 2, 3));
  save();
  EXPECT_EQ(only_call().span_count, 3u);
}

TEST_F(CallBookTest, MuchThatIsUnsavedIsUrgent) {
  open({.bytes_max = 4'000});
  EXPECT_FALSE(book_->is_save_urgent());
  for (int i = 0; i < 20; ++i) {
    send(span("a", std::string("s").append(std::to_string(i)), "", "stt", 1, 2));
  }
  EXPECT_TRUE(book_->is_save_urgent());
  save();
  EXPECT_FALSE(book_->is_save_urgent());
}

TEST_F(CallBookTest, AReplayOfTheWholeCallReadsNothing) {
  const std::vector<Span> spans = {span("a", "s1", "c", "stt", 1, 2),
                                   span("a", "c", "", "conversation", 0, 4)};
  for (const Span& one : spans) send(one);
  save();
  open({});
  for (const Span& one : spans) send(one);
  save();
  EXPECT_EQ(only_call().span_count, 2u);
  EXPECT_EQ(book_->numbers().reloads, 0u);
}

TEST_F(CallBookTest, ARefusedSaveIsMadeUpFor) {
  send(span("a", "c", "", "conversation", 0, 4));
  directory_.is_failing = true;
  EXPECT_FALSE(book_->save());
  EXPECT_TRUE(directory_.calls.empty());
  send(span("a", "s1", "c", "stt", 1, 2));
  directory_.is_failing = false;
  save();
  EXPECT_EQ(only_call().span_count, 2u);
}

TEST_F(CallBookTest, TwoSavedCallsThatTurnOutToBeOneAreMerged) {
  scope_.name = "openinference.instrumentation.pipecat";
  const auto turn = [&](std::string_view trace, int number, double start) {
    Span out = span(trace, trace, "", "pipecat.conversation.turn", start, start + 1);
    out.attributes = {{"session.id", model::Value::of("s")},
                      {"conversation.turn_number", model::Value::of_int(number)}};
    return out;
  };
  // Six minutes apart they are two calls, until a turn comes in between.
  send(turn("1", 1, 0));
  send(turn("3", 3, 360));
  save();
  ASSERT_EQ(directory_.calls.size(), 2u);
  const CallId older = directory_.calls.begin()->first;
  const CallId newer = directory_.calls.rbegin()->first;
  send(turn("2", 2, 180));
  save();
  EXPECT_EQ(only_call().id, older);
  EXPECT_EQ(only_call().turn_count, 3u);
  EXPECT_EQ(directory_.aliases.at(newer), older);
}

TEST_F(CallBookTest, ACallThatTurnsOutToBeTwoKeepsItsIdForTheFirst) {
  send(span("a", "s1", "c1", "stt", 1, 2));
  send(span("a", "s2", "c2", "stt", 11, 12));
  save();
  const CallId id = only_call().id;
  send(span("a", "c2", "", "conversation", 10, 14));
  send(span("a", "c1", "", "conversation", 0, 4));
  save();
  ASSERT_EQ(directory_.calls.size(), 2u);
  EXPECT_EQ(directory_.calls.at(id).anchor, span_id("c1"));
  // Read one by one they hold their own spans only.
  const CallReader reader(store_.source(), prices());
  for (const auto& [call, saved] : directory_.calls) {
    const auto spans = reader.spans(saved);
    ASSERT_TRUE(spans);
    EXPECT_EQ(spans.value().spans.size(), 2u);
    EXPECT_EQ(reader.read(saved).value().summary.started, saved.started);
  }
}

TEST_F(CallBookTest, OneProjectNeverSeesAnothersTrace) {
  Span other = span("a", "s1", "", "stt", 1, 2);
  send(other);
  other.project = 2;
  send(other);
  save();
  ASSERT_EQ(directory_.calls.size(), 2u);
  EXPECT_EQ(directory_.calls.begin()->second.span_count, 1u);
  EXPECT_NE(directory_.calls.begin()->second.project, directory_.calls.rbegin()->second.project);
}

TEST_F(CallBookTest, ADeletedTraceIsForgotten) {
  send(span("a", "s1", "", "stt", 1, 2));
  send(span("b", "s1", "", "stt", 1, 2));
  book_->forget(1, trace_id("a"));
  save();
  EXPECT_EQ(only_call().trace_ids.front(), trace_id("b"));
  book_->forget(1, trace_id("b"));
  book_->forget(1, trace_id("never seen"));
  EXPECT_EQ(book_->numbers().traces, 0u);
  EXPECT_EQ(book_->numbers().bytes, 0u);
}

TEST_F(CallBookTest, TellsWhatItSaved) {
  std::vector<CallId> told;
  open({.on_saved = [&](std::span<const model::CallSummary> calls) {
    for (const auto& call : calls) told.push_back(call.id);
  }});
  send(span("a", "s1", "", "stt", 1, 2));
  save();
  EXPECT_EQ(told, std::vector<CallId>{only_call().id});
}

TEST_F(CallBookTest, MemoryIsBoundedAndNothingIsLost) {
  constexpr size_t kBytesMax = size_t{1} << 20;
  open({.bytes_max = kBytesMax});
  constexpr int kCalls = 600, kSpans = 20;
  std::vector<std::string> names;
  for (int c = 0; c < kCalls; ++c) names.push_back("call" + std::to_string(c));
  // All calls at once, and no save for a long time.
  for (int s = 0; s < kSpans; ++s) {
    for (const std::string& name : names) {
      send(span(name, std::to_string(s + 1), s == 0 ? "" : "1", s == 0 ? "conversation" : "stt", s,
                s + 1));
      EXPECT_LE(book_->numbers().bytes, kBytesMax * 2);
    }
  }
  EXPECT_GT(book_->numbers().shed, 0u);
  save();
  EXPECT_LE(book_->numbers().bytes, kBytesMax);
  ASSERT_EQ(directory_.calls.size(), static_cast<size_t>(kCalls));
  for (const auto& [id, call] : directory_.calls)
    EXPECT_EQ(call.span_count, static_cast<uint32_t>(kSpans));
}

TEST_F(CallBookTest, AHugeTraceIsCountedAndDerivedInReasonableTime) {
  constexpr uint32_t kSpans = 50'500;
  std::vector<std::string> ids;
  for (uint32_t i = 0; i < kSpans; ++i) ids.push_back(std::to_string(i + 1));
  model::SpanFacts facts;
  for (uint32_t i = 0; i < kSpans; ++i) {
    const Span one =
        span("huge", ids[i], i == 0 ? "" : ids[i - 1], i == 0 ? "conversation" : "stt", i, i + 2);
    store_.source().classify(one, facts);
    book_->on_span(one, facts);
  }
  save();
  EXPECT_EQ(only_call().span_count, kSpans);
  EXPECT_NE(only_call().flags & model::bit(model::CallFlag::kTooManySpans), 0u);
}

// Ids without end under one name make no group without end.
TEST_F(CallBookTest, AnOverusedNameIsBounded) {
  scope_.name = "some.sdk";
  for (int i = 0; i < 3'000; ++i) {
    Span one = span("t" + std::to_string(i), "s", "", "chat", i * 0.01, i * 0.01 + 1);
    one.attributes = {{"gen_ai.operation.name", model::Value::of("chat")},
                      {"gen_ai.conversation.id", model::Value::of("default")}};
    send(one);
  }
  save();
  size_t spans = 0;
  for (const auto& [id, call] : directory_.calls) {
    spans += call.span_count;
    EXPECT_LE(call.trace_ids.size(), ActiveCalls::kGroupTracesMax);
  }
  EXPECT_EQ(spans, 3'000u);
}

TEST_F(CallBookTest, SpansAndSavesMayComeFromDifferentThreads) {
  open({.bytes_max = size_t{256} << 10});
  constexpr int kCalls = 200, kSpans = 30;
  std::vector<Span> spans;
  for (int s = 0; s < kSpans; ++s) {
    for (int c = 0; c < kCalls; ++c) {
      spans.push_back(span("call" + std::to_string(c), std::to_string(s + 1), "", "stt", s, s + 1));
      store_.add(spans.back());
    }
  }
  std::atomic<bool> is_done = false;
  std::thread saver([&] {
    while (!is_done) EXPECT_TRUE(book_->save());
  });
  for (const Span& one : spans) {
    model::SpanFacts facts;
    store_.source().classify(one, facts);
    book_->on_span(one, facts);
  }
  is_done = true;
  saver.join();
  save();
  ASSERT_EQ(directory_.calls.size(), static_cast<size_t>(kCalls));
  for (const auto& [id, call] : directory_.calls)
    EXPECT_EQ(call.span_count, static_cast<uint32_t>(kSpans));
}

// The same through the real catalog.
TEST_F(CallBookTest, SavesToTheCatalogAndFindsThere) {
  const auto folder =
      std::filesystem::temp_directory_path() /
      ("callscope_call_book_test_" + std::to_string(reinterpret_cast<uintptr_t>(this)));
  std::filesystem::create_directories(folder);
  {
    auto catalog = store::Catalog::open({.path = folder / "catalog.db"}, system_clock());
    ASSERT_TRUE(catalog) << catalog.error().message;
    CatalogDirectory directory(*catalog.value());
    CallBook book(directory, store_.source(), prices(), {});
    const auto send_to = [&](CallBook& to, const Span& one) {
      store_.add(one);
      model::SpanFacts facts;
      store_.source().classify(one, facts);
      to.on_span(one, facts);
    };
    Span root = span("a", "c", "", "conversation", 0, 4);
    root.attributes = {{"conversation.id", model::Value::of("cust-1")}};
    root.agent = 1;
    send_to(book, root);
    ASSERT_TRUE(book.save());
    const auto ids = catalog.value()->calls_of_trace(1, trace_id("a"));
    ASSERT_TRUE(ids);
    ASSERT_EQ(ids.value().size(), 1u);

    // After a restart an orphan finds the call by its name.
    CallBook restarted(directory, store_.source(), prices(), {});
    Span orphan = span("b", "x", "", "tts", 1, 2);
    orphan.attributes = {{"conversation.id", model::Value::of("cust-1")}};
    orphan.agent = 1;
    send_to(restarted, orphan);
    const auto saved = restarted.save();
    ASSERT_TRUE(saved) << saved.error().message;
    const auto call = catalog.value()->call(1, ids.value().front());
    ASSERT_TRUE(call);
    ASSERT_TRUE(call.value());
    EXPECT_EQ(call.value()->trace_ids.size(), 2u);
    EXPECT_EQ(call.value()->span_count, 2u);
    EXPECT_EQ(call.value()->call_id, "cust-1");
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace callscope::calls
