#include "normalise/value_json.h"

#include <charconv>
#include <limits>
#include <unordered_map>

#include "base/encoding.h"
#include "normalise/json_cursor.h"

namespace callscope::normalise {
namespace {

using model::Value;
using model::ValueType;

void append_member(std::string& out, const model::Attribute& attribute) {
  if (out.back() != '{') out.push_back(',');
  append_json_string(out, attribute.key);
  out.push_back(':');
  append_value_json(out, attribute.value);
}

bool read_string(const JsonString& string, Arena& arena, std::string_view& out) {
  if (!string.escaped) {
    out = string.raw;
    return true;
  }
  char* const bytes = arena.allocate(string.raw.size());
  const size_t size = unescape_json(string.raw, bytes);
  if (size == SIZE_MAX) return false;
  out = {bytes, size};
  return true;
}

// The map as a value of ours, where it is one of the marks; otherwise `out` stays the map's text.
bool read_mark(std::string_view map, Arena& arena, Value& out) {
  JsonCursor cursor(map);
  JsonString name;
  JsonString text;
  if (!cursor.take('{') || !cursor.name(name)) return true;
  if (name.raw != "$bytes" && name.raw != "$double") return true;
  if (cursor.peek() != '"' || !cursor.string(text) || !cursor.take('}')) return true;
  if (name.raw == "$bytes") {
    const auto bytes = from_base64(text.raw);
    if (!bytes) return false;
    out = {.type = ValueType::kBytes, .integer = 0, .text = arena.copy(*bytes)};
    return true;
  }
  using Limits = std::numeric_limits<double>;
  if (text.raw == "NaN") {
    out = Value::of_double(Limits::quiet_NaN());
  } else if (text.raw == "Infinity") {
    out = Value::of_double(Limits::infinity());
  } else if (text.raw == "-Infinity") {
    out = Value::of_double(-Limits::infinity());
  } else {
    return false;
  }
  return true;
}

bool read_bare(std::string_view word, Value& out) {
  if (word == "true" || word == "false") {
    out = Value::of_bool(word == "true");
    return true;
  }
  if (word == "null") {
    out = Value{};
    return true;
  }
  if (!is_json_number(word)) return false;
  const char* const end = word.data() + word.size();
  int64_t integer = 0;
  if (const auto read = std::from_chars(word.data(), end, integer);
      read.ptr == end && read.ec == std::errc{}) {
    out = Value::of_int(integer);
    return true;
  }
  // A whole number beyond 64 bits, which only others write, is read as a double as well.
  double real = 0;
  const auto read = std::from_chars(word.data(), end, real);
  if (read.ec == std::errc::result_out_of_range) {
    real = word[0] == '-' ? -std::numeric_limits<double>::infinity()
                          : std::numeric_limits<double>::infinity();
  }
  out = Value::of_double(real);
  return true;
}

bool read_value(JsonCursor& cursor, Arena& arena, Value& out) {
  switch (cursor.peek()) {
    case '"': {
      JsonString string;
      out = Value::of({});
      return cursor.string(string) && read_string(string, arena, out.text);
    }
    case '[':
    case '{': {
      out = Value{.type = cursor.peek() == '[' ? ValueType::kArray : ValueType::kMap,
                  .integer = 0,
                  .text = {}};
      if (!cursor.skip(out.text)) return false;
      return out.type == ValueType::kArray || read_mark(out.text, arena, out);
    }
    default: {
      std::string_view word;
      return cursor.bare(word) && read_bare(word, out);
    }
  }
}

}  // namespace

void append_value_json(std::string& out, const Value& value) {
  switch (value.type) {
    case ValueType::kEmpty:
      out += "null";
      break;
    case ValueType::kString:
      append_json_string(out, value.text);
      break;
    case ValueType::kBool:
      out += value.boolean ? "true" : "false";
      break;
    case ValueType::kInt: {
      char digits[24];
      const auto written = std::to_chars(digits, digits + sizeof digits, value.integer);
      out.append(digits, written.ptr);
      break;
    }
    case ValueType::kDouble:
      append_json_double(out, value.real);
      break;
    case ValueType::kBytes:
      out += R"({"$bytes":")";
      out += to_base64(value.text);
      out += "\"}";
      break;
    case ValueType::kArray:
      out += value.text.empty() ? "[]" : value.text;
      break;
    case ValueType::kMap:
      out += value.text.empty() ? "{}" : value.text;
      break;
  }
}

void append_attributes_json(std::string& out, const model::Attributes& attributes) {
  out.push_back('{');
  const size_t n = attributes.size();
  // Comparing each pair is cheapest for the dozen attributes that a span has.
  constexpr size_t kPairwiseMax = 48;
  if (n <= kPairwiseMax) {
    for (size_t i = 0; i < n; ++i) {
      bool repeated = false;
      for (size_t later = i + 1; later < n; ++later) {
        if (attributes[later].key == attributes[i].key) {
          repeated = true;
          break;
        }
      }
      if (!repeated) append_member(out, attributes[i]);
    }
  } else {
    std::unordered_map<std::string_view, size_t> last;
    last.reserve(n);
    for (size_t i = 0; i < n; ++i) last[attributes[i].key] = i;
    for (size_t i = 0; i < n; ++i) {
      if (last[attributes[i].key] == i) append_member(out, attributes[i]);
    }
  }
  out.push_back('}');
}

void append_map_key_json(std::string& out, std::string_view key, MapSize size) {
  const size_t at = out.size() + 1;
  append_json_string(out, key);
  if (size == MapSize::kOne && key.starts_with('$')) out.insert(at, 1, '$');
}

Result<Value> parse_value_json(std::string_view json, Arena& arena) {
  JsonCursor cursor(json);
  Value value;
  if (!read_value(cursor, arena, value) || !cursor.at_end()) {
    return Error{ErrorCode::kInvalidArgument,
                 "not a JSON value: fault at byte " + std::to_string(cursor.offset())};
  }
  return value;
}

bool parse_values_json(std::string_view json, Arena& arena, std::vector<Value>& out) {
  JsonCursor cursor(json);
  if (!cursor.take('[')) return false;
  if (cursor.take(']')) return cursor.at_end();
  do {
    if (!read_value(cursor, arena, out.emplace_back())) return false;
  } while (cursor.take(','));
  return cursor.take(']') && cursor.at_end();
}

bool parse_attributes_json(std::string_view json, Arena& arena, model::Attributes& out) {
  out.clear();
  JsonCursor cursor(json);
  if (!cursor.take('{')) return false;
  if (cursor.take('}')) return cursor.at_end();
  do {
    JsonString name;
    model::Attribute attribute;
    if (!cursor.name(name) || !read_string(name, arena, attribute.key) ||
        !read_value(cursor, arena, attribute.value)) {
      return false;
    }
    out.push_back(attribute);
  } while (cursor.take(','));
  return cursor.take('}') && cursor.at_end();
}

}  // namespace callscope::normalise
