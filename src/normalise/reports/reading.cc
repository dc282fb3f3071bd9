#include "normalise/reports/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "normalise/reports/moments.h"

namespace callscope::normalise::reports {
namespace {

size_t count_chars(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// What a level is in one word, upper case.
std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

}  // namespace

Error refuse(std::string_view field, std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), std::string(field)};
}

void Notes::add(std::string field, std::string message) {
  if (notes_.size() >= max_) {
    ++more_;
  } else {
    notes_.push_back({std::move(field), std::move(message)});
  }
}

void Notes::add_all(const Notes& others) {
  for (const model::ReportNote& note : others.notes_) add(note.field, note.message);
  more_ += others.more_;
}

std::vector<model::ReportNote> Notes::take() {
  if (more_ > 0)
    notes_.push_back({"", fmt::format("{} more could not be read as they came.", more_)});
  return std::move(notes_);
}

Result<std::string> text_field(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  if (value == nullptr) return std::string();
  if (value->is_structured() || value->is_bool()) return refuse(name, "Not a valid string.");
  return as_text(value);
}

Result<std::string> required_name(const json::object& object, std::string_view name,
                                  size_t chars_max) {
  if (member(object, name) == nullptr) return refuse(name, "This field is required.");
  std::string text = TRY(text_field(object, name));
  if (trimmed(text).empty()) return refuse(name, "This field may not be blank.");
  if (count_chars(text) > chars_max)
    return refuse(name,
                  fmt::format("Ensure this field has no more than {} characters.", chars_max));
  return text;
}

Result<std::string> call_name(const Reading& reading) {
  constexpr std::string_view kName = "call_id";
  if (!reading.limits.is_whole && member(reading.body, kName) == nullptr) return std::string();
  return required_name(reading.body, kName, reading.limits.call_id_chars_max);
}

Result<std::optional<int64_t>> integer_field(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  if (value == nullptr) return std::optional<int64_t>();
  const auto fault = [&] { return refuse(name, "A valid integer is required."); };
  if (const int64_t* whole = value->if_int64()) return std::optional(*whole);
  if (const double* number = value->if_double()) {
    if (std::abs(*number) > 9e15 || *number != std::floor(*number)) return fault();
    return std::optional(static_cast<int64_t>(*number));
  }
  if (!value->is_string()) return fault();
  const std::string_view text = trimmed(string_of(value));
  if (text.empty()) return std::optional<int64_t>();
  int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error != std::errc{} || end != text.data() + text.size()) return fault();
  return std::optional(whole);
}

Result<std::optional<double>> number_field(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  if (value == nullptr || (value->is_string() && trimmed(string_of(value)).empty()))
    return std::optional<double>();
  const auto number = number_of(value);
  if (!number) return refuse(name, "A valid number is required.");
  return number;
}

Result<TimeNs> time_field(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  if (value == nullptr || (value->is_string() && trimmed(string_of(value)).empty()))
    return TimeNs{};
  const auto time = time_of(*value);
  if (!time) {
    return refuse(name,
                  "Datetime has wrong format. Use one of these formats instead: "
                  "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z], or seconds since 1970.");
  }
  return *time;
}

Result<std::string> object_field(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  if (value == nullptr) return std::string();
  if (value->is_object()) return object_text(&value->get_object());
  if (value->is_string()) {
    const std::string_view text = trimmed(string_of(value));
    if (text.empty()) return std::string();
    const auto parsed = texts::parse_json(text);
    if (parsed && parsed->is_null()) return std::string();
    if (parsed && parsed->is_object()) return object_text(&parsed->get_object());
  }
  return refuse(
      name, fmt::format("Expected a dictionary of items but got type \"{}\".", type_name(*value)));
}

