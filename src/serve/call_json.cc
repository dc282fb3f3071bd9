#include "serve/call_json.h"

#include "serve/json_writer.h"
#include "serve/span_json.h"

namespace callscope::serve {
namespace {

void append_latency(JsonWriter& json, std::string_view name, const model::LatencySummary& latency,
                    std::optional<uint32_t> slowest_turn = std::nullopt) {
  json.key(name);
  if (latency.n == 0) {
    json.null();
    return;
  }
  json.begin_object()
      .member("n", latency.n)
      .member("p50_ms", latency.p50_ms)
      .member("p95_ms", latency.p95_ms)
      .member("max_ms", latency.max_ms);
  if (slowest_turn) json.member("slowest_turn", *slowest_turn);
  json.end_object();
}

void append_totals(JsonWriter& json, const model::Totals& totals) {
  json.key("totals")
      .begin_object()
      .member("input_tokens", totals.input_tokens)
      .member("output_tokens", totals.output_tokens)
      .member("cache_read_tokens", totals.cache_read_tokens)
      .member("cache_write_tokens", totals.cache_write_tokens)
      .member("reasoning_tokens", totals.reasoning_tokens)
      .member("audio_input_tokens", totals.audio_input_tokens)
      .member("audio_output_tokens", totals.audio_output_tokens)
      .member("characters", totals.characters)
      .scaled_member("stt_audio_s", totals.stt_audio_us, kUsPerS)
      .scaled_member("tts_audio_s", totals.tts_audio_us, kUsPerS)
      .scaled_member("cost_usd", totals.cost_nano_usd, kNanoUsdPerUsd)
      .end_object();
}

void append_flag(JsonWriter& json, model::CallFlag flag, const std::optional<SpanId>& example) {
  const model::FlagText text = flag_text(flag);
  json.begin_object().member("code", text.code).member("message", text.message);
  if (example) json.member("span_id", example->hex());
  json.end_object();
}

void append_flags(JsonWriter& json, uint32_t flags) {
  json.key("flags").begin_array();
  for (int i = 0; i < model::kCallFlagCount; ++i) {
    const auto flag = static_cast<model::CallFlag>(1u << i);
    if ((flags & bit(flag)) != 0) append_flag(json, flag, std::nullopt);
  }
  json.end_array();
}

void append_model_names(JsonWriter& json, const std::vector<model::ModelName>& models) {
  json.key("models").begin_array();
  for (const model::ModelName& name : models) {
    json.begin_object()
        .member("model", name.model)
        .member_unless_empty("provider", name.provider)
        .member("kind", to_string(name.kind))
        .end_object();
  }
  json.end_array();
}

// What list and detail have in common.
void append_members(JsonWriter& json, const model::CallSummary& call, const AgentNames& agents,
                    TimeNs now, const HeardLatency& heard) {
  const model::CallState state = model::call_state(call.root_ended, call.last_activity, now);
  json.member("id", call.id)
      .member_unless_empty("call_id", call.call_id)
      .member("project_id", call.project)
      .member("agent_id", call.agent)
      .member_unless_empty("agent_name", agents(call.agent))
      .member("state", to_string(state))
      .time_member("started_at", call.started);
  json.key("ended_at");
  if (state == model::CallState::kEnded && call.ended.is_set()) {
    json.value(to_rfc3339(call.ended));
  } else {
    json.null();
  }
  json.time_member("last_activity_at", call.last_activity);
  // Of a call under way: so far.
  json.key("duration_s");
  if (call.started.is_set() && call.ended.is_set()) {
    json.value((call.ended - call.started).seconds());
  } else {
    json.null();
  }

  json.key("trace_ids").begin_array();
  for (const TraceId& id : call.trace_ids) json.value(id.hex());
  json.end_array().key("sources").begin_array();
  for (const std::string_view source : model::source_names(call.sources)) json.value(source);
  json.end_array().key("frameworks").begin_array();
  for (const model::FrameworkVersion& framework : call.frameworks) {
    json.begin_object()
        .member("name", framework.name)
        .member_unless_empty("version", framework.version)
        .end_object();
  }
  json.end_array()
      .member("turn_count", call.turn_count)
      .member("span_count", call.span_count)
      .member("tool_count", call.tool_count)
      .member("tool_error_count", call.tool_error_count)
      .member("error_count", call.error_count)
      .member("interruption_count", call.interruption_count)
      .key("latency")
      .begin_object();
  append_latency(json, "reported", call.reported);
  append_latency(json, "computed", call.computed);
  append_latency(json, "heard", heard.summary, heard.slowest_turn);
  json.end_object();
  append_totals(json, call.totals);
  json.key("tool_names").begin_array();
  for (const std::string& name : call.tool_names) json.value(name);
  json.end_array()
      .member_unless_empty("end_reason", call.end_reason)
      .key("metadata")
      .begin_object();
  for (const auto& [key, value] : call.metadata) {
    json.foreign_key(key).value(value);
  }
  json.end_object();
}

// Times inside a call are seconds from its start.
class CallClock {
 public:
  explicit CallClock(TimeNs start) : start_(start) {}

