#include "normalise/reports/values.h"

#include <charconv>
#include <cmath>

namespace callscope::normalise::reports {

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{} || end != last || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<double> number_of(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto* whole = value->if_int64()) return static_cast<double>(*whole);
  if (const auto* whole = value->if_uint64()) return static_cast<double>(*whole);
  if (const auto* number = value->if_double()) {
    return std::isfinite(*number) ? std::optional(*number) : std::nullopt;
  }
  return value->is_string() ? number_in(trimmed(string_of(value))) : std::nullopt;
}

std::optional<bool> flag_of(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  if (const bool* flag = value->if_bool()) return *flag;
  const std::string_view text = string_of(value);
  if (text == "true" || text == "True" || text == "1") return true;
  if (text == "false" || text == "False" || text == "0") return false;
  return std::nullopt;
}

const json::value* member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  if (value == nullptr || value->is_structured() || value->is_bool()) return {};
  return as_text(value);
}

std::string text_of(const json::object& object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    std::string text = text_of(object, name);
    if (!text.empty()) return text;
  }
  return {};
}

const json::object* object_in(const json::object& object, std::string_view name) {
  return object_of(object.if_contains(name));
}

const json::array* array_in(const json::object& object, std::string_view name) {
  return array_of(object.if_contains(name));
}

std::string_view type_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "NoneType";
    case json::kind::bool_:
      return "bool";
    case json::kind::int64:
    case json::kind::uint64:
      return "int";
    case json::kind::double_:
      return "float";
    case json::kind::string:
      return "str";
    case json::kind::array:
      return "list";
    case json::kind::object:
      return "dict";
  }
  return "";
}

}  // namespace callscope::normalise::reports
