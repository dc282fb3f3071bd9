#include "base/time.h"

#include <fmt/format.h>

#include <charconv>
#include <ctime>

namespace callscope {
namespace {

class SystemClock final : public Clock {
 public:
  TimeNs now() const override {
    timespec t{};
    clock_gettime(CLOCK_REALTIME, &t);
    return {int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec};
  }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::now();
  }
};

// Takes `digits` decimal digits off the front of `text`; -1 where they are not there.
int take_number(std::string_view& text, size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc{} || end != text.data() + digits || text[0] == '-') return -1;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<TimeNs> parse_epoch(std::string_view text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  // Seconds reach the year 5138 below 1e11; each further unit is a factor of a thousand above it.
  if (value < 100'000'000'000) return TimeNs{value * 1'000'000'000};
  if (value < 100'000'000'000'000) return TimeNs{value * 1'000'000};
  if (value < 100'000'000'000'000'000) return TimeNs{value * 1'000};
  return TimeNs{value};
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string to_rfc3339(TimeNs time) {
  int64_t seconds = time.ns / 1'000'000'000;
  int64_t rest = time.ns % 1'000'000'000;
  if (rest < 0) {
    rest += 1'000'000'000;
    --seconds;
  }
  const time_t t = static_cast<time_t>(seconds);
  tm parts{};
  gmtime_r(&t, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     rest / 1'000);
}

std::optional<TimeNs> parse_time(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text.find_first_not_of("0123456789") == std::string_view::npos) return parse_epoch(text);

  tm parts{};
  const int year = take_number(text, 4);
  if (year < 0 || !take(text, '-')) return std::nullopt;
  const int month = take_number(text, 2);
  if (month < 1 || month > 12 || !take(text, '-')) return std::nullopt;
  const int day = take_number(text, 2);
  if (day < 1 || day > 31) return std::nullopt;
  parts.tm_year = year - 1900;
  parts.tm_mon = month - 1;
  parts.tm_mday = day;
  int64_t fraction_ns = 0;
  int64_t offset_s = 0;
  if (!text.empty()) {
    if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
    parts.tm_hour = take_number(text, 2);
    if (parts.tm_hour < 0 || parts.tm_hour > 23 || !take(text, ':')) return std::nullopt;
    parts.tm_min = take_number(text, 2);
    if (parts.tm_min < 0 || parts.tm_min > 59) return std::nullopt;
    if (take(text, ':')) {
      parts.tm_sec = take_number(text, 2);
      if (parts.tm_sec < 0 || parts.tm_sec > 60) return std::nullopt;
      if (take(text, '.') || take(text, ',')) {
        int64_t scale = 100'000'000;
        if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
        for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1)) {
          fraction_ns += (text[0] - '0') * scale;
          scale /= 10;
        }
      }
    }
    if (!text.empty() && !take(text, 'Z') && !take(text, 'z')) {
      const int sign = text[0] == '-' ? -1 : 1;
      // An unescaped '+' of a query string arrives as a blank.
      if (!take(text, '-') && !take(text, '+') && !take(text, ' ')) return std::nullopt;
      const int hours = take_number(text, 2);
      take(text, ':');
      const int minutes = text.empty() ? 0 : take_number(text, 2);
      if (hours < 0 || minutes < 0) return std::nullopt;
      offset_s = sign * (hours * 3600 + minutes * 60);
    }
    if (!text.empty()) return std::nullopt;
  }
  const int64_t seconds = int64_t{timegm(&parts)} - offset_s;
  if (seconds > 9'000'000'000 || seconds < -9'000'000'000) return std::nullopt;
  return TimeNs{seconds * 1'000'000'000 + fraction_ns};
}

}  // namespace callscope