Result<std::string> url_field(const json::object& object, std::string_view name) {
  std::string text(trimmed(TRY(text_field(object, name))));
  if (text.empty()) return text;
  const size_t scheme = text.find("://");
  std::string_view before = std::string_view(text).substr(0, scheme);
  const bool is_web = upper(before) == "HTTP" || upper(before) == "HTTPS";
  const bool has_blank = text.find_first_of(" \t\r\n") != std::string::npos;
  if (scheme == std::string::npos || !is_web || has_blank || text.size() <= scheme + 3 ||
      text[scheme + 3] == '/')
    return refuse(name, "Enter a valid URL (http or https).");
  return text;
}

Result<std::optional<int>> channel_field(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  if (value == nullptr || (value->is_string() && string_of(value).empty()))
    return std::optional<int>();
  const auto number = value->is_bool() ? std::nullopt : number_of(value);
  if (number == 0.0) return std::optional(0);
  if (number == 1.0) return std::optional(1);
  return refuse(name, fmt::format("\"{}\" is not a valid choice; choose 0 or 1.",
                                  as_text(value).substr(0, 40)));
}

void add_trace_id(Reading& reading, std::string_view field, std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return;
  const auto id = TraceId::from_hex(text);
  if (!id || id->is_zero()) {
    reading.notes.add(std::string(field),
                      fmt::format("\"{}\" is not a trace id, which is 32 hex digits: the call is "
                                  "not joined with a trace by it.",
                                  text.substr(0, 64)));
    return;
  }
  auto& ids = reading.report.trace_ids;
  if (std::find(ids.begin(), ids.end(), *id) == ids.end()) ids.push_back(*id);
}

void add_names(model::Report& report, std::initializer_list<std::string> names) {
  for (const std::string& name : names) {
    if (name.empty() || name == report.call_id) continue;
    if (std::find(report.names.begin(), report.names.end(), name) == report.names.end())
      report.names.push_back(name);
  }
}

std::string object_text(const json::object* object) {
  return object == nullptr || object->empty() ? std::string() : json::serialize(*object);
}

void add_facts(std::string& metadata, std::initializer_list<Fact> facts) {
  json::object all;
  const auto parsed = metadata.empty() ? std::nullopt : texts::parse_json(metadata);
  if (!metadata.empty() && (!parsed || !parsed->is_object())) return;
  if (parsed) all = parsed->get_object();
  const size_t before = all.size();
  for (const auto& [name, value] : facts) {
    if (value == nullptr || value->is_null() || all.contains(name)) continue;
    all[name] = *value;
  }
  if (all.size() > before) metadata = json::serialize(all);
}

void read_logs(Reading& reading, std::string_view field, const json::value* logs) {
  const json::array* lines = array_of(logs);
  if (lines == nullptr) {
    if (logs != nullptr && !logs->is_null())
      reading.notes.add(std::string(field), "Expected a list of log lines.");
    return;
  }
  size_t index = 0;
  for (const json::value& line : *lines) {
    const std::string path = fmt::format("{}[{}]", field, index++);
    if (reading.report.logs.size() >= reading.limits.logs_max) {
      reading.notes.add(std::string(field),
                        fmt::format("{} lines came, of which the first {} are kept.", lines->size(),
                                    reading.limits.logs_max));
      return;
    }
    if (line.is_string()) {
      reading.report.logs.push_back({.time = reading.report.started,
                                     .level = {},
                                     .logger = {},
                                     .message = std::string(string_of(&line))});
      continue;
    }
    const json::object* object = object_of(&line);
    if (object == nullptr) {
      reading.notes.add(path, "Expected an object with timestamp, level, logger and message.");
      continue;
    }
    model::ReportedLog log;
    const json::value* time = first_of(*object, {"timestamp", "time", "created", "ts"});
    if (time != nullptr) log.time = time_of(*time).value_or(TimeNs{});
    if (!log.time.is_set()) {
      reading.notes.add(path + ".timestamp", "The line has no time of its own.");
      log.time = reading.report.started;
    }
    log.level = upper(text_of(*object, {"level", "severity", "levelname"}));
    log.logger = text_of(*object, {"logger", "name"});
    log.message = as_text(first_of(*object, {"message", "msg", "text", "body"}));
    reading.report.logs.push_back(std::move(log));
  }
}

}  // namespace callscope::normalise::reports
