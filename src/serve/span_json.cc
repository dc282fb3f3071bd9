#include "serve/span_json.h"

#include <array>

#include "normalise/value_json.h"
#include "serve/json_writer.h"

namespace callscope::serve {
namespace {

constexpr std::array<std::pair<uint32_t, std::string_view>, 8> kFlags = {{
    {model::kEndBeforeStart, "end_before_start"},
    {model::kNoName, "no_name"},
    {model::kNoStart, "no_start"},
    {model::kNoEnd, "no_end"},
    {model::kAttributeCut, "attribute_cut"},
    {model::kAttributesDropped, "attributes_dropped"},
    {model::kClockFarOff, "clock_far_off"},
    {model::kReplaced, "replaced"},
}};

// OTLP's times are unsigned; one beyond 2262 has the sign bit set here.
void append_nanoseconds(std::string& out, TimeNs time) {
  out += '"';
  out += fmt::format_int(static_cast<uint64_t>(time.ns)).c_str();
  out += '"';
}

template <typename Id>
void append_id(std::string& out, const Id& id) {
  out += '"';
  if (!id.is_zero()) append_hex(out, id.view());
  out += '"';
}

void append_facts(std::string& out, const model::SpanFacts& facts) {
  JsonWriter json(out);
  json.begin_object()
      .member("kind", to_string(facts.kind))
      .member_unless_empty("framework", facts.framework)
      .member_unless_empty("rule", facts.rule)
      .member("billable", facts.billable)
      .member("is_error", facts.is_error)
      .member("interrupted", facts.interrupted);
  if (!facts.duration_valid) json.member("duration_valid", false);
  if (facts.provisional) json.member("provisional", true);
  json.member_unless_empty("provider", facts.provider)
      .member_unless_empty("model", facts.model)
      .member_unless_empty("tool_name", facts.tool_name)
      .member_unless_empty("session_key", facts.session_key)
      .member("turn_index", facts.turn_index)
      .scaled_member("latency_ms", facts.latency_us, kUsPerMs)
      .scaled_member("response_latency_ms", facts.response_latency_us, kUsPerMs)
      .scaled_member("endpointing_ms", facts.endpointing_us, kUsPerMs)
      .scaled_member("transcription_ms", facts.transcription_us, kUsPerMs)
      .scaled_member("text_aggregation_ms", facts.text_aggregation_us, kUsPerMs)
      .scaled_member("queue_wait_ms", facts.queue_wait_us, kUsPerMs)
      .scaled_member("hook_ms", facts.hook_us, kUsPerMs)
      .member("input_tokens", facts.input_tokens)
      .member("output_tokens", facts.output_tokens)
      .member("cache_read_tokens", facts.cache_read_tokens)
      .member("cache_write_tokens", facts.cache_write_tokens)
      .member("reasoning_tokens", facts.reasoning_tokens)
      .member("audio_input_tokens", facts.audio_input_tokens)
      .member("audio_output_tokens", facts.audio_output_tokens)
      .member("audio_cache_read_tokens", facts.audio_cache_read_tokens)
      .member("characters", facts.characters)
      .scaled_member("audio_s", facts.audio_us, kUsPerS)
      .scaled_member("session_s", facts.session_us, kUsPerS)
      .scaled_member("cost_usd", facts.cost_nano_usd, kNanoUsdPerUsd);
  if (facts.cost_nano_usd) json.member("cost_source", to_string(facts.cost_source));
  json.end_object();
}

void append_events(std::string& out, const std::vector<model::Event>& events) {
  out += '[';
  for (const model::Event& event : events) {
    if (&event != events.data()) out += ',';
    out += R"({"name":)";
    append_json_string(out, event.name);
    out += R"(,"time_unix_nano":)";
    append_nanoseconds(out, event.time);
    out += R"(,"attributes":)";
    normalise::append_attributes_json(out, event.attributes);
    out += '}';
  }
  out += ']';
}

void append_links(std::string& out, const std::vector<model::Link>& links) {
  out += '[';
  for (const model::Link& link : links) {
    if (&link != links.data()) out += ',';
    out += R"({"trace_id":)";
    append_id(out, link.trace_id);
    out += R"(,"span_id":)";
    append_id(out, link.span_id);
    if (!link.trace_state.empty()) {
      out += R"(,"trace_state":)";
      append_json_string(out, link.trace_state);
    }
    out += R"(,"attributes":)";
    normalise::append_attributes_json(out, link.attributes);
    out += '}';
  }
  out += ']';
}

void append_flags(std::string& out, uint32_t flags) {
  out += '[';
  bool first = true;
  for (const auto& [bit, name] : kFlags) {
    if ((flags & bit) == 0) continue;
    if (!std::exchange(first, false)) out += ',';
    out += '"';
    out += name;
    out += '"';
  }
  out += ']';
}

void append_count(std::string& out, std::string_view name, int64_t count) {
  if (count == 0) return;
  out += ",\"";
  out += name;
  out += "\":";
  out += fmt::format_int(count).c_str();
}

}  // namespace

std::string_view to_string(model::OtelKind kind) {
  constexpr std::array<std::string_view, 6> kNames = {"UNSPECIFIED", "INTERNAL", "SERVER",
                                                      "CLIENT",      "PRODUCER", "CONSUMER"};
  const auto i = static_cast<size_t>(kind);
  return i < kNames.size() ? kNames[i] : kNames[0];
}

std::string_view to_string(model::StatusCode code) {
  constexpr std::array<std::string_view, 3> kNames = {"UNSET", "OK", "ERROR"};
  const auto i = static_cast<size_t>(code);
  return i < kNames.size() ? kNames[i] : kNames[0];
}

std::string_view to_string(model::CostSource source) {
  switch (source) {
    case model::CostSource::kNone:
      return "none";
    case model::CostSource::kReported:
      return "reported";
    case model::CostSource::kComputed:
      return "computed";
  }
  return "none";
}

std::string severity_name(int32_t number) {
  constexpr std::array<std::string_view, 6> kNames = {"TRACE", "DEBUG", "INFO",
                                                      "WARN",  "ERROR", "FATAL"};
  if (number < 1 || number > 24) return {};
  const auto level = static_cast<size_t>(number - 1);
  std::string name(kNames[level / 4]);
  if (level % 4 != 0) name += std::to_string(level % 4 + 1);
  return name;
}

void SpanJson::append_resource(std::string& out, const model::Resource* resource) {
  if (resource_.of != resource || resource == nullptr) {
    resource_.of = resource;
    resource_.json.clear();
    normalise::append_attributes_json(resource_.json,
                                      resource ? resource->attributes : model::Attributes{});
  }
  out += resource_.json;
}

void SpanJson::append_scope(std::string& out, const model::Scope* scope) {
  if (scope_.of != scope || scope == nullptr) {
    static const model::Scope kNone;
    const model::Scope& s = scope ? *scope : kNone;
    scope_.of = scope;
    scope_.json = R"({"name":)";
    append_json_string(scope_.json, s.name);
    scope_.json += R"(,"version":)";
    append_json_string(scope_.json, s.version);
    if (!s.attributes.empty()) {
      scope_.json += R"(,"attributes":)";
      normalise::append_attributes_json(scope_.json, s.attributes);
    }
    scope_.json += '}';
  }
  out += scope_.json;
}

void SpanJson::append(std::string& out, const model::Span& span, SpanForm form) {
  model::SpanFacts facts;
  classifier_.classify(span, facts);
  prices_.complete(span.project, facts, span.start);

  out += R"({"trace_id":)";
  append_id(out, span.trace_id);
  out += R"(,"span_id":)";
  append_id(out, span.span_id);
  out += R"(,"parent_span_id":)";
  append_id(out, span.parent_span_id);
  out += R"(,"name":)";
  append_json_string(out, span.name);
  out += R"(,"kind":")";
  out += to_string(span.kind);
  out += R"(","start_time_unix_nano":)";
  append_nanoseconds(out, span.start);
  out += R"(,"end_time_unix_nano":)";
  append_nanoseconds(out, span.end);
  out += R"(,"status":{"code":")";
  out += to_string(span.status);
  out += '"';
  if (!span.status_message.empty()) {
    out += R"(,"message":)";
    append_json_string(out, span.status_message);
  }
  out += R"(},"flags":)";
  append_flags(out, span.flags);
  out += R"(,"scope":)";
  append_scope(out, span.scope);
  out += R"(,"facts":)";
  append_facts(out, facts);
  append_count(out, "agent_id", span.agent);
  if (form == SpanForm::kFull) {
    out += R"(,"attributes":)";
    normalise::append_attributes_json(out, span.attributes);
    out += R"(,"resource":)";
    append_resource(out, span.resource);
    out += R"(,"events":)";
    append_events(out, span.events);
    out += R"(,"links":)";
    append_links(out, span.links);
    if (!span.trace_state.empty()) {
      out += R"(,"trace_state":)";
      append_json_string(out, span.trace_state);
    }
    append_count(out, "dropped_attributes_count", span.dropped_attributes);
    append_count(out, "dropped_events_count", span.dropped_events);
    append_count(out, "dropped_links_count", span.dropped_links);
  }
  out += '}';
}

void SpanJson::append_log(std::string& out, const model::LogLine& line) {
  out += R"({"time_unix_nano":)";
  append_nanoseconds(out, line.time);
  const std::string severity = line.severity_text.empty() ? severity_name(line.severity_number)
                                                          : std::string(line.severity_text);
  if (!severity.empty()) {
    out += R"(,"severity":)";
    append_json_string(out, severity);
  }
  append_count(out, "severity_number", line.severity_number);
  if (!line.event_name.empty()) {
    out += R"(,"event_name":)";
    append_json_string(out, line.event_name);
  }
  out += R"(,"body":)";
  normalise::append_value_json(out, line.body);
  out += R"(,"attributes":)";
  normalise::append_attributes_json(out, line.attributes);
  out += R"(,"trace_id":)";
  append_id(out, line.trace_id);
  out += R"(,"span_id":)";
  append_id(out, line.span_id);
  out += R"(,"resource":)";
  append_resource(out, line.resource);
  out += R"(,"scope":)";
  append_scope(out, line.scope);
  out += '}';
}

}  // namespace callscope::serve