  void append(JsonWriter& json, std::string_view name, TimeNs time) const {
    if (time.is_set()) json.member(name, (time - start_).seconds());
  }

 private:
  TimeNs start_;
};

void append_side(JsonWriter& json, std::string_view name,
                 const std::optional<model::TurnSide>& side, const CallClock& clock) {
  json.key(name);
  if (!side) {
    json.null();
    return;
  }
  json.begin_object();
  clock.append(json, "start_s", side->start);
  clock.append(json, "end_s", side->end);
  json.member_unless_empty("text", side->text)
      .member_unless_empty("generated_text", side->generated_text)
      .end_object();
}

void append_heard_parts(JsonWriter& json, const std::vector<model::HeardPart>& parts) {
  json.key("parts").begin_array();
  for (const model::HeardPart& part : parts) {
    json.begin_object().member("stage", part.stage).key("ms");
    if (part.ms) {
      json.value(*part.ms);
    } else {
      json.null();
    }
    json.member("state", part.ms ? "measured" : "not_captured").key("span_ids").begin_array();
    for (const std::string& id : part.span_ids) json.value(id);
    json.end_array().end_object();
  }
  json.end_array();
}

void append_turn(JsonWriter& json, const model::Turn& turn, const CallClock& clock) {
  json.begin_object()
      .member("index", turn.index)
      .member("reported_index", turn.reported_index)
      .member("source", to_string(turn.source));
  clock.append(json, "start_s", turn.start);
  clock.append(json, "end_s", turn.end);
  append_side(json, "user", turn.user, clock);
  append_side(json, "agent", turn.agent, clock);
  const model::Stages& stages = turn.stages;
  json.member("interrupted", turn.interrupted)
      .member_unless_empty("interrupted_by", turn.interrupted_by)
      .key("latency")
      .begin_object()
      .scaled_member("reported_ms", turn.reported_us, kUsPerMs)
      .scaled_member("computed_ms", turn.computed_us, kUsPerMs)
      .member_unless_empty("computed_from", turn.computed_from)
      .member("heard_ms", turn.heard_ms);
  if (!turn.heard_parts.empty()) append_heard_parts(json, turn.heard_parts);
  json.end_object()
      .key("stages")
      .begin_object()
      .scaled_member("endpointing_ms", stages.endpointing_us, kUsPerMs)
      .scaled_member("stt_ms", stages.stt_us, kUsPerMs)
      .scaled_member("llm_rounds_ms", stages.llm_rounds_us, kUsPerMs)
      .scaled_member("llm_ttft_ms", stages.llm_ttft_us, kUsPerMs)
      .scaled_member("tool_ms", stages.tool_us, kUsPerMs)
      .scaled_member("text_aggregation_ms", stages.text_aggregation_us, kUsPerMs)
      .scaled_member("tts_ttfb_ms", stages.tts_ttfb_us, kUsPerMs)
      .scaled_member("unattributed_ms", stages.unattributed_us, kUsPerMs)
      .end_object()
      .key("span_ids")
      .begin_array();
  for (const SpanId& id : turn.span_ids) json.value(id.hex());
  json.end_array().end_object();
}

void append_tool(JsonWriter& json, const model::ToolUse& tool, const CallClock& clock) {
  json.begin_object()
      .member("name", tool.name)
      .member_unless_empty("call_id", tool.call_id)
      .member_unless_empty("arguments", tool.arguments);
  if (tool.result) json.member("result", *tool.result);
  json.member("is_error", tool.is_error).member_unless_empty("error", tool.error);
  clock.append(json, "start_s", tool.start);
  json.scaled_member("duration_ms", tool.duration_us, kUsPerMs);
  if (tool.turn_index) json.member("turn_index", *tool.turn_index);
  if (!tool.trace_id.is_zero()) json.member("trace_id", tool.trace_id.hex());
  if (!tool.span_id.is_zero()) json.member("span_id", tool.span_id.hex());
  json.member("synthetic", tool.synthetic).end_object();
}

void append_model(JsonWriter& json, const model::ModelUse& use) {
  json.begin_object()
      .member("kind", to_string(use.name.kind))
      .member_unless_empty("provider", use.name.provider)
      .member_unless_empty("model", use.name.model)
      .member("calls", use.calls)
      .member("input_tokens", use.input_tokens)
      .member("output_tokens", use.output_tokens)
      .member("cache_read_tokens", use.cache_read_tokens)
      .member("characters", use.characters)
      .scaled_member("audio_s", use.audio_us, kUsPerS)
      .scaled_member("cost_usd", use.cost_nano_usd, kNanoUsdPerUsd)
      .member("cost_source", to_string(use.cost_source));
  append_latency(json, "latency", use.latency);
  json.member("errors", use.errors).end_object();
}

void append_utterance(JsonWriter& json, size_t index, const model::CallUtterance& entry,
                      const CallClock& clock) {
  json.begin_object().member("index", index).member("role", to_string(entry.role));
  json.member("text", entry.text).member_unless_empty("generated_text", entry.generated_text);
  clock.append(json, "start_s", entry.start);
  clock.append(json, "end_s", entry.end);
  if (entry.interrupted) json.member("interrupted", *entry.interrupted);
  if (entry.confidence) json.member("confidence", *entry.confidence);
  if (entry.tool) {
    json.key("tool")
        .begin_object()
        .member_unless_empty("id", entry.tool->id)
        .member("name", entry.tool->name)
        .member("arguments", entry.tool->arguments);
    if (entry.tool->result) json.member("result", *entry.tool->result);
    json.member("is_error", entry.tool->is_error).member_unless_empty("error", entry.tool->error);
    json.scaled_member("duration_ms", entry.tool->duration_us, kUsPerMs).end_object();
  }
  json.end_object();
}

// What others than spans said of the call, and who said what.
void append_reported(JsonWriter& json, const model::Call& call, const CallClock& clock) {
  json.member_unless_empty("customer_number", call.customer_number)
      .member_unless_empty("feedback", call.feedback)
      .member_unless_empty("transcript_source", call.transcript_source)
      .key("transcript")
      .begin_array();
  for (size_t i = 0; i < call.transcript.size(); ++i)
    append_utterance(json, i, call.transcript[i], clock);
  json.end_array();
  if (!call.metadata.empty()) json.key("full_metadata").raw(call.metadata);
  if (!call.dynamic_variables.empty()) json.key("dynamic_variables").raw(call.dynamic_variables);
  json.key("parts").begin_array();
  for (const TraceId& id : call.summary.trace_ids)
    json.begin_object().member("id", id.hex()).member("source", "otlp").end_object();
  for (const model::ReportPart& part : call.report_parts) {
    json.begin_object()
        .member("id", part.id.hex())
        .member("source", part.source)
        .time_member("received_at", part.received)
        .end_object();
  }
  json.end_array().key("fields").begin_object();
  for (const model::FieldSource& field : call.fields) {
    json.key(field.field).begin_object().member("source", field.source);
    json.key("others").begin_array();
    for (const model::FieldSource::Said& said : field.others)
      json.begin_object().member("source", said.source).member("value", said.value).end_object();
    json.end_array().end_object();
  }
  json.end_object().key("notes").begin_array();
  for (const model::SourcedNote& note : call.notes) {
    json.begin_object()
        .member("source", note.source)
        .member("field", note.note.field)
        .member("message", note.note.message)
        .end_object();
  }
  json.end_array();
}

}  // namespace

void append_call_summary(std::string& out, const model::CallSummary& call, const AgentNames& agents,
                         TimeNs now, const HeardLatency& heard) {
  JsonWriter json(out);
  json.begin_object();
  append_members(json, call, agents, now, heard);
  append_model_names(json, call.models);
  append_flags(json, call.flags);
  json.end_object();
}

void append_call(std::string& out, const model::Call& call, const AgentNames& agents, TimeNs now,
                 const HeardLatency& heard) {
  const CallClock clock(call.summary.started);
  JsonWriter json(out);
  json.begin_object();
  append_members(json, call.summary, agents, now, heard);
  json.member_unless_empty("direction", call.direction)
      .member_unless_empty("from", call.from)
      .member_unless_empty("to", call.to)
      .member_unless_empty("transport", call.transport)
      .key("flags")
      .begin_array();
  for (const model::FlagNote& note : call.flags) append_flag(json, note.flag, note.span_id);
  json.end_array().key("turns").begin_array();
  for (const model::Turn& turn : call.turns) append_turn(json, turn, clock);
  json.end_array().key("tools").begin_array();
  for (const model::ToolUse& tool : call.tools) append_tool(json, tool, clock);
  json.end_array().key("models").begin_array();
  for (const model::ModelUse& use : call.models) append_model(json, use);
  json.end_array();
  append_reported(json, call, clock);
  json.end_object();
}

}  // namespace callscope::serve
