#include "normalise/otlp_decode.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/wire.h"
#include "normalise/otlp_fields.h"
#include "normalise/value_json.h"

namespace callscope::normalise {
namespace {

using model::Attributes;
using model::Value;
using model::ValueType;
using wire::Field;
using wire::Reader;
using wire::Type;

TimeNs time_of(uint64_t unix_nano) {
  // Past 2262 a time does not fit; what says so is broken, and is kept as the last time that fits.
  constexpr uint64_t kMax = static_cast<uint64_t>(INT64_MAX);
  return {static_cast<int64_t>(unix_nano > kMax ? kMax : unix_nano)};
}

// Whether a field has the wire type of its number: protobuf treats any other as an unknown field.
// Bit n of `bytes_fields` is set where field n is length-delimited.
bool expected_type(const Field& field, uint32_t bytes_fields) {
  if (field.number >= 32) return true;
  return ((bytes_fields >> field.number) & 1) == (field.type == Type::kBytes ? 1u : 0u);
}

void append_any_json(std::string_view bytes, std::string& out, int depth);

void append_list_json(std::string_view bytes, std::string& out, int depth) {
  out.push_back('[');
  Reader reader(bytes);
  bool first = true;
  for (Field field; reader.next(field);) {
    if (field.number != otlp::any_value::kListValues || field.type != Type::kBytes) continue;
    if (!first) out.push_back(',');
    first = false;
    append_any_json(field.bytes, out, depth + 1);
  }
  out.push_back(']');
}

struct RawKeyValue {
  std::string_view key;
  std::string_view value;
};

RawKeyValue split_key_value(std::string_view bytes) {
  RawKeyValue out;
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.type != Type::kBytes) continue;
    if (field.number == otlp::key_value::kKey) out.key = field.bytes;
    if (field.number == otlp::key_value::kValue) out.value = field.bytes;
  }
  return out;
}

void append_map_json(std::string_view bytes, std::string& out, int depth) {
  std::vector<RawKeyValue> entries;
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.number == otlp::any_value::kListValues && field.type == Type::kBytes) {
      entries.push_back(split_key_value(field.bytes));
    }
  }
  const MapSize size = entries.size() == 1 ? MapSize::kOne : MapSize::kMany;
  out.push_back('{');
  for (size_t i = 0; i < entries.size(); ++i) {
    if (i > 0) out.push_back(',');
    append_map_key_json(out, entries[i].key, size);
    out.push_back(':');
    append_any_json(entries[i].value, out, depth + 1);
  }
  out.push_back('}');
}

void append_any_json(std::string_view bytes, std::string& out, int depth) {
  const size_t start = out.size();
  out += "null";
  if (depth > otlp::kDepthMax) return;
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.number < otlp::any_value::kString || field.number > otlp::any_value::kBytes) continue;
    if (!expected_type(field, otlp::any_value::kBytesFields)) continue;
    out.resize(start);  // of a oneof sent twice the last one counts
    switch (field.number) {
      case otlp::any_value::kString:
        append_json_string(out, field.bytes);
        break;
      case otlp::any_value::kBool:
        out += field.scalar != 0 ? "true" : "false";
        break;
      case otlp::any_value::kInt:
        fmt::format_to(std::back_inserter(out), "{}", static_cast<int64_t>(field.scalar));
        break;
      case otlp::any_value::kDouble:
        append_json_double(out, wire::as_double(field.scalar));
        break;
      case otlp::any_value::kArray:
        append_list_json(field.bytes, out, depth);
        break;
      case otlp::any_value::kMap:
        append_map_json(field.bytes, out, depth);
        break;
      default:
        out += R"({"$bytes":")" + to_base64(field.bytes) + "\"}";
    }
  }
}

// Cuts at a UTF-8 boundary and says how much is missing.
std::string_view cut(std::string_view text, size_t bytes_max, Arena& arena) {
  size_t keep = bytes_max;
  while (keep > 0 && (static_cast<unsigned char>(text[keep]) & 0xC0) == 0x80) --keep;
  return arena.copy(
      fmt::format("{}…[cut: {} of {} bytes kept]", text.substr(0, keep), keep, text.size()));
}

