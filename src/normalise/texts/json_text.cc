#include "normalise/texts/json_text.h"

namespace callscope::normalise::texts {

namespace json = boost::json;

std::optional<json::value> parse_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = 64;
  options.allow_invalid_utf8 = true;
  json::error_code failed;
  json::value value = json::parse({text.data(), text.size()}, failed, {}, options);
  if (failed) return std::nullopt;
  return value;
}

std::string_view string_of(const json::value* value) {
  if (value == nullptr || !value->is_string()) return {};
  const json::string& string = value->get_string();
  return {string.data(), string.size()};
}

const json::value* first_of(const json::object& object,
                            std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const json::value* value = object.if_contains(name);
    if (value != nullptr && !value->is_null()) return value;
  }
  return nullptr;
}

const json::object* object_of(const json::value* value) {
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* array_of(const json::value* value) {
  return value == nullptr ? nullptr : value->if_array();
}

std::string as_text(const json::value* value) {
  if (value == nullptr || value->is_null()) return {};
  if (value->is_string()) return std::string(string_of(value));
  return json::serialize(*value);
}

}  // namespace callscope::normalise::texts
