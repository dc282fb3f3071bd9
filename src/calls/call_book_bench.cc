// What a span costs the call book and what a call costs a save, under traffic shaped like
// otlpload's: 59 spans a call, 1,280 calls at a time, their spans interleaved, the root last.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <random>

#include "base/check.h"
#include "calls/call_book.h"
#include "calls/catalog_directory.h"
#include "calls/derive.h"
#include "store/catalog/catalog.h"

namespace callscope::calls {
namespace {

using model::OpKind;
using model::SpanFacts;

constexpr int kTurns = 14;
constexpr uint32_t kSpansOfCall = 1 + kTurns * 4 + 2;

struct Sent {
  model::Span span;
  SpanFacts facts;
};

// The spans of one call in the order in which they end.
class CallMaker {
 public:
  CallMaker() {
    scope_.name = "pipecat.tracing";
    scope_.version = "0.0.98";
  }

  void make(uint64_t number, std::vector<Sent>& out) {
    number_ = number;
    next_id_ = 1;
    key_ = fmt::format("{:08x}-5ae1-4a20-b8a1-0f1f2f3f4f5f", number);
    const SpanId root = id(), no_parent{};
    double at = static_cast<double>(number % 1000);
    for (int t = 0; t < kTurns; ++t) {
      const SpanId turn = id();
      const double start = at;
      SpanFacts stt = facts(OpKind::kStt, "ck.stt");
      stt.billable = true;
      stt.provider = "deepgram";
      stt.model = "nova-3";
      stt.latency_us = 200'000;
      add(out, id(), turn, at, at + 2, stt);
      at += 2;
      const SpanId llm_id = id();
      if (t % 7 == 3) {
        SpanFacts tool = facts(OpKind::kTool, "ck.tool");
        tool.tool_name = "lookup_account";
        add(out, id(), llm_id, at + 0.4, at + 0.8, tool);
      }
      SpanFacts llm = facts(OpKind::kLlm, "ck.llm");
      llm.billable = true;
      llm.provider = "openai";
      llm.model = "gpt-4o-mini";
      llm.latency_us = 400'000;
      llm.input_tokens = 1500;
      llm.output_tokens = 60;
      llm.cache_read_tokens = 900;
      add(out, llm_id, turn, at, at + 1, llm);
      at += 1;
      SpanFacts tts = facts(OpKind::kTts, "ck.tts");
      tts.billable = true;
      tts.provider = "cartesia";
      tts.model = "sonic-2";
      tts.latency_us = 150'000;
      tts.characters = 120;
      add(out, id(), turn, at, at + 3, tts);
      at += 4;
      SpanFacts turn_facts = facts(OpKind::kTurn, "ck.turn");
      turn_facts.turn_index = t + 1;
      turn_facts.response_latency_us = 900'000;
      add(out, turn, root, start, at, turn_facts);
    }
    add(out, root, no_parent, static_cast<double>(number % 1000), at,
        facts(OpKind::kCall, "ck.call"));
  }

 private:
  SpanId id() {
    SpanId made;
    const uint64_t value = (number_ * 1000 + next_id_++) * 0x9E3779B97F4A7C15ull;
    std::memcpy(made.bytes.data(), &value, 8);
    return made;
  }

  SpanFacts facts(OpKind kind, std::string_view rule) const {
    SpanFacts out;
    out.kind = kind;
    out.framework = "cekura";
    out.rule = rule;
    out.session_key = key_;
    return out;
  }

  void add(std::vector<Sent>& out, SpanId span, SpanId parent, double start, double end,
           SpanFacts facts) {
    Sent sent;
    const uint64_t trace = (number_ + 1) * 0xD1B54A32D192ED03ull;
    std::memcpy(sent.span.trace_id.bytes.data(), &trace, 8);
    std::memcpy(sent.span.trace_id.bytes.data() + 8, &number_, 8);
    sent.span.span_id = span;
    sent.span.parent_span_id = parent;
    sent.span.start = {1'788'220'800'000'000'000 + static_cast<int64_t>(start * 1e9)};
    sent.span.end = {1'788'220'800'000'000'000 + static_cast<int64_t>(end * 1e9)};
    sent.span.received = sent.span.end;
    sent.span.project = 1;
    sent.span.agent = 1;
    sent.span.scope = &scope_;
    sent.span.resource = &resource_;
    sent.facts = std::move(facts);
    out.push_back(std::move(sent));
  }

