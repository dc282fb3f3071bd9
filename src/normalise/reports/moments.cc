#include "normalise/reports/moments.h"

#include <charconv>
#include <cmath>

#include "normalise/reports/values.h"

namespace callscope::normalise::reports {
namespace {

constexpr double kClockMin = 1e8;
constexpr TimeNs kYear2000 = {946'684'800'000'000'000};
constexpr TimeNs kYear2100 = {4'102'444'800'000'000'000};

std::optional<TimeNs> sane(TimeNs time) {
  if (time < kYear2000 || time > kYear2100) return std::nullopt;
  return time;
}

// Doubles hold the clock's seconds to about a microsecond: what is finer is noise.
std::optional<TimeNs> clock_time(double number) {
  const double per_unit_us = number < 1e11 ? 1e6 : number < 1e14 ? 1e3 : number < 1e17 ? 1 : 1e-3;
  const double us = number * per_unit_us;
  if (us > 4.2e15) return std::nullopt;
  return sane({std::llround(us) * 1'000});
}

std::optional<Moment> of_number(double number, Unit unit) {
  if (!std::isfinite(number)) return std::nullopt;
  if (number < kClockMin) return Moment{.at = {}, .count = number, .unit = unit};
  const auto at = clock_time(number);
  if (!at) return std::nullopt;
  return Moment{.at = *at};
}

// "1:23", "01:02:03.5".
std::optional<double> clock_face(std::string_view text) {
  double seconds = 0;
  int parts = 0;
  while (true) {
    const size_t end = text.find(':');
    const auto part = number_in(text.substr(0, end));
    if (!part || *part < 0 || *part >= 1e6 || ++parts > 3) return std::nullopt;
    seconds = seconds * 60 + *part;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts < 2 ? std::nullopt : std::optional(seconds);
}

}  // namespace

DurationNs Moment::offset(Unit otherwise) const {
  const Unit counted = unit == Unit::kUnknown ? otherwise : unit;
  const double us = count * (counted == Unit::kMilliseconds ? 1e3 : 1e6);
  return {std::llround(std::clamp(us, -1e15, 1e15)) * 1'000};
}

std::optional<Moment> moment_of(const boost::json::value& value, Unit unit) {
  if (value.is_string()) {
    const std::string_view text = trimmed(texts::string_of(&value));
    if (text.empty()) return std::nullopt;
    if (const auto number = number_in(text)) return of_number(*number, unit);
    if (const auto seconds = clock_face(text))
      return Moment{.at = {}, .count = *seconds, .unit = Unit::kSeconds};
    const auto at = parse_time(text);
    if (!at || !sane(*at)) return std::nullopt;
    return Moment{.at = *at};
  }
  const auto number = number_of(&value);
  return number ? of_number(*number, unit) : std::nullopt;
}

std::optional<TimeNs> time_of(const boost::json::value& value) {
  const auto moment = moment_of(value);
  return moment && moment->is_absolute() ? std::optional(moment->at) : std::nullopt;
}

}  // namespace callscope::normalise::reports