Value decode_value(std::string_view bytes, const DecodeLimits& limits, Arena& arena,
                   uint32_t& flags) {
  Value value;
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (!expected_type(field, otlp::any_value::kBytesFields)) continue;
    switch (field.number) {
      case otlp::any_value::kString:
        value = Value::of(field.bytes);
        break;
      case otlp::any_value::kBool:
        value = Value::of_bool(field.scalar != 0);
        break;
      case otlp::any_value::kInt:
        value = Value::of_int(static_cast<int64_t>(field.scalar));
        break;
      case otlp::any_value::kDouble:
        if (field.type == Type::kFixed64) value = Value::of_double(wire::as_double(field.scalar));
        break;
      case otlp::any_value::kArray:
      case otlp::any_value::kMap: {
        std::string json;
        value = {};
        if (field.number == otlp::any_value::kArray) {
          value.type = ValueType::kArray;
          append_list_json(field.bytes, json, 1);
        } else {
          value.type = ValueType::kMap;
          append_map_json(field.bytes, json, 1);
        }
        if (json.size() > limits.attribute_bytes_max) {
          // JSON can't be cut and stay JSON: what is left of it is kept as text.
          value.type = ValueType::kString;
          value.text = cut(json, limits.attribute_bytes_max, arena);
          flags |= model::kAttributeCut;
          return value;
        }
        value.text = arena.copy(json);
        break;
      }
      case otlp::any_value::kBytes:
        value = {};
        value.type = ValueType::kBytes;
        value.text = field.bytes;
        break;
      default:
        break;
    }
  }
  if (value.text.size() > limits.attribute_bytes_max) {
    flags |= model::kAttributeCut;
    value.text = value.type == ValueType::kBytes
                     ? value.text.substr(0, limits.attribute_bytes_max)
                     : cut(value.text, limits.attribute_bytes_max, arena);
  }
  return value;
}

void decode_attribute(std::string_view bytes, const DecodeLimits& limits, Arena& arena,
                      Attributes& out, uint32_t& dropped, uint32_t& flags) {
  if (out.size() >= limits.attributes_max) {
    ++dropped;
    flags |= model::kAttributesDropped;
    return;
  }
  const RawKeyValue raw = split_key_value(bytes);
  out.push_back({raw.key, decode_value(raw.value, limits, arena, flags)});
}

void decode_event(std::string_view bytes, const DecodeLimits& limits, Arena& arena,
                  model::Event& out, uint32_t& flags) {
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (!expected_type(field, otlp::event::kBytesFields)) continue;
    switch (field.number) {
      case otlp::event::kTime:
        out.time = time_of(field.scalar);
        break;
      case otlp::event::kName:
        out.name = field.bytes;
        break;
      case otlp::event::kAttributes:
        decode_attribute(field.bytes, limits, arena, out.attributes, out.dropped_attributes, flags);
        break;
      case otlp::event::kDroppedAttributes:
        out.dropped_attributes += static_cast<uint32_t>(field.scalar);
        break;
      default:
        break;
    }
  }
}

void decode_link(std::string_view bytes, const DecodeLimits& limits, Arena& arena, model::Link& out,
                 uint32_t& flags) {
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (!expected_type(field, otlp::link::kBytesFields)) continue;
    switch (field.number) {
      case otlp::link::kTraceId:
        out.trace_id = TraceId::from_bytes(field.bytes).value_or(TraceId{});
        break;
      case otlp::link::kSpanId:
        out.span_id = SpanId::from_bytes(field.bytes).value_or(SpanId{});
        break;
      case otlp::link::kTraceState:
        out.trace_state = field.bytes;
        break;
      case otlp::link::kAttributes:
        decode_attribute(field.bytes, limits, arena, out.attributes, out.dropped_attributes, flags);
        break;
      case otlp::link::kDroppedAttributes:
        out.dropped_attributes += static_cast<uint32_t>(field.scalar);
        break;
      case otlp::link::kFlags:
        out.flags = static_cast<uint32_t>(field.scalar);
        break;
      default:
        break;
    }
  }
}