  model::Scope scope_;
  model::Resource resource_;
  uint64_t number_ = 0, next_id_ = 1;
  std::string key_;
};

// Which span of which call is sent next: `calls` calls, kAtATime of them under way at any time.
struct Next {
  uint32_t call;
  uint32_t span;
};
std::vector<Next> traffic(uint32_t first, uint32_t calls) {
  constexpr uint32_t kAtATime = 1'280;
  std::vector<Next> under_way, out;
  std::mt19937 random(3);
  uint32_t next = first;
  while (next < first + calls || !under_way.empty()) {
    while (under_way.size() < kAtATime && next < first + calls) under_way.push_back({next++, 0});
    Next& picked = under_way[random() % under_way.size()];
    out.push_back(picked);
    if (++picked.span < kSpansOfCall) continue;
    picked = under_way.back();
    under_way.pop_back();
  }
  return out;
}

// Makes the spans of any call out of those of one, so that they are as warm in the processor's
// cache as a span is that was just decoded.
class Sender {
 public:
  explicit Sender(CallBook& book) : book_(book) { maker_.make(0, spans_); }

  void send(const Next& next) {
    Sent& sent = spans_[next.span];
    const uint64_t trace = (next.call + 1) * 0xD1B54A32D192ED03ull;
    std::memcpy(sent.span.trace_id.bytes.data(), &trace, 8);
    std::memcpy(sent.span.trace_id.bytes.data() + 8, &next.call, 4);
    for (SpanId* id : {&sent.span.span_id, &sent.span.parent_span_id}) {
      if (!id->is_zero()) std::memcpy(id->bytes.data(), &next.call, 3);
    }
    std::memcpy(sent.facts.session_key.data(), &next.call, 4);
    sent.facts.cost_nano_usd.reset();
    book_.on_span(sent.span, sent.facts);
  }

 private:
  CallBook& book_;
  CallMaker maker_;  // its scope is that of the spans
  std::vector<Sent> spans_;
};

class NoDirectory : public CallDirectory {
 public:
  Result<std::vector<KnownCall>> find_by_traces(ProjectId, std::span<const TraceId>) override {
    return std::vector<KnownCall>();
  }
  Result<std::vector<KnownCall>> find_by_name(ProjectId, std::string_view, TimeNs,
                                              TimeNs) override {
    return std::vector<KnownCall>();
  }
  Result<void> save(std::span<model::CallSummary> calls, std::span<const MergedCall>) override {
    for (model::CallSummary& call : calls) {
      if (call.id == 0) call.id = next_++;
    }
    return {};
  }

