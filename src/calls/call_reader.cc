#include "calls/call_reader.h"

#include <algorithm>
#include <unordered_map>

#include "calls/derive.h"
#include "calls/describe_reports.h"
#include "calls/fact_set.h"
#include "calls/partition.h"
#include "calls/span_tree.h"

namespace callscope::calls {
namespace {

using SpansById = std::unordered_map<SpanId, CallSpan, SpanIdHash>;

bool holds_anchor(const FactSet& set, const CallFacts& call, const SpanId& anchor) {
  return std::any_of(call.facts.begin(), call.facts.end(),
                     [&](uint32_t i) { return is_same(set.facts[i].id, anchor); });
}

bool holds_report(const FactSet& set, const CallFacts& call, ReportId id) {
  return std::any_of(call.traces.begin(), call.traces.end(), [&](uint32_t t) {
    return set.traces[t].report && set.traces[t].report->id == id;
  });
}

// The one of `calls` that was saved as `saved`: it holds its anchor, or else most of its first
// trace.
size_t find_call(const FactSet& set, const std::vector<CallFacts>& calls,
                 const model::CallSummary& saved) {
  size_t best = 0;
  size_t most = 0;
  for (size_t c = 0; c < calls.size(); ++c) {
    if (saved.anchor.is_zero() && !saved.reports.empty() &&
        holds_report(set, calls[c], saved.reports.front().id))
      return c;
    if (!saved.anchor.is_zero() && holds_anchor(set, calls[c], saved.anchor)) return c;
    const auto count = static_cast<size_t>(
        std::count_if(calls[c].facts.begin(), calls[c].facts.end(), [&](uint32_t i) {
          return !saved.trace_ids.empty() &&
                 set.traces[set.facts[i].trace].id == saved.trace_ids.front();
        }));
    if (count > most) {
      best = c;
      most = count;
    }
  }
  return best;
}

}  // namespace

struct CallReader::Loaded {
  std::vector<LoadedReport> reports;
  std::vector<std::unique_ptr<model::SpanBatch>> batches;
  std::unordered_map<TraceId, SpansById, TraceIdHash> spans;
  FactSet set;
  std::unique_ptr<SpanTree> tree;
  CallFacts call;

  const CallSpan& at(uint32_t i) const {
    return spans.at(set.traces[set.facts[i].trace].id).at(set.facts[i].id);
  }
};

CallReader::CallReader(SpanSource source, const Prices& prices,
                       std::vector<std::string> session_names)
    : source_(std::move(source)), prices_(prices), session_names_(std::move(session_names)) {}

Result<CallReader::Loaded> CallReader::load(const model::CallSummary& saved) const {
  Loaded loaded;
  std::vector<std::unique_ptr<TraceFacts>> traces;
  PriceCache prices(prices_);
  for (const TraceId& id : saved.trace_ids) {
    auto batch = TRY(source_.load(saved.project, id));
    if (batch->spans.empty()) continue;
    auto facts_of_trace = std::make_unique<TraceFacts>(saved.project, id);
    SpansById& spans = loaded.spans[id];
    for (const model::Span& span : batch->spans) {
      CallSpan known{.span = &span, .facts = {}};
      source_.classify(span, known.facts);
      prices.complete(saved.project, known.facts, span.start.is_set() ? span.start : span.received);
      facts_of_trace->record(span, known.facts, source_.texts, session_names_);
      spans.insert_or_assign(span.span_id, std::move(known));
    }
    traces.push_back(std::move(facts_of_trace));
    loaded.batches.push_back(std::move(batch));
  }
  for (const model::ReportRef& ref : saved.reports) {
    auto report = TRY(source_.load_report(saved.project, ref.id));
    if (!report) continue;
    auto facts = std::make_unique<TraceFacts>(saved.project, store::trace_of_report(ref.id));
    facts->set_report(summarise(report->saved, report->report));
    traces.push_back(std::move(facts));
    loaded.reports.push_back(*std::move(report));
  }
  if (traces.empty()) return Error{ErrorCode::kNotFound, "nothing of the call is left"};

  std::vector<const TraceFacts*> borrowed;
  for (const auto& trace : traces) borrowed.push_back(trace.get());
  loaded.set = make_fact_set(borrowed);
  loaded.tree = std::make_unique<SpanTree>(loaded.set);
  std::vector<CallFacts> calls = partition(loaded.set, *loaded.tree);
  loaded.call = std::move(calls[find_call(loaded.set, calls, saved)]);
  return loaded;
}

Result<model::Call> CallReader::read(const model::CallSummary& saved) const {
  const Loaded loaded = TRY(load(saved));
  return describe_loaded(loaded, saved);
}

Result<WholeCall> CallReader::read_whole(const model::CallSummary& saved) const {
  Loaded loaded = TRY(load(saved));
  model::Call call = describe_loaded(loaded, saved);
  return WholeCall{std::move(call), spans_of(std::move(loaded))};
}

Result<CallSpans> CallReader::spans(const model::CallSummary& saved) const {
  return spans_of(TRY(load(saved)));
}

model::Call CallReader::describe_loaded(const Loaded& loaded,
                                        const model::CallSummary& saved) const {
  PriceCache prices(prices_);
  std::unordered_map<uint32_t, model::SpanTexts> texts;
  const TextsOf texts_of = [&](uint32_t i) -> const model::SpanTexts& {
    const auto [entry, is_new] = texts.try_emplace(i);
    if (is_new) {
      const CallSpan& span = loaded.at(i);
      entry->second = source_.texts(*span.span, span.facts);
    }
    return entry->second;
  };
  model::Call call = describe(loaded.set, *loaded.tree, loaded.call, prices, texts_of);
  describe_reports(loaded.reports, call);
  call.summary.id = saved.id;
  call.summary.sources |= saved.sources;
  call.summary.last_activity = std::max(call.summary.last_activity, saved.last_activity);
  return call;
}

CallSpans CallReader::spans_of(Loaded loaded) {
  CallSpans spans;
  for (const uint32_t i : loaded.call.facts) spans.spans.push_back(loaded.at(i));
  spans.batches = std::move(loaded.batches);
  return spans;
}

}  // namespace callscope::calls
