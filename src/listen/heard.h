// What was heard next to what the spans claim: the two clocks put together, and each silence before
// an answer split among the stages that were at work in it.
#pragma once

#include <optional>
#include <span>

#include "audio/analysis.h"
#include "audio/clock_alignment.h"
#include "base/time.h"
#include "calls/call_reader.h"
#include "model/call.h"

namespace callscope::listen {

struct RecordingClock {
  TimeNs started;                 // UTC of the first sample, as a sender states it; may be unset
  std::optional<double> nudge_s;  // by hand: added to the offset that was found
};

// How far the recording's second 0 is behind the call's start, found from the stated start and from
// what both clocks show.
audio::ClockAlignment align(const model::Call& call, std::span<const calls::CallSpan> spans,
                            const audio::Analysis& analysis, const RecordingClock& clock);

// Derives the metrics anew with what only the call knows: when tools ran, how many words were
// spoken, how long the call was.
void add_context(const model::Call& call, const audio::ClockAlignment& alignment,
                 audio::Analysis& analysis);

// Fills in heard_ms and heard_parts of the call's turns. A call without turns gets those that were
// heard.
void add_heard(const audio::Analysis& analysis, const audio::ClockAlignment& alignment,
               std::span<const calls::CallSpan> spans, model::Call& call);

}  // namespace callscope::listen
