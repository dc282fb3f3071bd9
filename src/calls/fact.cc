#include "calls/fact.h"

namespace callscope::calls {
namespace {

// Everything here is the sender's and may be absurd. The bounds keep differences of times and sums
// over all facts of a call within 64 bits.
TimeNs bounded(TimeNs time) {
  constexpr int64_t kTimeMax = 8'000'000'000'000'000'000;  // in the year 2223
  return {std::clamp<int64_t>(time.ns, 0, kTimeMax)};
}

model::Measure bounded(model::Measure measure) {
  constexpr int64_t kMeasureMax = 10'000'000'000'000;  // 115 days in us, 10,000 USD in nano-USD
  return measure ? model::Measure(std::clamp<int64_t>(*measure, 0, kMeasureMax)) : measure;
}

}  // namespace

Fact make_fact(const model::Span& span, const model::SpanFacts& facts, NameTable& names) {
  Fact fact;
  fact.id = span.span_id;
  const bool is_own_parent = is_same(span.parent_span_id, span.span_id);
  if (!is_own_parent) fact.parent = span.parent_span_id;
  fact.received = bounded(span.received);
  const TimeNs start = bounded(span.start);
  const TimeNs end = bounded(span.end);
  fact.start = start.is_set() ? start : end.is_set() ? end : fact.received;
  fact.end = end.is_set() ? std::max(end, fact.start) : end;
  fact.agent = static_cast<uint32_t>(span.agent);

  fact.kind = facts.kind;
  fact.cost_source = facts.cost_source;
  fact.framework = names.add(facts.framework);
  fact.version = span.scope ? names.add(span.scope->version) : NameId{0};
  fact.rule = names.add(facts.rule);
  fact.provider = names.add(facts.provider);
  fact.model = names.add(facts.model);
  fact.tool = names.add(facts.tool_name);
  fact.session_key = names.add(facts.session_key);

  uint32_t bits = span.flags;
  const auto set = [&](FactBit bit, bool on) { bits |= on ? bit : 0u; };
  set(kBillable, facts.billable);
  set(kDurationValid, facts.duration_valid);
  set(kInterrupted, facts.interrupted);
  set(kIsError, facts.is_error);
  set(kProvisional, facts.provisional);
  set(kCallEndedIt, facts.call_ended_it);
  set(kAsksTools, facts.asks_tools);
  set(kInputNetOfCache, facts.input_net_of_cache);
  set(kParentIsItself, is_own_parent);
  fact.bits = bits;

  fact.turn_index = facts.turn_index;
  fact.latency_us = facts.latency_us;
  fact.response_latency_us = facts.response_latency_us;
  fact.endpointing_us = facts.endpointing_us;
  fact.transcription_us = facts.transcription_us;
  fact.text_aggregation_us = facts.text_aggregation_us;
  fact.queue_wait_us = facts.queue_wait_us;
  fact.hook_us = facts.hook_us;
  fact.input_tokens = facts.input_tokens;
  fact.output_tokens = facts.output_tokens;
  fact.cache_read_tokens = facts.cache_read_tokens;
  fact.cache_write_tokens = facts.cache_write_tokens;
  fact.reasoning_tokens = facts.reasoning_tokens;
  fact.audio_input_tokens = facts.audio_input_tokens;
  fact.audio_output_tokens = facts.audio_output_tokens;
  fact.characters = facts.characters;
  fact.audio_us = bounded(facts.audio_us);
  fact.session_us = bounded(facts.session_us);
  fact.cost_nano_usd = bounded(facts.cost_nano_usd);
  return fact;
}

}  // namespace callscope::calls
