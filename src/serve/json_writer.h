// Writes JSON text front to back, putting the commas. Several times faster than building a document
// first, and answers are mostly written once and thrown away.
//
//   JsonWriter json(out);
//   json.begin_object().member("id", int64_t{7}).key("items").begin_array();
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/time.h"
#include "model/facts.h"

namespace callscope::serve {

// For JsonWriter::scaled_member.
inline constexpr double kUsPerMs = 1e3;
inline constexpr double kUsPerS = 1e6;
inline constexpr double kNanoUsdPerUsd = 1e9;

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  // For names of ours, which need no escapes.
  JsonWriter& key(std::string_view name) {
    separate();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    wants_comma_ = false;
    return *this;
  }
  // For names that a sender chose.
  JsonWriter& foreign_key(std::string_view name) {
    value(name);
    out_ += ':';
    wants_comma_ = false;
    return *this;
  }

  JsonWriter& value(std::string_view text) {
    separate();
    append_json_string(out_, text);
    return *this;
  }
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::same_as<bool> auto b) { return raw(b ? "true" : "false"); }
  JsonWriter& value(std::integral auto number) requires(!std::same_as<decltype(number), bool>) {
    const fmt::format_int digits(number);
    return raw({digits.data(), digits.size()});
  }
  JsonWriter& value(double number) {
    separate();
    append_json_double(out_, number);
    return *this;
  }
  JsonWriter& null() { return raw("null"); }
  // Text that is JSON already.
  JsonWriter& raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
  }

  template <typename T>
  JsonWriter& member(std::string_view name, const T& v) {
    return key(name).value(v);
  }
  // What was not captured is left out.
  JsonWriter& member_unless_empty(std::string_view name, std::string_view text) {
    return text.empty() ? *this : member(name, text);
  }
  JsonWriter& member(std::string_view name, const model::Measure& count) {
    return count ? member(name, *count) : *this;
  }
  // A measure that is kept in a smaller unit than it is written in: `parts` of it make one.
  JsonWriter& scaled_member(std::string_view name, const model::Measure& measure, double parts) {
    return measure ? member(name, static_cast<double>(*measure) / parts) : *this;
  }
  JsonWriter& time_member(std::string_view name, TimeNs time) {
    return time.is_set() ? member(name, std::string_view(to_rfc3339(time))) : *this;
  }

 private:
  void separate() {
    if (wants_comma_) out_ += ',';
    wants_comma_ = true;
  }
  JsonWriter& open(char bracket) {
    separate();
    out_ += bracket;
    wants_comma_ = false;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    wants_comma_ = true;
    return *this;
  }

  std::string& out_;
  bool wants_comma_ = false;
};

}  // namespace callscope::serve
