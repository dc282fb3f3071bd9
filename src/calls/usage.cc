#include "calls/usage.h"

#include <algorithm>
#include <tuple>

namespace callscope::calls {
namespace {

using model::CostSource;
using model::Measure;
using model::ModelUse;
using model::OpKind;

// The kind of request that a billable span stands for: a user turn carries its transcription, an
// agent turn its speech-to-speech generation.
OpKind request_kind(OpKind kind) {
  if (kind == OpKind::kUserTurn) return OpKind::kStt;
  if (kind == OpKind::kAgentTurn) return OpKind::kS2s;
  return kind;
}

bool has_usage(const Fact& fact) {
  return fact.input_tokens || fact.output_tokens || fact.characters || fact.audio_us ||
         fact.session_us || fact.cost_nano_usd;
}

void add(Measure& sum, Measure value) {
  if (value) sum = sum.value_or(0) + *value;
}

int64_t cached_tokens(const Fact& fact) {
  return Measure(fact.cache_read_tokens).value_or(0) + Measure(fact.cache_write_tokens).value_or(0);
}

// With the cached ones, whichever way the provider counts.
Measure gross_input_tokens(const Fact& fact) {
  if (!fact.input_tokens) return {};
  const bool is_net = fact.has(kInputNetOfCache) || cached_tokens(fact) > *fact.input_tokens;
  return *fact.input_tokens + (is_net ? cached_tokens(fact) : 0);
}

// An inner span of the same request: it lies within `outer` for at least nine tenths of its time.
bool is_covered(const Fact& inner, const Fact& outer) {
  if (!inner.end.is_set() || !outer.end.is_set()) return true;
  const DurationNs overlap = std::min(inner.end, outer.end) - std::max(inner.start, outer.start);
  return overlap.ns >= inner.duration().ns / 10 * 9;
}

bool is_same_request(const Fact& inner, const Fact& outer) {
  if (request_kind(inner.kind) != request_kind(outer.kind)) return false;
  // Metrics of a realtime generation may come late, as a span of their own under it.
  if (request_kind(inner.kind) == OpKind::kS2s) return true;
  const bool is_same_model = inner.model == outer.model || inner.model == 0 || outer.model == 0;
  return is_same_model && is_covered(inner, outer);
}

class UsageSum {
 public:
  UsageSum(const FactSet& set, PriceCache& prices) : set_(set), prices_(prices) {}

  void add_request(const Fact& fact) {
    const OpKind kind = request_kind(fact.kind);
    Row& row = row_of(fact, kind);
    row.use.calls += 1;
    row.use.errors += fact.has(kIsError) ? 1 : 0;
    row.first_start = std::min(row.first_start, fact.start);
    if (fact.latency_us) row.latencies_ms.push_back((*fact.latency_us + 500) / 1000);
    if (kind == OpKind::kStt && fact.transcription_us && !fact.latency_us) {
      row.latencies_ms.push_back((*fact.transcription_us + 500) / 1000);
    }
    const Measure input = gross_input_tokens(fact);
    add(row.use.input_tokens, input);
    add(row.use.output_tokens, fact.output_tokens);
    add(row.use.cache_read_tokens, fact.cache_read_tokens);
    add(row.use.characters, fact.characters);
    add(row.use.audio_us, fact.audio_us);

    model::Totals& totals = out_.totals;
    add(totals.input_tokens, input);
    add(totals.output_tokens, fact.output_tokens);
    add(totals.cache_read_tokens, fact.cache_read_tokens);
    add(totals.cache_write_tokens, fact.cache_write_tokens);
    add(totals.reasoning_tokens, fact.reasoning_tokens);
    add(totals.audio_input_tokens, fact.audio_input_tokens);
    add(totals.audio_output_tokens, fact.audio_output_tokens);
    add(totals.characters, fact.characters);
    if (kind == OpKind::kStt) add(totals.stt_audio_us, fact.audio_us);
    if (kind == OpKind::kTts) add(totals.tts_audio_us, fact.audio_us);
    if (fact.cost_nano_usd) {
      add_cost(row, *fact.cost_nano_usd, fact.cost_source);
    } else if (!fact.has(kIsError) && !fact.has(kInterrupted)) {
      row.unpriced += 1;
    }
  }

