// Every threshold of the analysis, with its unit in its name. They are kept with each result, so
// that a figure can be understood, and computed anew, years later.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"

namespace callscope::audio {

struct Settings {
  // --- Speech activity ---
  double vad_on_probability = 0.5;
  double vad_off_probability = 0.35;
  double vad_peak_probability_min = 0.6;
  double vad_quiet_below_db = -38;
  double vad_quiet_gain_db = 20;
  double speech_min_ms = 60;
  double speech_merge_ms = 200;
  double background_below_voice_db = 20;

  // --- Edges ---
  double edge_snr_min_db = 30;
  double edge_search_ms = 150;
  double edge_above_noise_db = 9;
  double edge_below_speech_db = 52;
  double edge_onset_bias_ms = 18;
  double edge_onset_bias_noisy_ms = 34;
  double edge_offset_bias_ms = 45;
  double edge_offset_bias_noisy_ms = 90;
  double edge_bias_clean_db = 40;
  double edge_bias_noisy_db = 14;

  // --- Leak of one channel into the other ---
  double leak_correlation_min = 0.6;
  double leak_delay_max_ms = 400;
  double leak_margin_db = 8;
  double leak_below_speech_db = 6;

  // --- Turns ---
  double backchannel_ms_max = 1000;
  double backchannel_silence_before_ms = 1000;
  double backchannel_silence_after_ms = 2000;
  double backchannel_floor_kept_ms = 500;
  double backchannel_resume_ms_max = 300;
  double turn_pause_ms_max = 3000;
  double floor_taken_ms_min = 100;
  double failed_interruption_pause_ms_max = 1000;

  // --- Events ---
  double interruption_overlap_ms_min = 200;
  double yield_ms_max = 2000;
  double false_yield_token_ms_max = 1000;
  double false_yield_stop_ms_max = 1000;
  double dead_air_warn_s = 3;
  double dead_air_fail_s = 10;
  double rate_events_min = 10;

  // --- Panels ---
  double tau_response_ms_max = 2000;
  double tau_yield_ms_max = 2000;
  double tau_backchannel_yield_ms_max = 1000;
  double tau_last_segment_ms_min = 200;
  double eva_early_zero_ms = -500;
  double eva_full_from_ms = 500;
  double eva_full_until_ms = 2000;
  double eva_late_zero_ms = 3500;
  double eva_full_until_tool_ms = 3000;
  double eva_late_zero_tool_ms = 5000;
  double eva_overlap_zero_ms = 2000;
  double eva_yield_zero_ms = 2000;
  double eva_early_ms = 200;
  double eva_late_ms = 2750;
  double eva_late_tool_ms = 4000;
  double eva_pass_score = 0.8;
  double hosted_silence_s = 10;
  double hosted_no_reply_s = 10;

  // --- Health ---
  double clipped_sample_share_max = 0.01;
  double clipped_run_samples_min = 3;
  double dropout_ms_min = 15;
  double dropout_packet_ms = 10;
  double dropout_packet_error_ms_max = 0.8;
  double dropout_ms_max = 200;
  double dropout_silence_level = 0.0006;
  double dropout_edge_db_min = -45;
  double silent_channel_db_max = -65;
  double snr_poor_db = 10;
  double snr_fair_db = 20;
  double dc_offset_max = 0.01;
  double length_difference_s = 1;
  double length_difference_share = 0.01;
  double same_channels_correlation_min = 0.98;
  double agent_channel_confidence_min = 0.7;
  double pitch_hz_min = 65;
  double pitch_hz_max = 330;

  // --- Clock alignment ---
  double clock_search_s = 120;
  double clock_match_ms_max = 400;
  double clock_matches_min = 4;
  double clock_uncertainty_ms_max = 250;
  double clock_drift_ppm_max = 500;

  // --- Limits ---
  double duration_s_max = 86400;

  bool operator==(const Settings&) const = default;
};

struct SettingInfo {
  std::string_view name;
  std::string_view source;  // where the value comes from
  double Settings::*value;
};
// All of them, in the order of Settings.
std::span<const SettingInfo> setting_list();

// kInvalidArgument where there is no such setting.
Result<void> set(Settings& settings, std::string_view name, double value);

}  // namespace callscope::audio
