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

// One is asked for "claude-haiku-latest" and answers as "claude-haiku-20241022"; of two
// instrumentations either may name either. Returns the name without its date.
std::string_view undated(std::string_view model) {
  constexpr std::string_view kLatest = "-latest";
  if (model.ends_with(kLatest)) return model.substr(0, model.size() - kLatest.size());
  for (const std::string_view date : {"-00000000", "-0000-00-00"}) {
    if (model.size() <= date.size()) continue;
    const std::string_view tail = model.substr(model.size() - date.size());
    const bool is_date = std::equal(tail.begin(), tail.end(), date.begin(), [](char c, char d) {
      return d == '0' ? c >= '0' && c <= '9' : c == d;
    });
    if (is_date) return model.substr(0, model.size() - date.size());
  }
  return model;
}

bool is_same_model(const FactSet& set, const Fact& a, const Fact& b) {
  if (a.model == b.model || a.model == 0 || b.model == 0) return true;
  return undated(set.name(a.model)) == undated(set.name(b.model));
}

bool is_same_request(const FactSet& set, const Fact& inner, const Fact& outer) {
  if (request_kind(inner.kind) != request_kind(outer.kind)) return false;
  // Metrics of a realtime generation may come late, as a span of their own under it.
  if (request_kind(inner.kind) == OpKind::kS2s) return true;
  return is_same_model(set, inner, outer) && is_covered(inner, outer);
}

// LiveKit's adapters hand a stream of text on, sentence by sentence: those are the requests.
bool is_adapter_of(const Fact& outer, const Fact& inner) {
  return inner.kind == OpKind::kTts && inner.framework == outer.framework;
}

// Finds requests that two instrumentations tell of side by side, as their spans do not nest: a
// client library's own tracing beside an instrumentation of it. Facts come by start.
class SideBySide {
 public:
  explicit SideBySide(const FactSet& set) : set_(set) {}

  // Returns the earlier fact that tells of the same request, or null.
  const uint32_t* find(uint32_t i) {
    const Fact& fact = set_.facts[i];
    if (!fact.end.is_set()) return nullptr;
    std::erase_if(open_, [&](uint32_t o) { return set_.facts[o].end < fact.start; });
    const auto same = std::find_if(open_.begin(), open_.end(), [&](uint32_t o) {
      const Fact& other = set_.facts[o];
      const bool is_other_instrumentation =
          fact.framework != other.framework || fact.version != other.version;
      return is_other_instrumentation && is_same(fact.parent, other.parent) &&
             fact.end <= other.end && is_same_request(set_, fact, other);
    });
    if (same != open_.end()) return &*same;
    if (open_.size() < kOpenMax) open_.push_back(i);
    return nullptr;
  }

 private:
  static constexpr size_t kOpenMax = 32;
  const FactSet& set_;
  std::vector<uint32_t> open_;
};

// Of two that tell of the same request the one that knows more counts.
auto knowledge_of(const Fact& fact) {
  return std::tuple(has_usage(fact), fact.cost_source == CostSource::kReported);
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

Requests find_requests(const FactSet& set, const SpanTree& tree, const CallFacts& call) {
  Requests out;
  out.repeats.resize(set.facts.size());
  std::vector<bool>& counts = out.counts;
  counts.resize(set.facts.size());
  bool has_native_pipecat = false;
  for (const uint32_t i : call.facts) {
    counts[i] = set.facts[i].has(kBillable) && !set.facts[i].has(kProvisional);
    has_native_pipecat |= counts[i] && set.facts[i].framework == set.known.pipecat;
  }
  const auto within = tree.nearest([&](uint32_t i) { return static_cast<bool>(counts[i]); });
  const auto drop = [&](uint32_t i) {
    counts[i] = false;
    out.repeats[i] = true;
    out.is_double_instrumented |= request_kind(set.facts[i].kind) != OpKind::kS2s;
  };
  SideBySide side_by_side(set);
  for (const uint32_t i : call.facts) {
    if (!counts[i]) continue;
    const Fact& inner = set.facts[i];
    // Pipecat's own spans and OpenInference's of the same pipeline stand side by side.
    if (has_native_pipecat && inner.framework == set.known.oi_pipecat) {
      drop(i);
      continue;
    }
    const int32_t above = tree.has_parent(i) ? within[static_cast<size_t>(tree.parent(i))] : -1;
    if (above >= 0) {
      const auto outer = static_cast<uint32_t>(above);
      if (!is_same_request(set, inner, set.facts[outer])) continue;
      if (is_adapter_of(set.facts[outer], inner)) {
        counts[outer] = false;
        out.repeats[outer] = true;
        continue;
      }
      drop(knowledge_of(inner) > knowledge_of(set.facts[outer]) ? outer : i);
    } else if (const uint32_t* other = side_by_side.find(i)) {
      drop(knowledge_of(inner) > knowledge_of(set.facts[*other]) ? *other : i);
    }
  }
  return out;
}

Usage sum_usage(const FactSet& set, const CallFacts& call, const Requests& requests,
                DurationNs call_length, PriceCache& prices) {
  UsageSum sum(set, prices);
  for (const uint32_t i : call.facts) {
    if (requests.counts[i]) sum.add_request(set.facts[i]);
  }
  Usage usage = std::move(sum).finish(call_length);
  usage.is_double_instrumented = requests.is_double_instrumented;
  return usage;
}

}  // namespace callscope::calls
