// Who holds the floor: speech segments of the two channels → turns and one list of signed events.
// Pure functions; all times are seconds from the recording's first sample.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "audio/settings.h"

namespace callscope::audio {

struct Interval {
  double start_s = 0;
  double end_s = 0;
  double length_s() const { return end_s - start_s; }
  bool operator==(const Interval&) const = default;
};

enum class Speaker { kCaller, kAgent };
std::string_view to_string(Speaker speaker);  // "caller", "agent"
constexpr Speaker other(Speaker s) {
  return s == Speaker::kCaller ? Speaker::kAgent : Speaker::kCaller;
}

// Talkspurts of both: each sorted, without overlap within itself.
struct Talk {
  std::vector<Interval> caller;
  std::vector<Interval> agent;
  double duration_s = 0;  // of the recording

  const std::vector<Interval>& of(Speaker s) const {
    return s == Speaker::kCaller ? caller : agent;
  }
};

struct Turn {
  Speaker speaker = Speaker::kCaller;
  double start_s = 0;
  double end_s = 0;
  // Start of this turn minus the end of the other's turn before it: positive a gap, negative an
  // overlap. Absent where the floor did not change hands.
  std::optional<double> floor_transfer_offset_s;
  // Of the agent's turns that answer the caller, where that offset is not negative.
  std::optional<double> response_latency_s;
  // It began and ended while the other kept the floor: an interruption that failed.
  bool within_other = false;
  // A caller's turn that got no answer.
  bool unanswered = false;
  bool operator==(const Turn&) const = default;
};

enum class EventType {
  kTalkspurt,
  kPause,          // silence inside one speaker's turn
  kGap,            // silence at a change of speaker
  kOverlap,        // both speak
  kFloorTransfer,  // from the end of one turn to the start of the next, in either order
  kBackchannel,    // a short token that claims no floor
  kInterruption,   // a start during the other's speech
  kFalseYield,     // the agent stopped for a short token
  kUnanswered,     // from the caller's turn's end to where an answer was due no more
  kDeadAir,        // nobody speaks; `speaker` owes the turn
};
std::string_view to_string(EventType type);

struct Event {
  EventType type = EventType::kTalkspurt;
  double start_s = 0;
  double end_s = 0;
  Speaker speaker = Speaker::kCaller;  // who talks, pauses, takes the floor, interrupts, or owes it
  std::optional<double> offset_s;      // of a transfer, a gap or an overlap at one, signed
  std::optional<double> yield_s;       // of an interruption: until the interrupted one is silent
  bool yielded = false;                // of an interruption: within the time allowed
  bool within_other = false;           // of an overlap or interruption: the floor was kept
  bool counted = true;                 // of an interruption: not too short, and no backchannel
  bool failed = false;                 // of dead air: past the second limit
  bool operator==(const Event&) const = default;
};

struct TurnTaking {
  std::vector<Turn> turns;    // in the order of their starts
  std::vector<Event> events;  // the same
};

TurnTaking take_turns(const Talk& talk, const Settings& settings);

}  // namespace callscope::audio
