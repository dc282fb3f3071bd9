#include "audio/settings.h"

#include <iterator>

namespace callscope::audio {
namespace {

constexpr SettingInfo kSettings[] = {
    {"vad_on_probability", "the network's own default", &Settings::vad_on_probability},
    {"vad_off_probability", "the network's own default: 0.15 below the other",
     &Settings::vad_off_probability},
    {"vad_peak_probability_min", "bench/audio: shorter peaks are noise",
     &Settings::vad_peak_probability_min},
    {"vad_quiet_below_db", "bench/audio: where the network begins to miss words",
     &Settings::vad_quiet_below_db},
    {"vad_quiet_gain_db", "bench/audio: makes speech at -54 dB such as telephones mostly carry",
     &Settings::vad_quiet_gain_db},
    {"speech_min_ms", "the shortest word; conversation research", &Settings::speech_min_ms},
    {"speech_merge_ms", "inter-pausal units; conversation research (200 ms)",
     &Settings::speech_merge_ms},
    {"background_below_voice_db", "bench/audio: weak syllables of a voice lie above it",
     &Settings::background_below_voice_db},
    {"edge_snr_min_db", "bench/audio: below it levels mislead", &Settings::edge_snr_min_db},
    {"edge_search_ms", "bench/audio: the spread of the network's edges", &Settings::edge_search_ms},
    {"edge_above_noise_db", "bench/audio", &Settings::edge_above_noise_db},
    {"edge_below_speech_db", "bench/audio: weakest sounds of speech",
     &Settings::edge_below_speech_db},
    {"edge_onset_bias_ms", "bench/audio: the network's median at an onset",
     &Settings::edge_onset_bias_ms},
    {"edge_onset_bias_noisy_ms", "bench/audio: the same where speech is barely above the noise",
     &Settings::edge_onset_bias_noisy_ms},
    {"edge_offset_bias_ms", "bench/audio: the network's median at an offset",
     &Settings::edge_offset_bias_ms},
    {"edge_offset_bias_noisy_ms", "bench/audio: the same where speech is barely above the noise",
     &Settings::edge_offset_bias_noisy_ms},
    {"edge_bias_clean_db", "bench/audio", &Settings::edge_bias_clean_db},
    {"edge_bias_noisy_db", "bench/audio", &Settings::edge_bias_noisy_db},
    {"leak_correlation_min", "bench/audio", &Settings::leak_correlation_min},
    {"leak_delay_max_ms", "bench/audio", &Settings::leak_delay_max_ms},
    {"leak_margin_db", "bench/audio", &Settings::leak_margin_db},
    {"leak_below_speech_db", "bench/audio", &Settings::leak_below_speech_db},
    {"backchannel_ms_max", "voice activity projection (VAP): 1 s", &Settings::backchannel_ms_max},
    {"backchannel_silence_before_ms", "VAP: 1 s", &Settings::backchannel_silence_before_ms},
    {"backchannel_silence_after_ms", "VAP: 2 s", &Settings::backchannel_silence_after_ms},
    {"backchannel_floor_kept_ms", "ours", &Settings::backchannel_floor_kept_ms},
    {"backchannel_resume_ms_max", "faster than anybody answers: the other only paused",
     &Settings::backchannel_resume_ms_max},
    {"turn_pause_ms_max", "the silence that people take as a failure: dead_air_warn_s",
     &Settings::turn_pause_ms_max},
    {"floor_taken_ms_min", "ours", &Settings::floor_taken_ms_min},
    {"failed_interruption_pause_ms_max", "ours", &Settings::failed_interruption_pause_ms_max},
    {"interruption_overlap_ms_min", "ours", &Settings::interruption_overlap_ms_min},
    {"yield_ms_max", "τ-voice: yielded within 2 s", &Settings::yield_ms_max},
    {"false_yield_token_ms_max", "VAP: the longest backchannel",
     &Settings::false_yield_token_ms_max},
    {"false_yield_stop_ms_max", "τ-voice: yielding within 1 s is an error",
     &Settings::false_yield_stop_ms_max},
    {"dead_air_warn_s", "ours", &Settings::dead_air_warn_s},
    {"dead_air_fail_s", "the hosted service's default of 10 s", &Settings::dead_air_fail_s},
    {"rate_events_min", "τ-voice: rates over fewer events are hidden", &Settings::rate_events_min},
    {"tau_response_ms_max", "τ-voice", &Settings::tau_response_ms_max},
    {"tau_yield_ms_max", "τ-voice", &Settings::tau_yield_ms_max},
    {"tau_backchannel_yield_ms_max", "τ-voice", &Settings::tau_backchannel_yield_ms_max},
    {"tau_last_segment_ms_min", "τ-voice", &Settings::tau_last_segment_ms_min},
    {"eva_early_zero_ms", "EVA turn_taking 0.2", &Settings::eva_early_zero_ms},
    {"eva_full_from_ms", "EVA turn_taking 0.2", &Settings::eva_full_from_ms},
    {"eva_full_until_ms", "EVA turn_taking 0.2", &Settings::eva_full_until_ms},
    {"eva_late_zero_ms", "EVA turn_taking 0.2", &Settings::eva_late_zero_ms},
    {"eva_full_until_tool_ms", "EVA turn_taking 0.2", &Settings::eva_full_until_tool_ms},
    {"eva_late_zero_tool_ms", "EVA turn_taking 0.2", &Settings::eva_late_zero_tool_ms},
    {"eva_overlap_zero_ms", "EVA turn_taking 0.2", &Settings::eva_overlap_zero_ms},
    {"eva_yield_zero_ms", "EVA turn_taking 0.2", &Settings::eva_yield_zero_ms},
    {"eva_early_ms", "EVA turn_taking 0.2", &Settings::eva_early_ms},
    {"eva_late_ms", "EVA turn_taking 0.2", &Settings::eva_late_ms},
    {"eva_late_tool_ms", "EVA turn_taking 0.2", &Settings::eva_late_tool_ms},
    {"eva_pass_score", "EVA turn_taking 0.2", &Settings::eva_pass_score},
    {"hosted_silence_s", "the hosted service", &Settings::hosted_silence_s},
    {"hosted_no_reply_s", "the hosted service", &Settings::hosted_no_reply_s},
    {"clipped_sample_share_max", "DeepEval: 1 % of the samples",
     &Settings::clipped_sample_share_max},
    {"clipped_run_samples_min", "ours", &Settings::clipped_run_samples_min},
    {"dropout_ms_min", "ours", &Settings::dropout_ms_min},
    {"dropout_packet_ms", "what is lost is lost in packets of 10, 20 or 40 ms",
     &Settings::dropout_packet_ms},
    {"dropout_packet_error_ms_max", "bench/audio: stops of speech have other lengths",
     &Settings::dropout_packet_error_ms_max},
    {"dropout_ms_max", "DeepEval: at most ten frames of 20 ms", &Settings::dropout_ms_max},
    {"dropout_silence_level", "ours", &Settings::dropout_silence_level},
    {"dropout_edge_db_min", "ours", &Settings::dropout_edge_db_min},
    {"silent_channel_db_max", "ours", &Settings::silent_channel_db_max},
    {"snr_poor_db", "Coval: below 10 dB is poor", &Settings::snr_poor_db},
    {"snr_fair_db", "Coval: above 20 dB is excellent", &Settings::snr_fair_db},
    {"dc_offset_max", "ours", &Settings::dc_offset_max},
    {"length_difference_s", "ours", &Settings::length_difference_s},
    {"length_difference_share", "ours", &Settings::length_difference_share},
    {"same_channels_correlation_min", "ours", &Settings::same_channels_correlation_min},
    {"agent_channel_confidence_min", "ours", &Settings::agent_channel_confidence_min},
    {"pitch_hz_min", "ours", &Settings::pitch_hz_min},
    {"pitch_hz_max", "ours", &Settings::pitch_hz_max},
    {"clock_search_s", "ours", &Settings::clock_search_s},
    {"clock_match_ms_max", "ours", &Settings::clock_match_ms_max},
    {"clock_matches_min", "ours", &Settings::clock_matches_min},
    {"clock_uncertainty_ms_max", "ours", &Settings::clock_uncertainty_ms_max},
    {"clock_drift_ppm_max", "ours", &Settings::clock_drift_ppm_max},
    {"duration_s_max", "ours", &Settings::duration_s_max},
};
static_assert(sizeof(Settings) == sizeof(double) * std::size(kSettings), "each setting is listed");

}  // namespace

std::span<const SettingInfo> setting_list() { return kSettings; }

Result<void> set(Settings& settings, std::string_view name, double value) {
  for (const SettingInfo& setting : kSettings) {
    if (setting.name != name) continue;
    settings.*setting.value = value;
    return {};
  }
  return Error{ErrorCode::kInvalidArgument, "there is no setting " + std::string(name)};
}

}  // namespace callscope::audio
