// The recording's clock against the spans': audio second 0 is at `offset_s` on the spans' clock,
// which counts seconds from the call's start. Found from a stated start and from what both clocks
// show: the agent starting to speak, the caller starting and falling silent. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "audio/settings.h"
#include "audio/turn_taking.h"

namespace callscope::audio {

// What a span shows of a sound, by how it lags behind that sound (clock_alignment.cc has the lags).
enum class ClockSign {
  kAgentSpeech,       // the agent is played: at once
  kAgentBytes,        // synthesis gave its first sound: before it is heard
  kAgentRequest,      // synthesis was asked for it: longer before
  kCallerSpeechEnd,   // a detector's end of speech: at once
  kCallerUnderstood,  // the final transcript: after the end of speech
  kCallerSpeechStart  // a detector's start of speech: a little after it
};
inline constexpr size_t kClockSigns = 6;

struct ClockEvidence {
  // The recording's start on the spans' clock, as a sender states it, and how exact that is.
  std::optional<double> stated_offset_s;
  double stated_uncertainty_s = 0.25;
  // When spans show each sign, on their clock.
  std::array<std::vector<double>, kClockSigns> shown_s;
  // The same on the recording's clock; add_heard() takes them from the talkspurts.
  std::vector<double> heard_agent_starts_s;
  std::vector<double> heard_caller_starts_s;
  std::vector<double> heard_caller_ends_s;

  std::vector<double>& of(ClockSign sign) { return shown_s[static_cast<size_t>(sign)]; }
  const std::vector<double>& of(ClockSign sign) const { return shown_s[static_cast<size_t>(sign)]; }
};
// Fills the heard side: where speech begins after, and ends before, a pause of its speaker that a
// detector in a pipeline would notice.
void add_heard(ClockEvidence& evidence, const Talk& talk);

enum class AlignmentMethod { kNone, kStated, kMatched, kStatedAndMatched };
std::string_view to_string(AlignmentMethod method);  // "", "stated", "matched", "stated+matched"

struct ClockAlignment {
  bool known = false;   // otherwise the two must not be drawn as if aligned
  double offset_s = 0;  // spans' clock = offset_s + audio time · (1 + drift_ppm / 1e6)
  double drift_ppm = 0;
  double uncertainty_s = 0;  // half of what 95 % of the evidence allows
  AlignmentMethod method = AlignmentMethod::kNone;
  int64_t matches = 0;  // talkspurts of either that were found on both clocks

  double to_span_clock(double audio_s) const { return offset_s + audio_s * (1 + drift_ppm / 1e6); }
  double to_audio_clock(double span_s) const { return (span_s - offset_s) / (1 + drift_ppm / 1e6); }
};

ClockAlignment align_clocks(const ClockEvidence& evidence, const Settings& settings);

}  // namespace callscope::audio
