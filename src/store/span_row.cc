#include "store/span_row.h"

#include <fmt/format.h>

#include <charconv>
#include <tuple>

#include "base/encoding.h"
#include "normalise/value_json.h"

namespace callscope::store {
namespace {

using model::Attributes;
using model::Value;
using model::ValueType;

void append_key(std::string& out, std::string_view key) {
  out.push_back('"');
  out += key;
  out += "\":";
}

void append_integer(std::string& out, int64_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

// Times inside JSON are decimal strings, as in OTLP/JSON: doubles lose nanoseconds.
void append_time(std::string& out, std::string_view key, TimeNs time) {
  append_key(out, key);
  out.push_back('"');
  append_integer(out, time.ns);
  out.push_back('"');
}

void append_count(std::string& out, std::string_view key, uint32_t count) {
  if (count == 0) return;
  if (out.back() != '{') out.push_back(',');
  append_key(out, key);
  append_integer(out, count);
}

void append_text(std::string& out, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  if (out.back() != '{') out.push_back(',');
  append_key(out, key);
  append_json_string(out, text);
}

void append_attributes(std::string& out, const Attributes& attributes) {
  if (attributes.empty()) return;
  if (out.back() != '{') out.push_back(',');
  out += "\"attributes\":";
  normalise::append_attributes_json(out, attributes);
}

void append_events(std::string& out, const std::vector<model::Event>& events) {
  out.push_back('[');
  for (const model::Event& event : events) {
    if (out.back() != '[') out.push_back(',');
    out.push_back('{');
    append_time(out, "time", event.time);
    append_text(out, "name", event.name);
    append_attributes(out, event.attributes);
    append_count(out, "dropped", event.dropped_attributes);
    out.push_back('}');
  }
  out.push_back(']');
}

void append_links(std::string& out, const std::vector<model::Link>& links) {
  out.push_back('[');
  for (const model::Link& link : links) {
    if (out.back() != '[') out.push_back(',');
    out.push_back('{');
    append_text(out, "trace_id", link.trace_id.hex());
    append_text(out, "span_id", link.span_id.hex());
    append_text(out, "trace_state", link.trace_state);
    append_attributes(out, link.attributes);
    append_count(out, "dropped", link.dropped_attributes);
    append_count(out, "flags", link.flags);
    out.push_back('}');
  }
  out.push_back(']');
}

void append_extra(std::string& out, const model::Span& span) {
  out.push_back('{');
  append_count(out, "trace_flags", span.trace_flags);
  append_text(out, "trace_state", span.trace_state);
  append_count(out, "dropped_attributes", span.dropped_attributes);
  append_count(out, "dropped_events", span.dropped_events);
  append_count(out, "dropped_links", span.dropped_links);
  if (span.scope != nullptr && !span.scope->attributes.empty()) {
    append_attributes(out, span.scope->attributes);  // of the scope
  }
  if (span.scope != nullptr) append_text(out, "scope_schema_url", span.scope->schema_url);
  if (span.resource != nullptr) {
    append_text(out, "resource_schema_url", span.resource->schema_url);
    append_count(out, "resource_dropped_attributes", span.resource->dropped_attributes);
  }
  out.push_back('}');
}

// --- and back ---

int64_t integer(const Attributes& object, std::string_view key) {
  const Value* value = model::find(object, key);
  if (value == nullptr) return 0;
  if (value->type == ValueType::kInt) return value->integer;
  int64_t number = 0;
  std::from_chars(value->text.data(), value->text.data() + value->text.size(), number);
  return number;
}

std::string_view text(const Attributes& object, std::string_view key) {
  const Value* value = model::find(object, key);
  return value == nullptr ? std::string_view() : value->text;
}

bool nested(const Attributes& object, std::string_view key, Arena& arena, Attributes& out) {
  const std::string_view json = text(object, key);
  return json.empty() || normalise::parse_attributes_json(json, arena, out);
}

// Calls `visit` with the text of each element of a JSON array of objects that we wrote.
template <typename Visit>
bool for_each_object(std::string_view json, Visit visit) {
  int depth = 0;
  bool quoted = false;
  size_t start = 0;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (quoted) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        quoted = false;
      }
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '{' && ++depth == 1) start = i;
    if (c == '}' && --depth == 0 && !visit(json.substr(start, i + 1 - start))) return false;
  }
  return depth == 0 && !quoted;
}

uint32_t count_of(const Attributes& object, std::string_view key) {
  return static_cast<uint32_t>(integer(object, key));
}

bool read_events(std::string_view json, Arena& arena, std::vector<model::Event>& out) {
  Attributes object;
  return for_each_object(json, [&](std::string_view element) {
    if (!normalise::parse_attributes_json(element, arena, object)) return false;
    model::Event& event = out.emplace_back();
    event.time = {integer(object, "time")};
    event.name = text(object, "name");
    event.dropped_attributes = count_of(object, "dropped");
    return nested(object, "attributes", arena, event.attributes);
  });
}

bool read_links(std::string_view json, Arena& arena, std::vector<model::Link>& out) {
  Attributes object;
  return for_each_object(json, [&](std::string_view element) {
    if (!normalise::parse_attributes_json(element, arena, object)) return false;
    model::Link& link = out.emplace_back();
    link.trace_id = TraceId::from_hex(text(object, "trace_id")).value_or(TraceId{});
    link.span_id = SpanId::from_hex(text(object, "span_id")).value_or(SpanId{});
    link.trace_state = text(object, "trace_state");
    link.dropped_attributes = count_of(object, "dropped");
    link.flags = count_of(object, "flags");
    return nested(object, "attributes", arena, link.attributes);
  });
}

