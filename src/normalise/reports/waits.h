// How long the caller waited for each reply, as senders measured it: with an entry of the
// transcript, or in lists beside it.
#pragma once

#include <span>
#include <string_view>

#include "normalise/reports/reading.h"

namespace callscope::normalise::reports {

// What an entry says itself: LiveKit's "metrics", ElevenLabs' "conversation_turn_metrics".
model::ReportedWait wait_in(const json::object& entry);

// A stated time as a measure; absent where it is no number, negative or longer than an hour:
// LiveKit says -1 where there was nothing to measure.
model::Measure wait_of_seconds(const json::value* value);
model::Measure wait_of_milliseconds(const json::value* value);

// Gives the waits to the agent's replies, in order. Where there are not as many, nobody knows which
// belongs to which: a note says so, and `field` keeps them.
void place_waits(Reading& reading, std::string_view field,
                 std::span<const model::ReportedWait> waits);

// LiveKit's raw metrics, {"eou": […], "llm": […], "tts": […]}, whose entries share a speech_id,
// where the transcript has no times of its own. The report's zero is known.
void place_livekit_metrics(Reading& reading, const json::object& metrics);

}  // namespace callscope::normalise::reports
