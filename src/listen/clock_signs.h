// What spans and transcripts show of the sounds of a call, for putting its clocks together.
#pragma once

#include <span>

#include "audio/clock_alignment.h"
#include "calls/call_reader.h"
#include "listen/span_clock.h"
#include "model/call.h"

namespace callscope::listen {

// Fills `shown_s` of the evidence. A side of the call on which no span says anything is taken from
// the transcript that was reported.
void add_shown(const model::Call& call, std::span<const calls::CallSpan> spans,
               const SpanClock& clock, audio::ClockEvidence& evidence);

}  // namespace callscope::listen