Error damaged(const SpanRow& row, std::string_view what) {
  return {ErrorCode::kDataLoss, fmt::format("span {} of trace {} has {} that can't be read",
                                            row.span_id.hex(), row.trace_id.hex(), what)};
}

}  // namespace

ResourceText encode_resource(const model::Resource& resource, Arena& arena) {
  std::string json;
  normalise::append_attributes_json(json, resource.attributes);
  const Value* name = model::find(resource.attributes, "service.name");
  return {arena.copy(json), name != nullptr && name->type == ValueType::kString
                                ? arena.copy(name->text)
                                : std::string_view()};
}

ScopeText encode_scope(const model::Scope& scope, Arena& arena) {
  std::string name;
  std::string version;
  append_utf8(name, scope.name);
  append_utf8(version, scope.version);
  return {arena.copy(name), arena.copy(version)};
}

std::string_view SpanEncoder::intern(std::string_view text) {
  if (text.empty()) return {};
  std::string_view& known = interned_[std::hash<std::string_view>()(text) % interned_.size()];
  if (known != text) known = arena_.copy(text);
  return known;
}

SpanRow SpanEncoder::encode(const model::Span& span, model::SpanFacts& facts,
                            const ResourceText& resource, const ScopeText& scope) {
  const auto encode = [&](auto append) {
    scratch_.clear();
    append(scratch_);
    return arena_.copy(scratch_);
  };
  SpanRow row;
  row.trace_id = span.trace_id;
  row.span_id = span.span_id;
  row.parent_span_id = span.parent_span_id;
  row.project = span.project;
  row.agent = span.agent;
  row.start = span.start;
  row.end = span.end;
  row.received = span.received;
  row.otel_kind = span.kind;
  row.status = span.status;
  row.flags = span.flags;
  const auto valid = [&](std::string_view bytes) {
    return is_utf8(bytes) ? intern(bytes)
                          : encode([&](std::string& out) { append_utf8(out, bytes); });
  };
  row.name = valid(span.name);
  row.status_message = valid(span.status_message);
  row.scope_name = scope.name;
  row.scope_version = scope.version;
  row.resource = resource.json;
  row.service_name = resource.service_name;
  row.attributes = shapes_.encode(span.attributes);
  if (!span.events.empty()) {
    row.events = encode([&](std::string& out) { append_events(out, span.events); });
  }
  if (!span.links.empty()) {
    row.links = encode([&](std::string& out) { append_links(out, span.links); });
  }
  scratch_.clear();
  append_extra(scratch_, span);
  if (scratch_ != "{}") row.extra = intern(scratch_);
  const auto take = [&](std::string& text) {
    const std::string_view kept = intern(text);
    text.clear();
    return kept;
  };
  row.provider = take(facts.provider);
  row.model = take(facts.model);
  row.tool_name = take(facts.tool_name);
  row.session_key = take(facts.session_key);
  row.facts = facts;
  return row;
}

Result<void> SpanDecoder::add(const SpanRow& row) {
  model::SpanBatch& batch = batch_;
  const bool same_group = !batch.resources.empty() && resource_ == row.resource &&
                          scope_name_ == row.scope_name && scope_version_ == row.scope_version &&
                          extra_ == row.extra;
  Attributes extra;
  if (!row.extra.empty() && !normalise::parse_attributes_json(row.extra, batch.arena, extra)) {
    return damaged(row, "extra fields");
  }
  if (!same_group) {
    model::Resource& resource = batch.resources.emplace_back();
    if (!normalise::parse_attributes_json(row.resource, batch.arena, resource.attributes)) {
      return damaged(row, "a resource");
    }
    resource.schema_url = text(extra, "resource_schema_url");
    resource.dropped_attributes = count_of(extra, "resource_dropped_attributes");
    model::Scope& scope = batch.scopes.emplace_back();
    scope.name = row.scope_name;
    scope.version = row.scope_version;
    scope.schema_url = text(extra, "scope_schema_url");
    if (!nested(extra, "attributes", batch.arena, scope.attributes)) {
      return damaged(row, "scope attributes");
    }
    resource_ = row.resource;
    scope_name_ = row.scope_name;
    scope_version_ = row.scope_version;
    extra_ = row.extra;
  }
  model::Span& span = batch.spans.emplace_back();
  span.trace_id = row.trace_id;
  span.span_id = row.span_id;
  span.parent_span_id = row.parent_span_id;
  span.project = row.project;
  span.agent = row.agent;
  span.start = row.start;
  span.end = row.end;
  span.received = row.received;
  span.kind = row.otel_kind;
  span.status = row.status;
  span.flags = row.flags;
  span.name = row.name;
  span.status_message = row.status_message;
  span.trace_flags = count_of(extra, "trace_flags");
  span.trace_state = text(extra, "trace_state");
  span.dropped_attributes = count_of(extra, "dropped_attributes");
  span.dropped_events = count_of(extra, "dropped_events");
  span.dropped_links = count_of(extra, "dropped_links");
  span.resource = &batch.resources.back();
  span.scope = &batch.scopes.back();
  if (!read_attributes(row.attributes, batch.arena, span.attributes)) {
    return damaged(row, "attributes");
  }
  if (!row.events.empty() && !read_events(row.events, batch.arena, span.events)) {
    return damaged(row, "events");
  }
  if (!row.links.empty() && !read_links(row.links, batch.arena, span.links)) {
    return damaged(row, "links");
  }
  return {};
}

bool row_less(const SpanRow& a, const SpanRow& b) {
  return std::tie(a.trace_id, a.project, a.start, a.span_id) <
         std::tie(b.trace_id, b.project, b.start, b.span_id);
}

}  // namespace callscope::store
