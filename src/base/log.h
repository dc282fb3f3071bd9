// Structured logs: one line an event, constant words first, values last as key=value. Secrets never
// go in.
//
//   log_info("segment written", kv("rows", rows), kv("bytes", bytes));
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace callscope {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat { kText, kJson };

// Where and how much; to stderr. Call once, before other threads log.
void configure_log(LogLevel level, LogFormat format);

struct LogField {
  std::string_view key;
  std::string value;
};

template <typename T>
LogField kv(std::string_view key, const T& value) {
  return {key, fmt::format("{}", value)};
}

void log_event(LogLevel level, std::string_view message, std::initializer_list<LogField> fields);

template <typename... Fields>
void log_debug(std::string_view message, Fields... fields) {
  log_event(LogLevel::kDebug, message, {std::move(fields)...});
}
template <typename... Fields>
void log_info(std::string_view message, Fields... fields) {
  log_event(LogLevel::kInfo, message, {std::move(fields)...});
}
template <typename... Fields>
void log_warning(std::string_view message, Fields... fields) {
  log_event(LogLevel::kWarning, message, {std::move(fields)...});
}
template <typename... Fields>
void log_error(std::string_view message, Fields... fields) {
  log_event(LogLevel::kError, message, {std::move(fields)...});
}

}  // namespace callscope
