// The clock of a call's spans, in seconds.
#pragma once

#include "base/time.h"
#include "model/facts.h"

namespace callscope::listen {

// Seconds since the call's start.
class SpanClock {
 public:
  explicit SpanClock(TimeNs start) : start_(start) {}
  double operator()(TimeNs time) const { return (time - start_).seconds(); }
  TimeNs back(double seconds) const {
    return start_ + DurationNs{static_cast<int64_t>(seconds * 1e9)};
  }

 private:
  TimeNs start_;
};

// A measure in microseconds, which is there.
inline double seconds_of(const model::Measure& us) { return static_cast<double>(*us) / 1e6; }

}  // namespace callscope::listen
