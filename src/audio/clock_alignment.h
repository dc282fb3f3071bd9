// The recording's clock against the spans': audio second 0 is at `offset_s` on the spans' clock,
// which counts seconds from the call's start. Found from a stated start and from what both clocks
// show: the agent starting to speak, the caller falling silent. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "audio/settings.h"
#include "audio/turn_taking.h"

namespace callscope::audio {

struct ClockEvidence {
  // The recording's start on the spans' clock, as a sender states it, and how exact that is.
  std::optional<double> stated_offset_s;
  double stated_uncertainty_s = 0.25;
  // On the spans' clock: when the agent's sound began (a speaking span's start; else a synthesis
  // span's first byte, else its start) and when the caller's ended (by STT or VAD).
  std::vector<double> agent_starts_s;
  std::vector<double> caller_ends_s;
  // The same on the recording's clock; add_heard() takes them from turns.
  std::vector<double> heard_agent_starts_s;
  std::vector<double> heard_caller_ends_s;
};
// Fills the heard side.
void add_heard(ClockEvidence& evidence, const std::vector<Turn>& turns);

enum class AlignmentMethod { kNone, kStated, kMatched, kStatedAndMatched };
std::string_view to_string(AlignmentMethod method);  // "", "stated", "matched", "stated+matched"

struct ClockAlignment {
  bool known = false;   // otherwise the two must not be drawn as if aligned
  double offset_s = 0;  // spans' clock = offset_s + audio time · (1 + drift_ppm / 1e6)
  double drift_ppm = 0;
  double uncertainty_s = 0;  // half of what 95 % of the evidence allows
  AlignmentMethod method = AlignmentMethod::kNone;
  int64_t matches = 0;

  double to_span_clock(double audio_s) const { return offset_s + audio_s * (1 + drift_ppm / 1e6); }
  double to_audio_clock(double span_s) const { return (span_s - offset_s) / (1 + drift_ppm / 1e6); }
};

ClockAlignment align_clocks(const ClockEvidence& evidence, const Settings& settings);

}  // namespace callscope::audio
