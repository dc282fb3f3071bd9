// How loud and how whole one channel is, sample by sample at the recording's own rate: peak,
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
  void end_clipped_run();
  void end_silence();

  const int sample_rate_hz_;
  const float clip_level_;
  const float silence_level_;
  const int64_t clip_run_min_;
  const int64_t silence_min_, silence_max_;  // samples
  const double edge_power_min_;
  const int edge_samples_;  // on either side of a dropout that have to be loud

  int64_t samples_ = 0;
  float peak_ = 0;
  double sum_ = 0;
  int64_t clipped_ = 0, clipped_runs_ = 0, clipped_run_ = 0;

  // The power of the last samples before a silence, and of the first behind it.
  std::vector<float> ring_;
  size_t ring_at_ = 0;
  double ring_power_ = 0;
  int64_t silence_ = 0;      // samples so far
  double power_before_ = 0;  // of the silence being watched
  bool waiting_ = false;     // for the samples behind a silence
  int behind_ = 0;
  double power_behind_ = 0;
  int64_t dropouts_ = 0;
};

}  // namespace callscope::audio
