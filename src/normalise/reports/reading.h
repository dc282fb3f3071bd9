// A report while it is read, and the members that many senders share. Each refusal names the member
// and says what would be right, in the words that the hosted service has for it.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "normalise/report.h"
#include "normalise/reports/values.h"

namespace callscope::normalise::reports {

Error refuse(std::string_view field, std::string message);

// Notes up to a number; the last one counts the rest.
class Notes {
 public:
  explicit Notes(size_t max) : max_(max) {}
  void add(std::string field, std::string message);
  void add_all(const Notes& others);
  std::vector<model::ReportNote> take();

 private:
  size_t max_;
  size_t more_ = 0;
  std::vector<model::ReportNote> notes_;
};

struct Reading {
  const json::object& body;
  const ReportLimits& limits;
  model::Report report;
  Notes notes;
};

// A text; a number is taken for its digits. Absent and null are empty.
Result<std::string> text_field(const json::object& object, std::string_view name);
// As text_field, but there, not blank, and of `chars_max` characters at most.
// "call_id" of a call log; empty only where the limits do not want it.
Result<std::string> call_name(const Reading& reading);
Result<std::string> required_name(const json::object& object, std::string_view name,
                                  size_t chars_max);
// Digits in a string will do. Absent, null and "" are none.
Result<std::optional<int64_t>> integer_field(const json::object& object, std::string_view name);
Result<std::optional<double>> number_field(const json::object& object, std::string_view name);
// ISO 8601, or a number of the clock. Absent, null and "" are unset.
Result<TimeNs> time_field(const json::object& object, std::string_view name);
// A JSON object, also within a string, as text; empty where it has no members.
Result<std::string> object_field(const json::object& object, std::string_view name);
// http or https. Absent, null and "" are empty.
Result<std::string> url_field(const json::object& object, std::string_view name);
// 0 or 1.
Result<std::optional<int>> channel_field(const json::object& object, std::string_view name);

// Adds the trace id, or a note where it is none.
void add_trace_id(Reading& reading, std::string_view field, std::string_view text);
// Adds names that are not there yet, without empty ones and the call's own.
void add_names(model::Report& report, std::initializer_list<std::string> names);
// `object` as text where it has members.
std::string object_text(const json::object* object);
// Adds what a provider says of the call beyond its fields to the metadata, which is an object in
// text or empty. What is absent or null is left out, and keys that are there stand.
using Fact = std::pair<std::string_view, const json::value*>;
void add_facts(std::string& metadata, std::initializer_list<Fact> facts);
// [{timestamp, level, logger, message}]
void read_logs(Reading& reading, std::string_view field, const json::value* logs);

}  // namespace callscope::normalise::reports