void decode_status(std::string_view bytes, model::Span& out) {
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.number == otlp::status::kMessage && field.type == Type::kBytes) {
      out.status_message = field.bytes;
    } else if (field.number == otlp::status::kCode && field.scalar <= 2) {
      out.status = static_cast<model::StatusCode>(field.scalar);
    }
  }
}

void flag_times(model::Span& span) {
  if (!span.start.is_set()) span.flags |= model::kNoStart;
  if (!span.end.is_set()) span.flags |= model::kNoEnd;
  if (span.start.is_set() && span.end.is_set() && span.end < span.start) {
    span.flags |= model::kEndBeforeStart;
  }
  if (span.name.empty()) span.flags |= model::kNoName;
}

void walk_scope_items(std::string_view bytes, RequestItem item,
                      const std::function<void(const RequestItem&)>& visit) {
  item.scope = {};
  item.scope_schema_url = {};
  Field field;
  // The scope may stand behind its items: protobuf promises no order.
  for (Reader reader(bytes); reader.next(field);) {
    if (field.type != Type::kBytes) continue;
    if (field.number == otlp::kScope) item.scope = field.bytes;
    if (field.number == otlp::kSchemaUrl) item.scope_schema_url = field.bytes;
  }
  for (Reader reader(bytes); reader.next(field);) {
    if (field.number != otlp::kItems || field.type != Type::kBytes) continue;
    item.item = field.bytes;
    visit(item);
  }
}

}  // namespace

void for_each_item(std::string_view request, const std::function<void(const RequestItem&)>& visit) {
  Field group;
  for (Reader groups(request); groups.next(group);) {
    if (group.number != otlp::kResourceItems || group.type != Type::kBytes) continue;
    RequestItem item;
    Field field;
    for (Reader reader(group.bytes); reader.next(field);) {
      if (field.type != Type::kBytes) continue;
      if (field.number == otlp::kResource) item.resource = field.bytes;
      if (field.number == otlp::kSchemaUrl) item.resource_schema_url = field.bytes;
    }
    for (Reader reader(group.bytes); reader.next(field);) {
      if (field.type != Type::kBytes) continue;
      if (field.number == otlp::kScopeItems || field.number == otlp::kLibraryItems) {
        walk_scope_items(field.bytes, item, visit);
      }
    }
  }
}

void decode_resource(std::string_view bytes, const DecodeLimits& limits, Arena& arena,
                     model::Resource& out) {
  out = {};
  uint32_t flags = 0;
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.number == otlp::resource::kAttributes && field.type == Type::kBytes) {
      decode_attribute(field.bytes, limits, arena, out.attributes, out.dropped_attributes, flags);
    } else if (field.number == otlp::resource::kDroppedAttributes) {
      out.dropped_attributes += static_cast<uint32_t>(field.scalar);
    }
  }
}

void decode_scope(std::string_view bytes, const DecodeLimits& limits, Arena& arena,
                  model::Scope& out) {
  out = {};
  uint32_t flags = 0;
  uint32_t dropped = 0;
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (field.type != Type::kBytes) continue;
    if (field.number == otlp::scope::kName) out.name = field.bytes;
    if (field.number == otlp::scope::kVersion) out.version = field.bytes;
    if (field.number == otlp::scope::kAttributes) {
      decode_attribute(field.bytes, limits, arena, out.attributes, dropped, flags);
    }
  }
}

