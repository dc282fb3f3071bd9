#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <unordered_map>

#include "base/encoding.h"
#include "normalise/json_cursor.h"
#include "normalise/otlp_json.h"
#include "normalise/value_json.h"

namespace callscope::normalise {
namespace {

using model::Attributes;
using model::Value;
using model::ValueType;

// Writes one object: "," and names where they belong, members with a default value left out.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_.push_back('{'); }
  void close() { out_.push_back('}'); }

  std::string& name(std::string_view name) {
    if (!first_) out_.push_back(',');
    first_ = false;
    out_.push_back('"');
    out_.append(name);
    out_ += "\":";
    return out_;
  }
  void text(std::string_view member, std::string_view value) {
    if (!value.empty()) append_json_string(name(member), value);
  }
  void number(std::string_view member, uint64_t value) {
    if (value != 0) fmt::format_to(std::back_inserter(name(member)), "{}", value);
  }
  void time(std::string_view member, TimeNs value) {
    if (value.is_set()) fmt::format_to(std::back_inserter(name(member)), "\"{}\"", value.ns);
  }
  template <size_t N>
  void id(std::string_view member, const HexId<N>& value) {
    if (value.is_zero()) return;
    name(member).push_back('"');
    append_hex(out_, value.view());
    out_.push_back('"');
  }

 private:
  std::string& out_;
  bool first_ = true;
};

// Writes `{"arrayValue":{"values":[` … for JSON text in our own spelling (docs/formats/values.md).
class ValueTranslator {
 public:
  ValueTranslator(std::string_view json, std::string& out) : cursor_(json), out_(out) {}

  bool run() { return value(0) && cursor_.at_end(); }

 private:
  bool value(size_t depth) {
    if (depth > kJsonDepthMax) return false;
    switch (cursor_.peek()) {
      case '[':
        return array(depth);
      case '{':
        return is_mark() ? plain() : map(depth);
      default:
        return plain();
    }
  }

  // Whether the map that comes next is {"$bytes":"…"} or {"$double":"…"}.
  bool is_mark() const {
    JsonCursor ahead = cursor_;
    JsonString name;
    JsonString text;
    return ahead.take('{') && ahead.name(name) && (name.raw == "$bytes" || name.raw == "$double") &&
           ahead.string(text) && ahead.take('}');
  }

  bool plain();
  bool array(size_t depth) {
    cursor_.take('[');
    out_ += R"({"arrayValue":{"values":[)";
    if (!cursor_.take(']')) {
      bool first = true;
      do {
        if (!first) out_.push_back(',');
        first = false;
        if (!value(depth + 1)) return false;
      } while (cursor_.take(','));
      if (!cursor_.take(']')) return false;
    }
    out_ += "]}}";
    return true;
  }
  bool map(size_t depth) {
    cursor_.take('{');
    out_ += R"({"kvlistValue":{"values":[)";
    if (!cursor_.take('}')) {
      size_t entries = 0;
      const size_t first_key_at = out_.size() + 8;  // behind {"key":"
      do {
        JsonString name;
        if (!cursor_.name(name)) return false;
        if (entries++ > 0) out_.push_back(',');
        out_ += R"({"key":")";
        out_.append(name.raw);  // is escaped as JSON wants it
        out_ += R"(","value":)";
        if (!value(depth + 1)) return false;
        out_.push_back('}');
      } while (cursor_.take(','));
      if (!cursor_.take('}')) return false;
      if (entries == 1 && out_.compare(first_key_at, 2, "$$") == 0) out_.erase(first_key_at, 1);
    }
    out_ += "]}}";
    return true;
  }

  JsonCursor cursor_;
  std::string& out_;
};

void append_any_value(std::string& out, const Value& value) {
  switch (value.type) {
    case ValueType::kEmpty:
      out += "{}";
      break;
    case ValueType::kString:
      out += R"({"stringValue":)";
      append_json_string(out, value.text);
      out.push_back('}');
      break;
    case ValueType::kBool:
      out += value.boolean ? R"({"boolValue":true})" : R"({"boolValue":false})";
      break;
    case ValueType::kInt:
      fmt::format_to(std::back_inserter(out), R"({{"intValue":"{}"}})", value.integer);
      break;
    case ValueType::kDouble:
      out += R"({"doubleValue":)";
      if (std::isfinite(value.real)) {
        append_json_double(out, value.real);
      } else {
        out += std::isnan(value.real) ? R"("NaN")"
               : value.real > 0       ? R"("Infinity")"
                                      : R"("-Infinity")";
      }
      out.push_back('}');
      break;
    case ValueType::kBytes:
      out += R"({"bytesValue":")";
      out += to_base64(value.text);
      out += "\"}";
      break;
    case ValueType::kArray:
    case ValueType::kMap: {
      const size_t start = out.size();
      if (!ValueTranslator(value.text, out).run()) {
        // Not JSON, so not ours: shown as it is rather than lost.
        out.resize(start);
        append_any_value(out, Value::of(value.text));
      }
      break;
    }
  }
}

bool ValueTranslator::plain() {
  std::string_view text;
  if (!cursor_.skip(text)) return false;
  Arena arena;
  const auto value = parse_value_json(text, arena);
  if (!value) return false;
  append_any_value(out_, *value);
  return true;
}

