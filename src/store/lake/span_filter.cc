#include "store/lake/span_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/text.h"
#include "normalise/value_json.h"
#include "store/lake/duck.h"

namespace callscope::store {
namespace {

// A text as it stands inside our JSON, without the quotes.
std::string json_inner(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out.substr(1, out.size() - 2);
}

std::string value_text(const model::Value& value) {
  if (value.type == model::ValueType::kString) return std::string(value.text);
  std::string out;
  normalise::append_value_json(out, value);
  return out;
}

// The value of an attribute in SQL, as text.
std::string attribute_sql(std::string_view key) {
  return fmt::format(
      "json_extract_string(list_concat(from_json(attribute_values, '[\"JSON\"]'), "
      "from_json(coalesce(attribute_ids, '[]'), '[\"JSON\"]'), "
      "from_json(coalesce(attribute_numbers, '[]'), '[\"JSON\"]'), "
      "from_json(coalesce(attribute_texts, '[]'), '[\"JSON\"]'))"
      "[list_position(from_json(attribute_keys, '[\"VARCHAR\"]'), {})], '$')",
      sql_text(key));
}

// A pattern that the text matches, and whatever differs from it in capitals only. Its beginning is
// enough where it is long: the pattern is asked first.
std::string pattern_of(std::string_view text) {
  constexpr size_t kBytesMax = 200;
  size_t end = std::min(text.size(), kBytesMax);
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  std::string out;
  for (const char c : text.substr(0, end)) {
    const bool is_plain = static_cast<unsigned char>(c) >= 0x80 || std::isalnum(c) != 0 || c == '_';
    if (!is_plain) out += '\\';
    out += c;
  }
  return out;
}

// Whether a column holds a text, which is in lower case. Of the two conditions the first is ten
// times as fast and also takes other letters' capitals; the second is exact.
std::string contains_sql(std::string_view column, const std::string& text) {
  return fmt::format(
      "(regexp_matches({0}::VARCHAR, {1}, 'i') AND contains(translate(coalesce({0}::VARCHAR, ''), "
      "'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'), {2}))",
      column, sql_text(pattern_of(text)), sql_text(text));
}

}  // namespace

std::string to_text(const SearchCursor& cursor) {
  return fmt::format("{}-{}", cursor.start.ns, cursor.span_id.hex());
}

Result<std::optional<SearchCursor>> parse_search_cursor(std::string_view text) {
  if (text.empty()) return std::optional<SearchCursor>();
  const Error bad{ErrorCode::kInvalidArgument, "not a cursor of an earlier answer", "cursor"};
  const size_t dash = text.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return bad;
  SearchCursor cursor;
  const auto [end, error] = std::from_chars(text.data(), text.data() + dash, cursor.start.ns);
  const auto id = SpanId::from_hex(text.substr(dash + 1));
  if (error != std::errc{} || end != text.data() + dash || !id) return bad;
  cursor.span_id = *id;
  return std::optional(cursor);
}

std::string filter_sql(const SpanQuery& query) {
  std::string out = fmt::format("project_id = {}", query.project);
  const auto add = [&](std::string condition) { out += " AND " + std::move(condition); };
  if (query.agent) add(fmt::format("agent_id = {}", *query.agent));
  if (!query.traces.empty()) {
    std::string ids;
    for (const TraceId& trace : query.traces)
      ids += fmt::format("{}unhex('{}')", ids.empty() ? "" : ", ", trace.hex());
    add(fmt::format("trace_id IN ({})", ids));
  }
  if (query.started.from.is_set())
    add(fmt::format("epoch_ns(start_time) >= {}", query.started.from.ns));
  if (query.started.to.is_set()) add(fmt::format("epoch_ns(start_time) < {}", query.started.to.ns));
  if (query.name) add("name = " + sql_text(*query.name));
  if (query.kind) add("kind = " + sql_text(to_string(*query.kind)));
  if (query.model) add("model = " + sql_text(*query.model));
  if (query.errors_only) add("(is_error OR status_code = 2)");
  if (query.duration_min) {
    add(fmt::format("epoch_ns(end_time) - epoch_ns(start_time) >= {}", query.duration_min->ns));
  }
  if (query.duration_max) {
    add(fmt::format("epoch_ns(end_time) - epoch_ns(start_time) <= {}", query.duration_max->ns));
  }
  for (const auto& [key, value] : query.attributes) {
    // The list of keys has few values: most rows end here.
    std::string name;
    append_json_string(name, key);
    add(fmt::format("contains(attribute_keys::VARCHAR, {}) AND {} = {}", sql_text(name),
                    attribute_sql(key), sql_text(value)));
  }
  if (query.text) {
    const std::string needle = lower_case(*query.text);
    const std::string inner = lower_case(json_inner(*query.text));
    std::string any = contains_sql("name", needle);
    for (const char* column : {"attribute_keys", "attribute_values", "attribute_ids",
                               "attribute_numbers", "attribute_texts", "events"}) {
      any += " OR " + contains_sql(column, inner);
    }
    add("(" + any + ")");
  }
  if (const auto cursor = parse_search_cursor(query.cursor); cursor && *cursor) {
    add(fmt::format("epoch_ns(start_time) <= {}", (*cursor)->start.ns));
  }
  return out;
}

bool is_behind(const SpanRow& row, const SearchCursor& cursor) {
  return row.start < cursor.start || (row.start == cursor.start && row.span_id < cursor.span_id);
}

bool matches(const SpanRow& row, const SpanQuery& query) {
  if (row.project != query.project) return false;
  if (query.agent && row.agent != *query.agent) return false;
  if (!query.traces.empty() &&
      std::find(query.traces.begin(), query.traces.end(), row.trace_id) == query.traces.end())
    return false;
  if (query.started.from.is_set() && row.start < query.started.from) return false;
  if (query.started.to.is_set() && row.start >= query.started.to) return false;
  if (query.name && row.name != *query.name) return false;
  if (query.kind && row.facts.kind != *query.kind) return false;
  if (query.model && row.model != *query.model) return false;
  if (query.errors_only && !row.facts.is_error && row.status != model::StatusCode::kError)
    return false;
  if (query.duration_min && row.end - row.start < *query.duration_min) return false;
  if (query.duration_max && row.end - row.start > *query.duration_max) return false;
  if (!query.attributes.empty()) {
    Arena arena;
    model::Attributes attributes;
    if (!read_attributes(row.attributes, arena, attributes)) return false;
    for (const auto& [key, wanted] : query.attributes) {
      const model::Value* value = model::find(attributes, key);
      if (value == nullptr || value_text(*value) != wanted) return false;
    }
  }
  if (query.text) {
    const std::string inner = lower_case(json_inner(*query.text));
    const std::string needle = lower_case(*query.text);
    bool found = lower_case(row.name).find(needle) != std::string::npos;
    for (const std::string_view text : {row.attributes.keys, row.attributes.values,
                                        row.attributes.numbers, row.attributes.texts, row.events}) {
      found = found || lower_case(text).find(inner) != std::string::npos;
    }
    if (!found) return false;
  }
  const auto cursor = parse_search_cursor(query.cursor);
  return !cursor || !*cursor || is_behind(row, **cursor);
}

}  // namespace callscope::store
