// How loud and how whole one channel is, sample by sample at the rate that is decoded: peak,
// constant offset, clipping, dropouts.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "audio/health.h"
#include "audio/settings.h"

namespace callscope::audio {

class LevelMeter {
 public:
  // `full_scale` is the largest magnitude of the encoding (AudioInfo).
  LevelMeter(int sample_rate_hz, float full_scale, const Settings& settings);

  void push(std::span<const float> samples);
  // Fills peak, offset, clipping and dropouts.
  void report(ChannelHealth& health) const;

  int64_t samples() const { return samples_; }

 private:
  void look_at_silence(int64_t end, int64_t length);

  const int sample_rate_hz_;
  const float clip_level_;
  const float silence_level_;
  const int64_t clip_run_min_;
  const int64_t silence_min_, silence_max_;  // samples
  const double packet_, packet_error_max_;   // samples
  const double edge_power_min_;
  const int64_t edge_samples_;  // on either side of a dropout that have to be loud

  int64_t samples_ = 0;
  float peak_ = 0;
  double sum_ = 0;
  int64_t clipped_ = 0, clipped_runs_ = 0, clipped_run_ = 0;

  // The longest dropout and its edges, then the newest samples; those behind `scanned_` wait for
  // the edge that follows them.
  std::vector<float> recent_;
  int64_t scanned_ = 0;
  int64_t silence_ = 0;  // samples of it before `scanned_`
  int64_t dropouts_ = 0;
};

}  // namespace callscope::audio
