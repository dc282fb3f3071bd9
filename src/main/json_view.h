// Looks into JSON whose shape is known but not vouched for: what lacks or has another type is
// absent.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace callscope {

class JsonView {
 public:
  JsonView() = default;
  explicit JsonView(const boost::json::value& value) : value_(&value) {}

  // The member of that name, as a view that may be of nothing.
  JsonView operator[](std::string_view name) const {
    const auto* const object = value_ ? value_->if_object() : nullptr;
    JsonView found;
    if (object) found.value_ = object->if_contains(name);
    return found;
  }
  // Empty where it is no list.
  const boost::json::array& items() const {
    static const boost::json::array kNone;
    return value_ && value_->is_array() ? value_->get_array() : kNone;
  }
  std::string text() const {
    return value_ && value_->is_string() ? std::string(value_->get_string()) : std::string();
  }
  std::optional<double> number() const {
    if (!value_ || !value_->is_number()) return std::nullopt;
    return value_->to_number<double>();
  }
  int64_t integer() const { return value_ && value_->is_int64() ? value_->get_int64() : 0; }
  bool is_true() const { return value_ && value_->is_bool() && value_->get_bool(); }
  bool exists() const { return value_ && !value_->is_null(); }

 private:
  const boost::json::value* value_ = nullptr;
};

}  // namespace callscope