void append_attributes(ObjectWriter& object, const Attributes& attributes) {
  if (attributes.empty()) return;
  std::string& out = object.name("attributes");
  out.push_back('[');
  for (size_t i = 0; i < attributes.size(); ++i) {
    out += i == 0 ? R"({"key":)" : R"(,{"key":)";
    append_json_string(out, attributes[i].key);
    out += R"(,"value":)";
    append_any_value(out, attributes[i].value);
    out.push_back('}');
  }
  out.push_back(']');
}

void append_event(std::string& out, const model::Event& event) {
  ObjectWriter object(out);
  object.time("timeUnixNano", event.time);
  object.text("name", event.name);
  append_attributes(object, event.attributes);
  object.number("droppedAttributesCount", event.dropped_attributes);
  object.close();
}

void append_link(std::string& out, const model::Link& link) {
  ObjectWriter object(out);
  object.id("traceId", link.trace_id);
  object.id("spanId", link.span_id);
  object.text("traceState", link.trace_state);
  append_attributes(object, link.attributes);
  object.number("droppedAttributesCount", link.dropped_attributes);
  object.number("flags", link.flags);
  object.close();
}

template <typename Item>
void append_list(ObjectWriter& object, std::string_view name, const std::vector<Item>& items,
                 void (*append)(std::string&, const Item&)) {
  if (items.empty()) return;
  std::string& out = object.name(name);
  out.push_back('[');
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out.push_back(',');
    append(out, items[i]);
  }
  out.push_back(']');
}

void append_span(std::string& out, const model::Span& span) {
  ObjectWriter object(out);
  object.id("traceId", span.trace_id);
  object.id("spanId", span.span_id);
  object.text("traceState", span.trace_state);
  object.id("parentSpanId", span.parent_span_id);
  object.text("name", span.name);
  object.number("kind", static_cast<uint64_t>(span.kind));
  object.time("startTimeUnixNano", span.start);
  object.time("endTimeUnixNano", span.end);
  append_attributes(object, span.attributes);
  object.number("droppedAttributesCount", span.dropped_attributes);
  append_list(object, "events", span.events, append_event);
  object.number("droppedEventsCount", span.dropped_events);
  append_list(object, "links", span.links, append_link);
  object.number("droppedLinksCount", span.dropped_links);
  ObjectWriter status(object.name("status"));
  status.text("message", span.status_message);
  status.number("code", static_cast<uint64_t>(span.status));
  status.close();
  object.number("flags", span.trace_flags);
  object.close();
}

void append_resource(ObjectWriter& group, const model::Resource* resource) {
  ObjectWriter object(group.name("resource"));
  if (resource != nullptr) {
    append_attributes(object, resource->attributes);
    object.number("droppedAttributesCount", resource->dropped_attributes);
  }
  object.close();
}

void append_scope(ObjectWriter& group, const model::Scope* scope) {
  ObjectWriter object(group.name("scope"));
  if (scope != nullptr) {
    object.text("name", scope->name);
    object.text("version", scope->version);
    append_attributes(object, scope->attributes);
  }
  object.close();
}

// Items in the order in which their keys first appeared.
template <typename Key>
class Groups {
 public:
  std::vector<const model::Span*>& of(Key key) {
    const auto [at, added] = index_.try_emplace(key, groups_.size());
    if (added) groups_.push_back({key, {}});
    return groups_[at->second].second;
  }
  auto begin() const { return groups_.begin(); }
  auto end() const { return groups_.end(); }

 private:
  std::unordered_map<Key, size_t> index_;
  std::vector<std::pair<Key, std::vector<const model::Span*>>> groups_;
};

void append_scope_spans(std::string& out, const model::Scope* scope,
                        const std::vector<const model::Span*>& spans) {
  ObjectWriter group(out);
  append_scope(group, scope);
  group.name("spans").push_back('[');
  for (size_t i = 0; i < spans.size(); ++i) {
    if (i > 0) out.push_back(',');
    append_span(out, *spans[i]);
  }
  out.push_back(']');
  if (scope != nullptr) group.text("schemaUrl", scope->schema_url);
  group.close();
}

}  // namespace

void append_otlp_json(std::string& out, const model::SpanBatch& batch) {
  Groups<const model::Resource*> by_resource;
  for (const model::Span& span : batch.spans) by_resource.of(span.resource).push_back(&span);

  out += R"({"resourceSpans":[)";
  bool first_resource = true;
  for (const auto& [resource, spans] : by_resource) {
    if (!first_resource) out.push_back(',');
    first_resource = false;
    Groups<const model::Scope*> by_scope;
    for (const model::Span* span : spans) by_scope.of(span->scope).push_back(span);

    ObjectWriter group(out);
    append_resource(group, resource);
    group.name("scopeSpans").push_back('[');
    bool first_scope = true;
    for (const auto& [scope, scope_spans] : by_scope) {
      if (!first_scope) out.push_back(',');
      first_scope = false;
      append_scope_spans(out, scope, scope_spans);
    }
    out.push_back(']');
    if (resource != nullptr) group.text("schemaUrl", resource->schema_url);
    group.close();
  }
  out += "]}";
}

}  // namespace callscope::normalise
