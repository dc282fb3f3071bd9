// What is wrong with a recording, and how far its figures can be trusted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace callscope::audio {

// Another channel's sound in this one.
struct Leak {
  int from_channel = 0;
  double level_db = 0;  // how much quieter it is than in its own channel; negative
  double delay_ms = 0;
  double correlation = 0;  // of the levels while only the other speaks
  double masked_s = 0;     // taken for this channel's speech, and left out
};

// Absent where the recording does not show it.
struct ChannelHealth {
  int channel = 0;
  std::optional<double> loudness_lufs;
  std::optional<double> speech_db, noise_db;  // relative to full scale, above 120 Hz
  std::optional<double> snr_db;
  std::optional<double> pitch_hz;  // the median over voiced speech
  std::optional<double> bandwidth_hz;
  double peak_db = -120;
  double dc_offset = 0;
  double clipped_share = 0;  // of all samples
  int64_t clipped_runs = 0;
  int64_t dropouts = 0;
  double dropouts_per_minute = 0;
  double speech_s = 0;
  bool silent = false;
  std::optional<Leak> leak;
};

enum class ChannelChoice {
  kStated,   // by the caller of the analysis
  kFound,    // from the recording
  kUnknown,  // mono, or nothing speaks for either
};
std::string_view to_string(ChannelChoice choice);

struct AgentChannel {
  std::optional<int> channel;
  ChannelChoice choice = ChannelChoice::kUnknown;
  // Of what the recording alone says, 0.5 to 1; 0 where it says nothing.
  double confidence = 0;
  std::optional<int> found;  // what the recording says, where another channel was stated
};

// Something to tell people, such as {"clipped", "channel 0: 3.1 % of the samples are clipped"}.
struct HealthFlag {
  std::string code;
  std::string message;
};

struct Health {
  std::string format;
  std::string encoding;
  int channels = 0;
  int sample_rate_hz = 0;
  double duration_s = 0;
  std::optional<double> stated_duration_s;    // by the header
  std::optional<double> expected_duration_s;  // of the call, by others
  std::optional<double> drift_ppm;  // of the recording against the call, where lengths are close
  std::optional<double> channel_correlation;  // 1: the channels are the same
  AgentChannel agent_channel;
  std::vector<ChannelHealth> by_channel;  // of the channels analysed
  std::vector<HealthFlag> flags;
  // Of the edges of speech, those refined by level; the rest carry the network's spread.
  double refined_edge_share = 0;
};

// Says how long the call was by others, and raises the flags of a recording that is shorter or
// longer by more than `slack_s`.
void compare_with_call(Health& health, double expected_s, double slack_s);

}  // namespace callscope::audio
