// Figures of a call, all derived from its turns and events. docs/audio.md defines each. What a
// recording cannot support is absent and named in `not_measured` with the reason.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audio/turn_taking.h"

namespace callscope::audio {

// A distribution in seconds. n == 0: nothing was there to measure. Percentiles are interpolated
// between ranks.
struct Summary {
  int64_t n = 0;
  double mean = 0, min = 0, max = 0;
  double p25 = 0, p50 = 0, p75 = 0, p90 = 0, p95 = 0, p99 = 0;
  // 95 % of the medians, and of the 95th percentiles, of resamples of the same size lie within.
  std::pair<double, double> p50_interval = {}, p95_interval = {};
};
Summary summarise(std::vector<double> values);

struct Interruptions {
  int64_t starts = 0;   // talkspurts that begin while the other speaks, of any length
  int64_t counted = 0;  // of those, long enough and no backchannel
  int64_t yielded = 0;  // of the counted: the other was silent within the time allowed
  Summary overlap_s;    // of the counted
  Summary yield_s;      // of the counted, where the other fell silent before the interrupter did
};

// Of the two speakers, in the order caller, agent.
struct SpeakerTalk {
  int64_t turns = 0;
  int64_t talkspurts = 0;
  int64_t backchannels = 0;
  double speech_s = 0;
  double share = 0;  // of the recording
  Summary pause_s;
  Summary floor_transfer_offset_s;  // of this speaker's turns
  std::optional<double> words_per_minute;
};

struct DeadAir {
  int64_t warned = 0, failed = 0;  // `failed` are among `warned`
  double total_s = 0, longest_s = 0;
  double owed_by_agent_s = 0, owed_by_caller_s = 0;
};

// τ-voice (sierra-research/tau2-bench). Rates over too few events are absent.
struct TauVoice {
  std::optional<double> response_latency_s;    // L_R, a mean
  std::optional<double> response_rate;         // R_R
  std::optional<double> yield_latency_s;       // L_Y, a mean
  std::optional<double> yield_rate;            // R_Y
  std::optional<double> agent_interruptions;   // I_A, by caller's turn; may exceed 1
  std::optional<double> backchannels_ignored;  // S_BC
  int64_t responses = 0, turns = 0, interruptions = 0, backchannels = 0;
};

// ServiceNow EVA, metric turn_taking.
struct Eva {
  std::optional<double> score;  // 0 to 1
  bool passed = false;
  int64_t turns = 0;
  double early_rate = 0, on_time_rate = 0, late_rate = 0;
  double agent_interruption_rate = 0, caller_interruption_rate = 0;
  bool last_turn_unanswered = false;
};

// The counts that the hosted service shows.
struct Hosted {
  std::optional<double> latency_ms_mean;
  double latency_ms_p25 = 0, latency_ms_p50 = 0, latency_ms_p75 = 0, latency_ms_p90 = 0,
         latency_ms_p95 = 0, latency_ms_p99 = 0;
  int64_t agent_interruptions = 0, caller_interruptions = 0;
  std::optional<double> stop_ms_mean;
  int64_t silences = 0;  // nobody speaks for too long
  bool infrastructure_issue = false;
  std::optional<double> talk_ratio;
  std::optional<double> interruption_score;  // 0 to 5
};

struct NotMeasured {
  std::string metric;
  std::string reason;
};

struct Metrics {
  Summary response_latency_s;
  Summary response_latency_with_tool_s, response_latency_without_tool_s;
  bool tools_known = false;
  // How far a single latency may be from the truth, from the noise that was found.
  std::optional<double> latency_error_s;
  SpeakerTalk caller, agent;
  Interruptions by_caller, by_agent;
  int64_t false_yields = 0;
  int64_t unanswered_turns = 0;
  DeadAir dead_air;
  std::optional<double> time_to_first_audio_s;  // of the agent, from the recording's start
  double overlap_share = 0, silence_share = 0;
  TauVoice tau_voice;
  Eva eva;
  Hosted hosted;
  std::vector<NotMeasured> not_measured;
};

// What is known beside the recording.
struct MetricsContext {
  // Tool uses on the audio clock; nullopt where nobody knows of any.
  std::optional<std::vector<Interval>> tools;
  // Words of a transcript; nullopt without one.
  std::optional<int64_t> caller_words, agent_words;
  std::optional<double> latency_error_s;
};

Metrics measure(const Talk& talk, const TurnTaking& turn_taking, const Settings& settings,
                const MetricsContext& context = {});

}  // namespace callscope::audio