bool decode_span(std::string_view bytes, const DecodeLimits& limits, Arena& arena,
                 model::Span& out) {
  Attributes attributes = std::move(out.attributes);
  attributes.clear();
  out = {};
  out.attributes = std::move(attributes);
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view parent_id;
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (!expected_type(field, otlp::span::kBytesFields)) continue;
    switch (field.number) {
      case otlp::span::kTraceId:
        trace_id = field.bytes;
        break;
      case otlp::span::kSpanId:
        span_id = field.bytes;
        break;
      case otlp::span::kParentSpanId:
        parent_id = field.bytes;
        break;
      case otlp::span::kTraceState:
        out.trace_state = field.bytes;
        break;
      case otlp::span::kName:
        out.name = field.bytes;
        break;
      case otlp::span::kKind:
        if (field.scalar <= 5) out.kind = static_cast<model::OtelKind>(field.scalar);
        break;
      case otlp::span::kStart:
        out.start = time_of(field.scalar);
        break;
      case otlp::span::kEnd:
        out.end = time_of(field.scalar);
        break;
      case otlp::span::kAttributes:
        decode_attribute(field.bytes, limits, arena, out.attributes, out.dropped_attributes,
                         out.flags);
        break;
      case otlp::span::kDroppedAttributes:
        out.dropped_attributes += static_cast<uint32_t>(field.scalar);
        break;
      case otlp::span::kEvents:
        decode_event(field.bytes, limits, arena, out.events.emplace_back(), out.flags);
        break;
      case otlp::span::kDroppedEvents:
        out.dropped_events = static_cast<uint32_t>(field.scalar);
        break;
      case otlp::span::kLinks:
        decode_link(field.bytes, limits, arena, out.links.emplace_back(), out.flags);
        break;
      case otlp::span::kDroppedLinks:
        out.dropped_links = static_cast<uint32_t>(field.scalar);
        break;
      case otlp::span::kStatus:
        decode_status(field.bytes, out);
        break;
      case otlp::span::kFlags:
        out.trace_flags = static_cast<uint32_t>(field.scalar);
        break;
      default:
        break;
    }
  }
  const auto trace = TraceId::from_bytes(trace_id);
  const auto span = SpanId::from_bytes(span_id);
  if (!trace || !span || trace->is_zero() || span->is_zero()) return false;
  out.trace_id = *trace;
  out.span_id = *span;
  out.parent_span_id = SpanId::from_bytes(parent_id).value_or(SpanId{});
  flag_times(out);
  return true;
}

bool decode_span_ids(std::string_view bytes, TraceId& trace_id, SpanId& span_id) {
  std::string_view trace_raw;
  std::string_view span_raw;
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (!expected_type(field, otlp::span::kBytesFields)) continue;
    if (field.number == otlp::span::kTraceId) trace_raw = field.bytes;
    if (field.number == otlp::span::kSpanId) span_raw = field.bytes;
  }
  const auto trace = TraceId::from_bytes(trace_raw);
  const auto span = SpanId::from_bytes(span_raw);
  if (!trace || !span || trace->is_zero() || span->is_zero()) return false;
  trace_id = *trace;
  span_id = *span;
  return true;
}

void decode_log(std::string_view bytes, const DecodeLimits& limits, Arena& arena,
                model::LogLine& out) {
  Attributes attributes = std::move(out.attributes);
  attributes.clear();
  out = {};
  out.attributes = std::move(attributes);
  TimeNs observed;
  uint32_t flags = 0;
  Reader reader(bytes);
  for (Field field; reader.next(field);) {
    if (!expected_type(field, otlp::log::kBytesFields)) continue;
    switch (field.number) {
      case otlp::log::kTime:
        out.time = time_of(field.scalar);
        break;
      case otlp::log::kObservedTime:
        observed = time_of(field.scalar);
        break;
      case otlp::log::kSeverityNumber:
        out.severity_number = static_cast<int32_t>(field.scalar);
        break;
      case otlp::log::kSeverityText:
        out.severity_text = field.bytes;
        break;
      case otlp::log::kEventName:
        out.event_name = field.bytes;
        break;
      case otlp::log::kBody:
        out.body = decode_value(field.bytes, limits, arena, flags);
        break;
      case otlp::log::kAttributes:
        decode_attribute(field.bytes, limits, arena, out.attributes, out.dropped_attributes, flags);
        break;
      case otlp::log::kDroppedAttributes:
        out.dropped_attributes += static_cast<uint32_t>(field.scalar);
        break;
      case otlp::log::kFlags:
        out.trace_flags = static_cast<uint32_t>(field.scalar);
        break;
      case otlp::log::kTraceId:
        out.trace_id = TraceId::from_bytes(field.bytes).value_or(TraceId{});
        break;
      case otlp::log::kSpanId:
        out.span_id = SpanId::from_bytes(field.bytes).value_or(SpanId{});
        break;
      default:
        break;
    }
  }
  if (!out.time.is_set()) out.time = observed;
}

}  // namespace callscope::normalise
