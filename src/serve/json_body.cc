#include "serve/json_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace callscope::serve {

Result<JsonBody> JsonBody::parse(const http::Request& request) {
  boost::system::error_code error;
  boost::json::value value = boost::json::parse({request.body.data(), request.body.size()}, error);
  if (error || !value.is_object()) {
    return Error{ErrorCode::kInvalidArgument, "the body must be a JSON object", "body"};
  }
  JsonBody body;
  body.object_ = std::move(value.get_object());
  return body;
}

const boost::json::value* JsonBody::find(std::string_view name) {
  known_.push_back(name);
  const boost::json::value* value = object_.if_contains({name.data(), name.size()});
  return value != nullptr && value->is_null() ? nullptr : value;
}

std::optional<std::string> JsonBody::text(std::string_view name) {
  const boost::json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return std::string(value->get_string());
  refuse(name, "must be a string");
  return std::nullopt;
}

std::optional<int64_t> JsonBody::id(std::string_view name) {
  const boost::json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_int64() && value->get_int64() > 0) return value->get_int64();
  refuse(name, "must be a whole number above 0");
  return std::nullopt;
}

std::optional<std::vector<std::string>> JsonBody::texts(std::string_view name) {
  const boost::json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  std::vector<std::string> all;
  bool is_sound = value->is_array();
  if (is_sound) {
    for (const boost::json::value& each : value->get_array()) {
      is_sound = is_sound && each.is_string();
      if (each.is_string()) all.emplace_back(each.get_string());
    }
  }
  if (is_sound) return all;
  refuse(name, "must be a list of strings");
  return std::nullopt;
}

void JsonBody::refuse(std::string_view name, std::string_view why) {
  if (!error_)
    error_ = Error{ErrorCode::kInvalidArgument, fmt::format("{} {}", name, why), std::string(name)};
}

Result<void> JsonBody::done() {
  for (const auto& member : object_) {
    const std::string_view key(member.key().data(), member.key().size());
    if (std::find(known_.begin(), known_.end(), key) == known_.end())
      refuse(key, "is not a member of this body");
  }
  if (error_) return *error_;
  return {};
}

}  // namespace callscope::serve