 private:
  CallId next_ = 1;
};

SpanSource no_source() {
  return {.load = [](ProjectId, TraceId) -> Result<std::unique_ptr<model::SpanBatch>> {
            return std::make_unique<model::SpanBatch>();
          },
          .classify = [](const model::Span&, SpanFacts&) {},
          .texts = [](const model::Span&, const SpanFacts&) { return model::SpanTexts(); }};
}

const Prices& prices() {
  static const Prices loaded = [] {
    auto result = Prices::load();
    CHECK(result, "the embedded prices can be read");
    return std::move(result).value();
  }();
  return loaded;
}

constexpr uint32_t kCalls = 10'000;

// The cost of a span on its way in, saves left out.
void on_span(benchmark::State& state) {
  NoDirectory directory;
  const std::vector<Next> order = traffic(0, kCalls);
  for (auto _ : state) {
    state.PauseTiming();
    auto book = std::make_unique<CallBook>(directory, no_source(), prices(),
                                           CallBookOptions{.bytes_max = size_t{1} << 30});
    Sender sender(*book);
    state.ResumeTiming();
    for (const Next& next : order) sender.send(next);
    state.PauseTiming();
    state.counters["bytes_a_span"] =
        static_cast<double>(book->numbers().bytes) / static_cast<double>(order.size());
    state.SetItemsProcessed(state.items_processed() + static_cast<int64_t>(order.size()));
    book.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(on_span)->Unit(benchmark::kMillisecond)->Iterations(5);

// The cost of a save for each call, without and with the catalog.
void save(benchmark::State& state, CallDirectory& directory) {
  uint32_t first = 0;
  int64_t calls = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto book = std::make_unique<CallBook>(directory, no_source(), prices(),
                                           CallBookOptions{.bytes_max = size_t{1} << 30});
    Sender sender(*book);
    for (const Next& next : traffic(first, kCalls)) sender.send(next);
    first += kCalls;
    state.ResumeTiming();
    CHECK(book->save(), "a save succeeds");
    calls += kCalls;
    state.PauseTiming();
    book.reset();
    state.ResumeTiming();
  }
  state.counters["s_for_1M_calls"] = benchmark::Counter(
      static_cast<double>(calls) / 1e6, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void save_without_catalog(benchmark::State& state) {
  NoDirectory directory;
  save(state, directory);
}
BENCHMARK(save_without_catalog)->Unit(benchmark::kMillisecond)->Iterations(3);

void save_with_catalog(benchmark::State& state) {
  const auto folder = std::filesystem::temp_directory_path() / "callscope_call_book_bench";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  auto catalog = store::Catalog::open({.path = folder / "catalog.db"}, system_clock());
  CHECK(catalog, "a catalog can be made");
  CatalogDirectory directory(*catalog.value());
  save(state, directory);
  state.counters["file_bytes_a_call"] =
      static_cast<double>(std::filesystem::file_size(folder / "catalog.db")) /
      static_cast<double>(kCalls) / static_cast<double>(state.iterations());
}
BENCHMARK(save_with_catalog)->Unit(benchmark::kMillisecond)->Iterations(3);

// The part of a save that thinks, with all it needs in the processor's cache.
void derive_call(benchmark::State& state) {
  CallMaker maker;
  std::vector<Sent> spans;
  maker.make(1, spans);
  TraceFacts trace(1, spans.front().span.trace_id);
  for (const Sent& sent : spans) trace.record(sent.span, sent.facts, no_source().texts, {});
  const TraceFacts* const traces[] = {&trace};
  PriceCache cache(prices());
  for (auto _ : state) {
    const FactSet set = make_fact_set(traces);
    const SpanTree tree(set);
    for (const CallFacts& call : partition(set, tree)) {
      benchmark::DoNotOptimize(derive(set, tree, call, cache).summary);
    }
  }
}
BENCHMARK(derive_call);

void pack_summary(benchmark::State& state) {
  CallMaker maker;
  std::vector<Sent> spans;
  maker.make(1, spans);
  TraceFacts trace(1, spans.front().span.trace_id);
  for (const Sent& sent : spans) trace.record(sent.span, sent.facts, no_source().texts, {});
  const TraceFacts* const traces[] = {&trace};
  PriceCache cache(prices());
  const FactSet set = make_fact_set(traces);
  const SpanTree tree(set);
  const model::CallSummary summary = derive(set, tree, partition(set, tree).front(), cache).summary;
  for (auto _ : state) benchmark::DoNotOptimize(model::pack_rest(summary));
  state.counters["bytes"] = static_cast<double>(model::pack_rest(summary).size());
}
BENCHMARK(pack_summary);

// Traffic under the default memory limit, with a save after as many spans as come in the given
// milliseconds at 150,000 spans/s.
void steady(benchmark::State& state) {
  NoDirectory directory;
  CallBook book(directory, no_source(), prices(), {});
  Sender sender(book);
  const auto save_every = static_cast<size_t>(state.range(0) * 150);
  uint32_t first = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const std::vector<Next> order = traffic(first, kCalls * 4);
    first += kCalls * 4;
    state.ResumeTiming();
    size_t sent = 0;
    for (const Next& next : order) {
      sender.send(next);
      if (++sent % save_every == 0) CHECK(book.save(), "a save succeeds");
    }
    state.SetItemsProcessed(state.items_processed() + static_cast<int64_t>(order.size()));
  }
  state.counters["mib"] = static_cast<double>(book.numbers().bytes) / (1 << 20);
  state.counters["reloads"] = static_cast<double>(book.numbers().reloads);
}
BENCHMARK(steady)->Unit(benchmark::kMillisecond)->Arg(200)->Arg(2'000)->Iterations(2);

void price_lookup(benchmark::State& state) {
  PriceCache cache(prices());
  SpanFacts facts;
  facts.kind = OpKind::kLlm;
  facts.billable = true;
  facts.provider = "openai";
  facts.model = "gpt-4o-mini";
  facts.input_tokens = 1500;
  facts.output_tokens = 60;
  facts.cache_read_tokens = 900;
  for (auto _ : state) {
    facts.cost_nano_usd.reset();
    cache.complete(1, facts, {1'788'220'800'000'000'000});
    benchmark::DoNotOptimize(facts.cost_nano_usd);
  }
}
BENCHMARK(price_lookup);

void load_prices(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Prices::load());
}
BENCHMARK(load_prices)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace callscope::calls

BENCHMARK_MAIN();
