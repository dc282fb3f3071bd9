#include "serve/jaeger_json.h"

#include <array>
#include <charconv>
#include <map>

#include "base/encoding.h"
#include "base/text.h"
#include "normalise/value_json.h"
#include "serve/json_writer.h"
#include "serve/span_json.h"

namespace callscope::serve {
namespace {

void append_tag(JsonWriter& json, std::string_view key, std::string_view type, const auto& value) {
  json.begin_object().member("key", key).member("type", type).member("value", value).end_object();
}

// Jaeger has no arrays and maps: it shows them as JSON text.
void append_tag(JsonWriter& json, std::string_view key, const model::Value& value) {
  switch (value.type) {
    case model::ValueType::kEmpty:
      return append_tag(json, key, "string", std::string_view());
    case model::ValueType::kString:
      return append_tag(json, key, "string", value.text);
    case model::ValueType::kBool:
      return append_tag(json, key, "bool", value.boolean);
    case model::ValueType::kInt:
      return append_tag(json, key, "int64", value.integer);
    case model::ValueType::kDouble:
      return append_tag(json, key, "float64", value.real);
    case model::ValueType::kBytes:
      return append_tag(json, key, "binary", to_base64(value.text));
    case model::ValueType::kArray:
    case model::ValueType::kMap:
      return append_tag(json, key, "string", value.text);
  }
}

void append_tags(JsonWriter& json, const model::Attributes& attributes) {
  for (const model::Attribute& a : attributes) append_tag(json, a.key, a.value);
}

void append_reference(JsonWriter& json, std::string_view type, const TraceId& trace_id,
                      const SpanId& span_id) {
  json.begin_object()
      .member("refType", type)
      .member("traceID", trace_id.hex())
      .member("spanID", span_id.hex())
      .end_object();
}

void append_span_tags(JsonWriter& json, const model::Span& span) {
  append_tags(json, span.attributes);
  if (span.kind != model::OtelKind::kUnspecified) {
    append_tag(json, "span.kind", "string", lower_case(to_string(span.kind)));
  }
  if (span.scope != nullptr && !span.scope->name.empty()) {
    append_tag(json, "otel.scope.name", "string", span.scope->name);
    if (!span.scope->version.empty())
      append_tag(json, "otel.scope.version", "string", span.scope->version);
  }
  if (span.status != model::StatusCode::kUnset) {
    append_tag(json, "otel.status_code", "string", to_string(span.status));
  }
  if (span.status == model::StatusCode::kError) append_tag(json, "error", "bool", true);
  if (!span.status_message.empty())
    append_tag(json, "otel.status_description", "string", span.status_message);
  if (!span.trace_state.empty()) append_tag(json, "w3c.tracestate", "string", span.trace_state);
}

void append_logs(JsonWriter& json, const model::Span& span) {
  for (const model::Event& event : span.events) {
    json.begin_object().member("timestamp", event.time.ns / 1'000).key("fields").begin_array();
    append_tag(json, "event", "string", event.name);
    append_tags(json, event.attributes);
    json.end_array().end_object();
  }
}

void append_span(JsonWriter& json, const model::Span& span, std::string_view process) {
  json.begin_object()
      .member("traceID", span.trace_id.hex())
      .member("spanID", span.span_id.hex())
      .member("flags", span.trace_flags & 0xFF)
      .member("operationName", span.name)
      .key("references")
      .begin_array();
  if (!span.parent_span_id.is_zero())
    append_reference(json, "CHILD_OF", span.trace_id, span.parent_span_id);
  for (const model::Link& link : span.links)
    append_reference(json, "FOLLOWS_FROM", link.trace_id, link.span_id);
  // A span without an end, or with one before its start, has no length here.
  const int64_t duration_us =
      std::max<int64_t>(0, span.end.is_set() ? span.duration().microseconds() : 0);
  json.end_array()
      .member("startTime", span.start.ns / 1'000)
      .member("duration", duration_us)
      .key("tags")
      .begin_array();
  append_span_tags(json, span);
  json.end_array().key("logs").begin_array();
  append_logs(json, span);
  json.end_array().member("processID", process).key("warnings").null().end_object();
}

void append_process(JsonWriter& json, const model::Resource* resource) {
  json.begin_object().member("serviceName", service_of(resource)).key("tags").begin_array();
  if (resource != nullptr) {
    for (const model::Attribute& a : resource->attributes) {
      if (a.key != "service.name") append_tag(json, a.key, a.value);
    }
  }
  json.end_array().end_object();
}

}  // namespace

std::string_view service_of(const model::Resource* resource) {
  const model::Value* name = resource ? model::find(resource->attributes, "service.name") : nullptr;
  return name != nullptr && name->type == model::ValueType::kString && !name->text.empty()
             ? name->text
             : "unknown_service";
}

void append_jaeger_trace(std::string& out, TraceId id, const model::SpanBatch& batch) {
  // Equal resources of different requests are one process: told apart by their JSON.
  std::map<const model::Resource*, std::string> names;
  std::map<std::string, const model::Resource*> processes;  // by name
  std::map<std::string, std::string> name_of_content;
  for (const model::Span& span : batch.spans) {
    if (names.contains(span.resource)) continue;
    std::string content;
    if (span.resource != nullptr)
      normalise::append_attributes_json(content, span.resource->attributes);
    const auto [entry, is_new] =
        name_of_content.emplace(std::move(content), fmt::format("p{}", processes.size() + 1));
    if (is_new) processes.emplace(entry->second, span.resource);
    names.emplace(span.resource, entry->second);
  }

  JsonWriter json(out);
  json.begin_object().member("traceID", id.hex()).key("spans").begin_array();
  for (const model::Span& span : batch.spans) append_span(json, span, names[span.resource]);
  json.end_array().key("processes").begin_object();
  for (const auto& [name, resource] : processes) {
    json.key(name);
    append_process(json, resource);
  }
  json.end_object().key("warnings").null().end_object();
}

std::string jaeger_envelope(std::string_view data, size_t total) {
  return fmt::format(R"({{"data":{},"total":{},"limit":0,"offset":0,"errors":null}})", data, total);
}

std::string jaeger_names(const std::vector<std::string>& names) {
  std::string data;
  JsonWriter json(data);
  json.begin_array();
  for (const std::string& name : names) json.value(name);
  json.end_array();
  return jaeger_envelope(data, names.size());
}

std::string jaeger_error(int status, std::string_view message) {
  std::string out;
  JsonWriter(out)
      .begin_object()
      .key("data")
      .null()
      .member("total", 0)
      .member("limit", 0)
      .member("offset", 0)
      .key("errors")
      .begin_array()
      .begin_object()
      .member("code", status)
      .member("msg", message)
      .end_object()
      .end_array()
      .end_object();
  return out;
}

std::optional<DurationNs> parse_go_duration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 7> kUnits = {{{"ns", 1},
                                                                                 {"us", 1e3},
                                                                                 {"\xC2\xB5s", 1e3},
                                                                                 {"ms", 1e6},
                                                                                 {"s", 1e9},
                                                                                 {"m", 60e9},
                                                                                 {"h", 3'600e9}}};
  constexpr double kNsMax = 9e18;
  double total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc() || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    const std::string_view unit = text.substr(0, text.find_first_of("0123456789."));
    const auto known =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& u) { return u.first == unit; });
    if (known == kUnits.end()) return std::nullopt;
    total += number * known->second;
    text.remove_prefix(unit.size());
  }
  if (!(total < kNsMax)) return std::nullopt;
  return DurationNs{static_cast<int64_t>(total)};
}

}  // namespace callscope::serve
