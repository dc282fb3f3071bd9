#include "calls/describe_reports.h"

#include <algorithm>
#include <boost/json.hpp>

#include "calls/call_edits.h"
#include "calls/report_facts.h"
#include "calls/transcript.h"

namespace callscope::calls {
namespace {

namespace json = boost::json;
using model::Call;
using model::CallUtterance;
using model::Measure;
using model::Role;

std::vector<const LoadedReport*> by_directness(std::span<const LoadedReport> reports) {
  std::vector<std::pair<ReportFacts, const LoadedReport*>> ranked;
  for (const LoadedReport& each : reports) {
    if (!is_edit_key(each.saved.key))
      ranked.emplace_back(summarise(each.saved, each.report), &each);
  }
  std::sort(ranked.begin(), ranked.end(),
            [](const auto& a, const auto& b) { return is_more_direct(a.first, b.first); });
  std::vector<const LoadedReport*> ordered;
  for (const auto& [facts, report] : ranked) ordered.push_back(report);
  return ordered;
}

// ---- single fields ----

// Collects what each source says of a field, the most direct first.
class Field {
 public:
  explicit Field(std::string name) { field_.field = std::move(name); }

  void say(std::string_view source, std::string_view value) {
    if (value.empty()) return;
    if (field_.source.empty()) {
      field_.source = source;
      value_ = value;
    } else if (value != value_) {
      field_.others.push_back({std::string(source), std::string(value)});
    }
  }
  const std::string& value() const { return value_; }
  void note_in(Call& call) {
    if (!field_.source.empty()) call.fields.push_back(std::move(field_));
  }

