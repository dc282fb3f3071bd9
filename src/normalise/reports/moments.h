// Times as senders state them: seconds or milliseconds into the call, or of the clock, as numbers,
// as ISO 8601 or as "01:23".
#pragma once

#include <boost/json.hpp>

#include <optional>

#include "base/time.h"

namespace callscope::normalise::reports {

enum class Unit : uint8_t { kUnknown, kSeconds, kMilliseconds };

// A time that is stated: of the clock where `at` is set, else `count` units into the call.
struct Moment {
  TimeNs at;
  double count = 0;
  Unit unit = Unit::kUnknown;

  bool is_absolute() const { return at.is_set(); }
  // Into the call; of a moment that is not absolute. What is unknown is taken for `otherwise`.
  DurationNs offset(Unit otherwise) const;
};

// nullopt where the value is no time, or is of the clock and not within 2000 … 2100. A number over
// 1e8 is of the clock: in seconds, milliseconds, microseconds or nanoseconds by its size.
std::optional<Moment> moment_of(const boost::json::value& value, Unit unit = Unit::kUnknown);

// A moment of the clock alone.
std::optional<TimeNs> time_of(const boost::json::value& value);

}  // namespace callscope::normalise::reports