  Usage finish(DurationNs call_length) && {
    for (Row& row : rows_) {
      estimate(row, call_length);
      out_.has_unpriced |= row.unpriced > 0;
      row.use.latency = model::summarise(row.latencies_ms);
      out_.models.push_back(std::move(row.use));
    }
    return std::move(out_);
  }

 private:
  struct Row {
    NameId provider, model;
    ModelUse use;
    TimeNs first_start;
    std::vector<Measure> latencies_ms;
    uint32_t unpriced = 0;  // requests without a cost
  };

  Row& row_of(const Fact& fact, OpKind kind) {
    for (Row& row : rows_) {
      if (row.use.name.kind == kind && row.provider == fact.provider && row.model == fact.model)
        return row;
    }
    Row& row = rows_.emplace_back(Row{.provider = fact.provider, .model = fact.model, .use = {}});
    row.use.name = {kind, std::string(set_.name(fact.provider)),
                    std::string(set_.name(fact.model))};
    row.first_start = fact.start;
    return row;
  }

  void add_cost(Row& row, int64_t nano_usd, CostSource source) {
    add(row.use.cost_nano_usd, nano_usd);
    add(out_.totals.cost_nano_usd, nano_usd);
    // "Reported" only where all of it is.
    for (CostSource* into : {&row.use.cost_source, &out_.cost_source}) {
      *into = *into == CostSource::kNone || *into == source ? source : CostSource::kComputed;
    }
  }

  // A transcription service bills the open stream, silence included. Where no span says how long it
  // was, the call's length is the best guess, and is marked as one.
  void estimate(Row& row, DurationNs call_length) {
    const bool has_stream = row.use.name.kind == OpKind::kStt && !row.use.audio_us &&
                            !row.use.cost_nano_usd && call_length > DurationNs{};
    if (!has_stream) return;
    const ModelPrices* prices =
        prices_.find(set_.project, row.use.name.provider, row.use.name.model);
    if (!prices) return;
    model::SpanFacts stream;
    stream.kind = OpKind::kStt;
    stream.audio_us = call_length.microseconds();
    const Measure cost = cost_nano_usd(prices->at(row.first_start), stream);
    if (!cost) return;
    add_cost(row, *cost, CostSource::kComputed);
    row.unpriced = 0;
    out_.has_estimates = true;
  }

  const FactSet& set_;
  PriceCache& prices_;
  std::vector<Row> rows_;
  Usage out_;
};

}  // namespace

std::vector<bool> find_requests(const FactSet& set, const SpanTree& tree, const CallFacts& call,
                                bool& is_double_instrumented) {
  std::vector<bool> counts(set.facts.size());
  bool has_native_pipecat = false;
  for (const uint32_t i : call.facts) {
    counts[i] = set.facts[i].has(kBillable) && !set.facts[i].has(kProvisional);
    has_native_pipecat |= counts[i] && set.facts[i].framework == set.known.pipecat;
  }
  const auto within = tree.nearest([&](uint32_t i) { return static_cast<bool>(counts[i]); });
  for (const uint32_t i : call.facts) {
    if (!counts[i]) continue;
    const Fact& inner = set.facts[i];
    // Pipecat's own spans and OpenInference's of the same pipeline stand side by side.
    if (has_native_pipecat && inner.framework == set.known.oi_pipecat) {
      counts[i] = false;
      is_double_instrumented = true;
      continue;
    }
    const int32_t above = tree.has_parent(i) ? within[static_cast<size_t>(tree.parent(i))] : -1;
    if (above < 0) continue;
    const Fact& outer = set.facts[static_cast<size_t>(above)];
    if (!is_same_request(inner, outer)) continue;
    // The one that says what was used is the one to count.
    const bool keeps_inner = has_usage(inner) && !has_usage(outer);
    counts[keeps_inner ? static_cast<size_t>(above) : i] = false;
    is_double_instrumented |= request_kind(inner.kind) != OpKind::kS2s;
  }
  return counts;
}

Usage sum_usage(const FactSet& set, const SpanTree& tree, const CallFacts& call,
                DurationNs call_length, PriceCache& prices) {
  bool is_double_instrumented = false;
  const std::vector<bool> counts = find_requests(set, tree, call, is_double_instrumented);
  UsageSum sum(set, prices);
  for (const uint32_t i : call.facts) {
    if (counts[i]) sum.add_request(set.facts[i]);
  }
  Usage usage = std::move(sum).finish(call_length);
  usage.is_double_instrumented = is_double_instrumented;
  return usage;
}

}  // namespace callscope::calls