 private:
  model::FieldSource field_;
  std::string value_;
};

std::string time_text(TimeNs time) { return time.is_set() ? to_rfc3339(time) : std::string(); }

template <typename Get>
std::string settle(std::string_view name, std::span<const LoadedReport* const> reports, Get get,
                   std::string_view of_spans, Call& call) {
  Field field{std::string(name)};
  for (const LoadedReport* each : reports)
    field.say(model::to_string(each->report.kind), get(each->report));
  field.say("spans", of_spans);
  std::string value = field.value();
  field.note_in(call);
  return value;
}

void settle_fields(std::span<const LoadedReport* const> reports, const std::string& span_reason,
                   Call& call) {
  using model::Report;
  const auto text = [&](std::string_view name, std::string Report::*member, std::string& into) {
    into = settle(
        name, reports, [&](const Report& r) { return r.*member; }, into, call);
  };
  text("direction", &Report::direction, call.direction);
  text("from", &Report::from, call.from);
  text("to", &Report::to, call.to);
  text("transport", &Report::transport, call.transport);
  text("customer_number", &Report::customer_number, call.customer_number);
  text("feedback", &Report::feedback, call.feedback);
  settle(
      "call_id", reports, [](const Report& r) { return r.call_id; }, {}, call);
  settle(
      "end_reason", reports, [](const Report& r) { return r.end_reason; }, span_reason, call);
  const auto of_spans = [&](TimeNs time) {
    return call.summary.span_count > 0 ? time_text(time) : std::string();
  };
  settle(
      "started_at", reports, [](const Report& r) { return time_text(r.started); },
      of_spans(call.summary.started), call);
  settle(
      "ended_at", reports, [](const Report& r) { return time_text(r.ended); },
      of_spans(call.summary.ended), call);
}

// The members of all the objects; of two with one name the first.
std::string merge_objects(std::span<const LoadedReport* const> reports,
                          std::string model::Report::*member) {
  json::object merged;
  for (const LoadedReport* each : reports) {
    boost::system::error_code error;
    const json::value object = json::parse(each->report.*member, error);
    if (error || !object.is_object()) continue;
    for (const auto& [key, value] : object.get_object()) merged.emplace(key, value);
  }
  return merged.empty() ? std::string() : json::serialize(merged);
}

// ---- transcript, turns, tools ----

std::vector<CallUtterance> place(const model::Report& report, TimeNs call_start) {
  const TimeNs zero = report.zero.is_set()      ? report.zero
                      : report.started.is_set() ? report.started
                                                : call_start;
  const auto at = [&](const std::optional<DurationNs>& offset) {
    return offset && zero.is_set() ? zero + *offset : TimeNs{};
  };
  std::vector<CallUtterance> placed;
  placed.reserve(report.transcript.size());
  for (const model::Utterance& entry : report.transcript) {
    placed.push_back({.role = entry.role,
                      .text = entry.text,
                      .generated_text = entry.generated_text,
                      .start = at(entry.start),
                      .end = at(entry.end),
                      .interrupted = entry.interrupted,
                      .confidence = entry.confidence,
                      .tool = entry.tool});
  }
  return placed;
}

CallUtterance of_side(const model::TurnSide& side, Role role) {
  return {.role = role,
          .text = side.text,
          .generated_text = side.generated_text,
          .start = side.start,
          .end = side.end,
          .interrupted = {},
          .confidence = {},
          .tool = {}};
}

std::vector<CallUtterance> transcript_of_spans(const Call& call) {
  std::vector<CallUtterance> entries;
  const auto add_tools = [&](std::optional<uint32_t> turn) {
    for (const model::ToolUse& tool : call.tools) {
      if (tool.turn_index != turn) continue;
      CallUtterance entry{.role = Role::kTool,
                          .text = {},
                          .generated_text = {},
                          .start = tool.start,
                          .end = {},
                          .interrupted = {},
                          .confidence = {},
                          .tool = {}};
      if (tool.start.is_set() && tool.duration_us)
        entry.end = tool.start + DurationNs::from_us(*tool.duration_us);
      entry.tool = model::ReportedTool{.id = tool.call_id,
                                       .name = tool.name,
                                       .arguments = tool.arguments,
                                       .result = tool.result,
                                       .is_error = tool.is_error,
                                       .error = tool.error,
                                       .duration_us = tool.duration_us};
      entries.push_back(std::move(entry));
    }
  };
  add_tools(std::nullopt);
  for (const model::Turn& turn : call.turns) {
    if (turn.user && !turn.user->text.empty())
      entries.push_back(of_side(*turn.user, Role::kCaller));
    add_tools(turn.index);
    if (!turn.agent || turn.agent->text.empty()) continue;
    entries.push_back(of_side(*turn.agent, Role::kAgent));
    if (turn.interrupted) entries.back().interrupted = true;
  }
  return entries;
}

model::TurnSide join_sides(const std::vector<CallUtterance>& transcript,
                           const std::vector<size_t>& positions) {
  model::TurnSide side;
  for (const size_t i : positions) {
    const CallUtterance& entry = transcript[i];
    if (!side.start.is_set()) side.start = entry.start;
    side.end = std::max(side.end, entry.end);
    for (const auto& [into, text] : {std::pair(&side.text, &entry.text),
                                     std::pair(&side.generated_text, &entry.generated_text)}) {
      if (text->empty()) continue;
      if (!into->empty()) *into += ' ';
      *into += *text;
    }
  }
  return side;
}

void add_turns(const model::Report& report, Call& call) {
  const std::vector<Exchange> exchanges = find_exchanges(report.transcript);
  for (const Exchange& exchange : exchanges) {
    model::Turn turn;
    turn.index = static_cast<uint32_t>(call.turns.size());
    turn.source = model::TurnSource::kTranscript;
    if (!exchange.caller.empty()) turn.user = join_sides(call.transcript, exchange.caller);
    if (!exchange.agent.empty()) turn.agent = join_sides(call.transcript, exchange.agent);
    for (const auto& side : {turn.user, turn.agent}) {
      if (!side) continue;
      if (!turn.start.is_set()) turn.start = side->start;
      turn.end = std::max({turn.end, side->start, side->end});
    }
    for (const size_t i : exchange.agent)
      turn.interrupted |= call.transcript[i].interrupted.value_or(false);
    if (turn.interrupted) turn.interrupted_by = "user";
    const model::ReportedWait wait = wait_of(report.transcript, exchange);
    turn.reported_us = wait.total_us;
    turn.stages.endpointing_us = wait.endpointing_us;
    turn.stages.stt_us = wait.stt_us;
    turn.stages.llm_ttft_us = wait.llm_us;
    turn.stages.tts_ttfb_us = wait.tts_us;
    call.turns.push_back(std::move(turn));
  }
}

// Words of a turn that its spans lack, from what was said in its time.
void fill_words(const std::vector<CallUtterance>& transcript, std::vector<model::Turn>& turns) {
  size_t next = 0;
  for (model::Turn& turn : turns) {
    for (; next < transcript.size(); ++next) {
      const CallUtterance& entry = transcript[next];
      if (!entry.start.is_set() || entry.start < turn.start) continue;
      if (turn.end.is_set() && entry.start >= turn.end) break;
      auto& side = entry.role == Role::kCaller ? turn.user : turn.agent;
      if (entry.role != Role::kCaller && entry.role != Role::kAgent) continue;
      if (!side) side.emplace();
      if (side->text.empty()) side->text = entry.text;
      if (side->generated_text.empty()) side->generated_text = entry.generated_text;
    }
  }
}

void add_tools(const std::vector<CallUtterance>& transcript, Call& call) {
  for (const CallUtterance& entry : transcript) {
    if (!entry.tool) continue;
    model::ToolUse tool;
    tool.name = entry.tool->name;
    tool.call_id = entry.tool->id;
    tool.arguments = entry.tool->arguments;
    tool.result = entry.tool->result;
    tool.is_error = entry.tool->is_error;
    tool.error = entry.tool->error;
    tool.start = entry.start;
    tool.duration_us = entry.tool->duration_us;
    tool.synthetic = true;
    for (const model::Turn& turn : call.turns) {
      if (tool.start.is_set() && turn.start.is_set() && turn.start <= tool.start)
        tool.turn_index = turn.index;
    }
    call.tools.push_back(std::move(tool));
  }
}

// Spans whose tool uses are read out of messages do not say that one failed; a report may.
void settle_tools(const std::vector<CallUtterance>& transcript,
                  std::vector<model::ToolUse>& tools) {
  for (const CallUtterance& entry : transcript) {
    if (!entry.tool || !entry.tool->is_error || entry.tool->id.empty()) continue;
    for (model::ToolUse& tool : tools) {
      if (!tool.synthetic || tool.call_id != entry.tool->id) continue;
      tool.is_error = true;
      if (tool.error.empty()) tool.error = entry.tool->error;
    }
  }
}

}  // namespace

void describe_reports(std::span<const LoadedReport> loaded, Call& call) {
  const std::vector<const LoadedReport*> reports = by_directness(loaded);
  const std::string span_reason = reports.empty() ? call.summary.end_reason : std::string();
  settle_fields(reports, span_reason, call);
  call.metadata = merge_objects(reports, &model::Report::metadata);
  call.dynamic_variables = merge_objects(reports, &model::Report::dynamic_variables);
  const model::Report* spoken = nullptr;
  for (const LoadedReport* each : reports) {
    const model::Report& report = each->report;
    const std::string source(model::to_string(report.kind));
    call.logs.insert(call.logs.end(), report.logs.begin(), report.logs.end());
    for (const model::ReportNote& note : report.notes) call.notes.push_back({source, note});
    call.report_parts.push_back(
        {store::trace_of_report(each->saved.id), source, each->saved.received});
    if (!spoken && !report.transcript.empty()) spoken = &report;
  }
  std::stable_sort(call.logs.begin(), call.logs.end(),
                   [](const auto& a, const auto& b) { return a.time < b.time; });
  if (!spoken) {
    call.transcript = transcript_of_spans(call);
    if (!call.transcript.empty()) call.transcript_source = "spans";
    return;
  }
  call.transcript = place(*spoken, call.summary.started);
  call.transcript_source = model::to_string(spoken->kind);
  if (call.turns.empty()) {
    add_turns(*spoken, call);
  } else {
    fill_words(call.transcript, call.turns);
  }
  if (call.tools.empty()) {
    add_tools(call.transcript, call);
  } else {
    settle_tools(call.transcript, call.tools);
  }
}

}  // namespace callscope::calls
