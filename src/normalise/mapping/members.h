// Readers of the members of a JSON object: absent, or of the right type, or an error. For the
// loaders of the mapping table.
#pragma once

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"

namespace callscope::normalise::mapping {

namespace json = boost::json;
using Strings = std::vector<std::string>;

inline void lower_all(Strings& texts) {
  for (std::string& text : texts) text = lower_case(text);
}

inline Error fault(std::string_view what, std::string_view which = {}) {
  return {ErrorCode::kInvalidArgument, std::string(what) + std::string(which)};
}

inline Result<Strings> strings_of(const json::value& value) {
  Strings out;
  if (value.is_string()) {
    out.emplace_back(value.get_string());
    return out;
  }
  if (!value.is_array()) return fault("expected a string or a list of strings");
  for (const json::value& item : value.get_array()) {
    if (!item.is_string()) return fault("expected a list of strings");
    out.emplace_back(item.get_string());
  }
  return out;
}

inline Result<Strings> strings(const json::object& object, std::string_view member) {
  const json::value* value = object.if_contains(member);
  return value == nullptr ? Strings{} : strings_of(*value);
}

inline Result<std::string> text(const json::object& object, std::string_view member) {
  const json::value* value = object.if_contains(member);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return fault("expected a string: ", member);
  return std::string(value->get_string());
}

inline Result<bool> flag(const json::object& object, std::string_view member, bool otherwise) {
  const json::value* value = object.if_contains(member);
  if (value == nullptr) return otherwise;
  if (!value->is_bool()) return fault("expected true or false: ", member);
  return value->get_bool();
}

// An empty one where it is absent.
inline Result<const json::object*> object(const json::object& holder, std::string_view member) {
  static const json::object empty;
  const json::value* value = holder.if_contains(member);
  if (value == nullptr) return &empty;
  if (!value->is_object()) return fault("expected an object: ", member);
  return &value->get_object();
}

inline Result<std::vector<const json::object*>> objects(const json::object& holder,
                                                        std::string_view member) {
  std::vector<const json::object*> out;
  const json::value* list = holder.if_contains(member);
  if (list == nullptr) return out;
  if (!list->is_array()) return fault("expected a list: ", member);
  for (const json::value& item : list->get_array()) {
    if (!item.is_object()) return fault("expected a list of objects: ", member);
    out.push_back(&item.get_object());
  }
  return out;
}

}  // namespace callscope::normalise::mapping
