#include "normalise/mapping/span_view.h"

#include <charconv>
#include <cmath>

#include "normalise/json_cursor.h"

namespace callscope::normalise::mapping {

using model::Value;
using model::ValueType;

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::optional<double> parse_number(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return std::nullopt;
  double out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || !std::isfinite(out)) {
    return std::nullopt;
  }
  return out;
}

// The value of a JSON scalar; arrays, objects and null are empty.
Value scalar_of(JsonCursor& cursor, bool& ok) {
  if (cursor.peek() == '"') {
    JsonString string;
    ok = cursor.string(string);
    return Value::of(string.raw);
  }
  std::string_view word;
  if (cursor.peek() == '[' || cursor.peek() == '{') {
    ok = cursor.skip();
    return {};
  }
  ok = cursor.bare(word);
  if (word == "true" || word == "false") return Value::of_bool(word == "true");
  int64_t integer = 0;
  const char* const end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, integer);
  if (ok && read.ec == std::errc{} && read.ptr == end) return Value::of_int(integer);
  const auto real = parse_number(word);
  return real ? Value::of_double(*real) : Value{};
}

// Compares dotted versions by their numbers; an unknown part counts as 0.
bool version_below(std::string_view version, std::string_view bound) {
  const auto next = [](std::string_view& text) {
    unsigned value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(static_cast<size_t>(read.ptr - text.data()));
    const size_t dot = text.find('.');
    text = dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
    return value;
  };
  while (!version.empty() || !bound.empty()) {
    const unsigned a = next(version);
    const unsigned b = next(bound);
    if (a != b) return a < b;
  }
  return false;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (is_space(text.front()) || text.front() == '"')) text.remove_prefix(1);
  while (!text.empty() && (is_space(text.back()) || text.back() == '"')) text.remove_suffix(1);
  return text;
}

std::optional<double> number_of(const Value& value) {
  switch (value.type) {
    case ValueType::kInt:
      return static_cast<double>(value.integer);
    case ValueType::kDouble:
      if (!std::isfinite(value.real)) return std::nullopt;
      return value.real;
    case ValueType::kString:
      return parse_number(value.text);
    default:
      return std::nullopt;
  }
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c =
        text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

bool is_true(const Value& value) {
  switch (value.type) {
    case ValueType::kBool:
      return value.boolean;
    case ValueType::kInt:
      return value.integer != 0;
    case ValueType::kDouble:
      return value.real != 0;
    case ValueType::kString: {
      const std::string_view word = trimmed(value.text);
      return equals_ignoring_case(word, "true") || equals_ignoring_case(word, "yes") || word == "1";
    }
    default:
      return false;
  }
}

bool has_content(const Value& value) {
  switch (value.type) {
    case ValueType::kEmpty:
      return false;
    case ValueType::kString:
      return !value.text.empty();
    case ValueType::kArray:
      return value.text != "[]";
    case ValueType::kMap:
      return value.text != "{}";
    default:
      return true;
  }
}

SpanView::SpanView(const Mapping& mapping, const model::Span& span)
    : mapping_(mapping), span_(span) {
  std::memset(slots_.data(), 0xFF, mapping.keys.size() * sizeof slots_[0]);
  slots_[kAlwaysThere] = 0;
  const size_t n = std::min(span.attributes.size(), kAttributesMax);
  for (size_t i = 0; i < n; ++i) {
    const std::string_view key = span.attributes[i].key;
    const uint64_t hash = hash_text(key);
    const KeyId id = mapping.keys.find(key, hash);
    if (checked_size_ < kCheckedMax) checked_[checked_size_++] = {id, hash};
    if (id != kNoKey) {
      slots_[id] = static_cast<uint16_t>(i);
      if (mapping.prefix_key_of[id] != kNoKey)
        slots_[mapping.prefix_key_of[id]] = static_cast<uint16_t>(i);
      continue;
    }
    for (const auto& [prefix, prefix_key] : mapping.watched_prefixes) {
      if (key.starts_with(prefix)) slots_[prefix_key] = static_cast<uint16_t>(i);
    }
  }
}

void SpanView::expand(KeyId base) {
  const Value* value = find(base);
  if (value == nullptr || (value->type != ValueType::kString && value->type != ValueType::kMap))
    return;
  std::string path(mapping_.keys.name(base));
  path.push_back('#');
  expand_object(value->text, path, 0);
}

void SpanView::expand_object(std::string_view json, std::string& path, int depth) {
  constexpr int kObjectDepthMax = 3;
  JsonCursor cursor(json);
  if (!cursor.take('{') || cursor.take('}')) return;
  const size_t stem = path.size();
  do {
    JsonString name;
    if (!cursor.name(name) || name.raw.size() > 128) return;
    path.resize(stem);
    path.append(name.raw);
    if (cursor.peek() == '{' && depth < kObjectDepthMax) {
      std::string_view inner;
      if (!cursor.skip(inner)) return;
      path.push_back('.');
      expand_object(inner, path, depth + 1);
      continue;
    }
    bool ok = false;
    const Value value = scalar_of(cursor, ok);
    if (!ok) return;
    const KeyId id = mapping_.keys.find(path);
    if (id == kNoKey || value.type == ValueType::kEmpty || members_size_ == kMembersMax) continue;
    slots_[id] = static_cast<uint16_t>(kFirstMember + members_size_);
    members_[members_size_++] = value;
  } while (cursor.take(','));
}

bool holds(const Condition& condition, const SpanView& view) {
  const Value* value = view.find(condition.key);
  switch (condition.test) {
    case Condition::Test::kPresent:
      return value != nullptr && has_content(*value);
    case Condition::Test::kAbsent:
      return value == nullptr || !has_content(*value);
    case Condition::Test::kAbove: {
      const auto number = value == nullptr ? std::nullopt : number_of(*value);
      return number && *number > condition.number;
    }
    default:
      break;
  }
  if (value == nullptr || value->type != ValueType::kString) return false;
  for (const std::string& wanted : condition.values) {
    std::string_view part = value->text;
    if (condition.test == Condition::Test::kPrefix) part = part.substr(0, wanted.size());
    if (condition.test == Condition::Test::kSuffix && part.size() > wanted.size()) {
      part = part.substr(part.size() - wanted.size());
    }
    if (equals_ignoring_case(part, wanted)) return true;
  }
  return false;
}

bool holds(const Match& match, const SpanView& view) {
  for (const Condition& condition : match.when) {
    if (!holds(condition, view)) return false;
  }
  if (!match.when_any.empty()) {
    bool any = false;
    for (const Condition& condition : match.when_any) any = any || holds(condition, view);
    if (!any) return false;
  }
  if (match.root_only && !view.span().parent_span_id.is_zero()) return false;
  if (!match.scope_version_below.empty()) {
    const model::Scope* scope = view.span().scope;
    const std::string_view version = scope == nullptr ? std::string_view() : scope->version;
    if (!version.empty() && !version_below(version, match.scope_version_below)) return false;
  }
  return true;
}

}  // namespace callscope::normalise::mapping
