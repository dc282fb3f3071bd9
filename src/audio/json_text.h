// Writes JSON front to back with rounded numbers: times to a tenth of a millisecond, for more
// digits than were measured would only look exact.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.h"

namespace callscope::audio {

class JsonText {
 public:
  explicit JsonText(std::string& out) : out_(out) {}

  JsonText& open(char bracket) {
    comma();
    out_ += bracket;
    first_ = true;
    return *this;
  }
  JsonText& close(char bracket) {
    out_ += bracket;
    first_ = false;
    return *this;
  }
  JsonText& key(std::string_view name) {
    comma();
    append_json_string(out_, name);
    out_ += ':';
    first_ = true;
    return *this;
  }
  JsonText& text(std::string_view value) {
    comma();
    append_json_string(out_, value);
    return *this;
  }
  JsonText& whole(int64_t value) { return raw(fmt::format("{}", value)); }
  JsonText& flag(bool value) { return raw(value ? "true" : "false"); }
  // Rounded to four places, without trailing zeros; null where it is not finite.
  JsonText& number(double value) {
    if (!std::isfinite(value)) return raw("null");
    std::string digits = fmt::format("{:.4f}", value);
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
    return raw(digits == "-0" ? "0" : digits);
  }

  JsonText& text(std::string_view name, std::string_view value) { return key(name).text(value); }
  JsonText& whole(std::string_view name, int64_t value) { return key(name).whole(value); }
  JsonText& flag(std::string_view name, bool value) { return key(name).flag(value); }
  JsonText& number(std::string_view name, double value) { return key(name).number(value); }
  // null where absent.
  JsonText& number(std::string_view name, const std::optional<double>& value) {
    return value ? number(name, *value) : key(name).raw("null");
  }
  JsonText& raw(std::string_view json) {
    comma();
    out_ += json;
    return *this;
  }

 private:
  void comma() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace callscope::audio
