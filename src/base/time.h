// Time as we keep it: nanoseconds since the Unix epoch (TimeNs) and lengths of time (DurationNs),
// two types that do not mix by accident. Clock hands time in, so that tests move it themselves.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callscope {

struct DurationNs {
  int64_t ns = 0;

  static constexpr DurationNs from_us(int64_t us) { return {us * 1'000}; }
  static constexpr DurationNs from_ms(int64_t ms) { return {ms * 1'000'000}; }
  static constexpr DurationNs from_s(int64_t s) { return {s * 1'000'000'000}; }

  constexpr double seconds() const { return static_cast<double>(ns) / 1e9; }
  constexpr double milliseconds() const { return static_cast<double>(ns) / 1e6; }
  constexpr int64_t microseconds() const { return ns / 1'000; }
  constexpr auto operator<=>(const DurationNs&) const = default;
  constexpr DurationNs operator+(DurationNs other) const { return {ns + other.ns}; }
  constexpr DurationNs operator-(DurationNs other) const { return {ns - other.ns}; }
};

// 0 means "not set", as in OTLP.
struct TimeNs {
  int64_t ns = 0;

  constexpr bool is_set() const { return ns != 0; }
  constexpr auto operator<=>(const TimeNs&) const = default;
  constexpr TimeNs operator+(DurationNs d) const { return {ns + d.ns}; }
  constexpr TimeNs operator-(DurationNs d) const { return {ns - d.ns}; }
  constexpr DurationNs operator-(TimeNs other) const { return {ns - other.ns}; }
};

// RFC 3339 in UTC with microseconds: "2026-11-21T15:00:00.123456Z".
std::string to_rfc3339(TimeNs time);

// Reads RFC 3339 ("…Z", "+02:00", with or without a fraction or a time of day), or a whole number
// of Unix seconds, milliseconds, microseconds or nanoseconds told apart by size. nullopt where it
// is none of these.
std::optional<TimeNs> parse_time(std::string_view text);

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimeNs now() const = 0;                                    // wall clock
  virtual std::chrono::steady_clock::time_point steady() const = 0;  // never goes back
};

// The clock of the machine.
const Clock& system_clock();

}  // namespace callscope
