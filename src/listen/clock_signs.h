// What spans and transcripts show of the sounds of a call, for putting its clocks together.
#pragma once

#include <span>

#include "audio/clock_alignment.h"
#include "calls/call_reader.h"
#include "model/call.h"

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

// Fills `shown_s` of the evidence. A side of the call on which no span says anything is taken from
// the transcript that was reported.
void add_shown(const model::Call& call, std::span<const calls::CallSpan> spans,
               const SpanClock& clock, audio::ClockEvidence& evidence);

}  // namespace callscope::listen
