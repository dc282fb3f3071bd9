#include "calls/derive.h"

#include <algorithm>

#include "calls/cut_text.h"
#include "calls/reports.h"

namespace callscope::calls {
namespace {

using model::CallSummary;
using model::Measure;
using model::OpKind;

// The call's own span: the first of the outermost ones.
const Fact* find_call_span(const FactSet& set, const SpanTree& tree, const CallFacts& call) {
  const Fact* nested = nullptr;
  for (const uint32_t i : call.facts) {
    const Fact& fact = set.facts[i];
    if (fact.kind != OpKind::kCall || fact.has(kProvisional)) continue;
    if (!tree.has_parent(i) ||
        set.facts[static_cast<size_t>(tree.parent(i))].kind != OpKind::kCall) {
      return &fact;
    }
    if (!nested) nested = &fact;
  }
  return nested;
}

// Where no span is the call, an outermost agent or workflow of a single trace stands for it. A turn
// or a request does not: more may follow.
bool has_ended_root(const FactSet& set, const CallFacts& call, const Fact* call_span) {
  // Conventions that make a trace, with a span for all of it, of each turn.
  const bool has_successors = call.traces.size() > 1;
  if (call_span) {
    return call_span->end.is_set() && (set.marks_calls(call_span->framework) || !has_successors);
  }
  if (has_successors) return false;
  return std::any_of(call.facts.begin(), call.facts.end(), [&](uint32_t i) {
    const Fact& fact = set.facts[i];
    const bool stands_for_all = fact.kind == OpKind::kAgent || fact.kind == OpKind::kWorkflow ||
                                fact.kind == OpKind::kWrapper || fact.kind == OpKind::kOther;
    return fact.is_root() && stands_for_all && fact.end.is_set() && !fact.has(kProvisional);
  });
}

void set_times(const FactSet& set, const CallFacts& call, const Fact* call_span, CallSummary& out) {
  TimeNs first, last, first_of_all;
  for (const uint32_t i : call.facts) {
    const Fact& fact = set.facts[i];
    out.last_activity = std::max(out.last_activity, fact.received);
    if (!first_of_all.is_set()) first_of_all = fact.start;
    if (fact.has(model::kClockFarOff)) continue;
    if (!first.is_set()) first = fact.start;
    last = std::max(last, fact.end);
  }
  out.started = first.is_set() ? first : first_of_all;
  out.ended = last;
  if (!call_span) return;
  out.started = call_span->start;
  if (call_span->end.is_set()) out.ended = call_span->end;
}

// Errors at their origin: not the spans that an exception passed on its way up, and not an attempt
// that another one made good.
uint32_t count_errors(const FactSet& set, const SpanTree& tree, const CallFacts& call) {
  std::vector<uint32_t> failed;
  for (const uint32_t i : call.facts) {
    const Fact& fact = set.facts[i];
    const bool is_cut_off = fact.has(kInterrupted) && fact.kind != OpKind::kTool;
    if (fact.has(kIsError) && !is_cut_off && fact.kind != OpKind::kAttempt) failed.push_back(i);
  }
  if (failed.empty()) return 0;
  std::vector<bool> passed_on(set.facts.size());
  for (const uint32_t i : failed) {
    if (tree.has_parent(i)) passed_on[static_cast<size_t>(tree.parent(i))] = true;
  }
  return static_cast<uint32_t>(
      std::count_if(failed.begin(), failed.end(), [&](uint32_t i) { return !passed_on[i]; }));
}

void add_framework(const FactSet& set, const Fact& fact, CallSummary& out) {
  const std::string_view name = set.name(fact.framework);
  const std::string_view version = set.name(fact.version);
  for (model::FrameworkVersion& known : out.frameworks) {
    if (known.name != name) continue;
    if (known.version == version || version.empty()) return;
    if (!known.version.empty()) continue;
    known.version = version;
    return;
  }
  out.frameworks.push_back({std::string(name), std::string(version)});
}

// Senders choose versions and names; a summary stays small.
constexpr size_t kFrameworksMax = 8;
constexpr size_t kNamesMax = 32;

void set_frameworks(const FactSet& set, const CallFacts& call, CallSummary& out) {
  std::pair<NameId, NameId> last{};
  for (const uint32_t i : call.facts) {
    const Fact& fact = set.facts[i];
    const std::pair framework{fact.framework, fact.version};
    if (fact.framework == 0 || framework == last) continue;
    last = framework;
    if (out.frameworks.size() < kFrameworksMax) add_framework(set, fact, out);
  }
}

bool holds(const FactSet& set, const CallFacts& call, const CallNotes& notes) {
  if (std::find(call.traces.begin(), call.traces.end(), notes.trace) == call.traces.end())
    return false;
  if (!call.is_split) return true;
  return std::any_of(call.facts.begin(), call.facts.end(), [&](uint32_t i) {
    return is_same(set.facts[i].id, notes.span) && set.facts[i].trace == notes.trace;
  });
}

void set_notes(const FactSet& set, const CallFacts& call, const Fact* call_span, CallSummary& out) {
  for (const CallNotes& notes : set.notes) {
    if (!holds(set, call, notes)) continue;
    const bool is_call_span = call_span && notes.span == call_span->id;
    if (!notes.end_reason.empty() && (out.end_reason.empty() || is_call_span)) {
      out.end_reason = cut_text(notes.end_reason, model::kMetadataValueMax);
    }
    for (const auto& [key, value] : notes.metadata) {
      const bool is_known = std::any_of(out.metadata.begin(), out.metadata.end(),
                                        [&](const auto& known) { return known.first == key; });
      if (is_known || out.metadata.size() >= model::kMetadataMax) continue;
      out.metadata.emplace_back(cut_text(key, model::kMetadataValueMax),
                                cut_text(value, model::kMetadataValueMax));
    }
  }
}

void set_names(const FactSet& set, const CallFacts& call, const Fact* call_span, CallSummary& out) {
  for (const uint32_t t : call.traces) {
    if (!set.traces[t].report) out.trace_ids.push_back(set.traces[t].id);
  }
  if (call_span) out.call_id = set.name(call_span->session_key);
  for (const uint32_t i : call.facts) {
    if (!out.call_id.empty()) break;
    out.call_id = set.name(set.facts[i].session_key);
  }
  if (out.call_id.empty() && !out.trace_ids.empty()) out.call_id = out.trace_ids.front().hex();
  // The keys of a shared trace are not this call's own.
  if (call.is_split) return;
  for (const uint32_t t : call.traces) {
    for (const JoinKey& key : set.traces[t].keys) {
      const bool is_known =
          key.value == out.call_id || std::find(out.session_keys.begin(), out.session_keys.end(),
                                                key.value) != out.session_keys.end();
      if (!is_known && out.session_keys.size() < kNamesMax) out.session_keys.push_back(key.value);
    }
  }
  std::sort(out.session_keys.begin(), out.session_keys.end());
}

void set_tools(const FactSet& set, const CallFacts& call, const std::vector<ToolSpans>& tools,
               CallSummary& out) {
  const auto add_name = [&](NameId id) {
    const std::string_view name = set.name(id);
    const bool is_known =
        std::find(out.tool_names.begin(), out.tool_names.end(), name) != out.tool_names.end();
    if (!name.empty() && !is_known && out.tool_names.size() < kNamesMax)
      out.tool_names.emplace_back(name);
  };
  out.tool_count = static_cast<uint32_t>(tools.size());
  for (const ToolSpans& tool : tools) {
    out.tool_error_count += is_error(set, tool) ? 1 : 0;
    add_name(set.facts[tool.asked].tool);
  }
  if (!tools.empty() || call.is_split) return;
  // What the first request of a call has been told was before the call.
  const auto first_request = std::find_if(call.facts.begin(), call.facts.end(), [&](uint32_t i) {
    return may_tell_of_tools(set, set.facts[i]);
  });
  const TimeNs began =
      first_request == call.facts.end() ? TimeNs{} : set.facts[*first_request].start;
  // A use is repeated in each later trace that has its history.
  std::vector<uint64_t> before, seen, failed;
  const auto is_in = [](const std::vector<uint64_t>& uses, uint64_t use) {
    return std::find(uses.begin(), uses.end(), use) != uses.end();
  };
  const auto is_here = [&](const MentionedTool& tool) {
    return std::find(call.traces.begin(), call.traces.end(), tool.trace) != call.traces.end();
  };
  for (const MentionedTool& tool : set.mentioned_tools) {
    if (is_here(tool) && tool.first <= began) before.push_back(tool.use);
  }
  for (const MentionedTool& tool : set.mentioned_tools) {
    if (!is_here(tool) || is_in(before, tool.use)) continue;
    if (tool.is_error && !is_in(failed, tool.use)) failed.push_back(tool.use);
    if (is_in(seen, tool.use)) continue;
    seen.push_back(tool.use);
    add_name(tool.name);
  }
  out.tool_count = static_cast<uint32_t>(seen.size());
  out.tool_error_count = static_cast<uint32_t>(failed.size());
  for (const MentionedTool& tool : set.mentioned_tools) {
    const auto use = std::find(seen.begin(), seen.end(), tool.use);
    if (use == seen.end() || !is_here(tool) || set.name(tool.name).empty()) continue;
    seen.erase(use);
    model::add_use(out.told_tools, set.name(tool.name), is_in(failed, tool.use));
  }
  std::sort(out.tool_names.begin(), out.tool_names.end());
}

void set_turns(const TurnSet& turns, const std::vector<TurnLatency>& latencies, CallSummary& out) {
  out.turn_count = static_cast<uint32_t>(turns.turns.size());
  std::vector<Measure> reported_us, computed_us;
  for (size_t t = 0; t < turns.turns.size(); ++t) {
    out.interruption_count += turns.turns[t].interruption == Interruption::kUser ? 1 : 0;
    reported_us.push_back(latencies[t].reported_us);
    computed_us.push_back(latencies[t].computed_us);
  }
  set_latencies(reported_us, computed_us, out);
}

}  // namespace

Derived derive(const FactSet& set, const SpanTree& tree, const CallFacts& call,
               PriceCache& prices) {
  Derived out;
  CallSummary& summary = out.summary;
  const Fact* call_span = find_call_span(set, tree, call);
  summary.project = set.project;
  summary.anchor = call.anchor;
  if (!call.facts.empty()) {
    summary.agent = (call_span ? *call_span : set.facts[call.facts.front()]).agent;
    summary.sources = model::kFromOtlp;
  }
  summary.root_ended = has_ended_root(set, call, call_span);
  summary.span_count = static_cast<uint32_t>(call.facts.size());
  for (const uint32_t t : call.traces) {
    summary.span_count +=
        static_cast<uint32_t>(std::min<uint64_t>(set.traces[t].passed_over, 1u << 30));
  }
  set_times(set, call, call_span, summary);
  set_names(set, call, call_span, summary);
  set_frameworks(set, call, summary);
  set_notes(set, call, call_span, summary);
  summary.error_count = count_errors(set, tree, call);

  out.requests = find_requests(set, tree, call);
  out.turns = find_turns(set, tree, call, out.requests.repeats);
  Measure sent_before;
  for (const TurnFacts& turn : out.turns.turns) {
    out.latencies.push_back(measure_turn(set, out.turns, turn, sent_before));
    sent_before = out.latencies.back().sent_us;
  }
  set_turns(out.turns, out.latencies, summary);

  out.tools = find_tools(set, tree, call);
  set_tools(set, call, out.tools, summary);

  const DurationNs length =
      summary.ended > summary.started ? summary.ended - summary.started : DurationNs{};
  Usage usage = sum_usage(set, call, out.requests, length, prices);
  summary.totals = usage.totals;
  summary.cost_source = usage.cost_source;
  for (const model::ModelUse& use : usage.models) {
    const bool is_named = !use.name.model.empty() || !use.name.provider.empty();
    if (is_named && summary.models.size() < kNamesMax) summary.models.push_back(use.name);
  }
  out.flags = find_oddities(set, tree, call, out.turns, out.latencies, usage, summary.root_ended);
  add_reports(set, call, summary, out.flags);
  for (const model::FlagNote& note : out.flags) summary.flags |= model::bit(note.flag);
  out.models = std::move(usage.models);
  return out;
}

}  // namespace callscope::calls
