#include "audio/track.h"

#include <algorithm>
#include <cmath>

namespace callscope::audio {
namespace {

// A Butterworth high-pass of second order at 120 Hz for 16 kHz.
struct HighPass {
  double b0, b1, b2, a1, a2;
};
HighPass high_pass() {
  const double k = std::tan(M_PI * 120 / 16'000);
  const double norm = 1 / (1 + std::sqrt(2.0) * k + k * k);
  return {norm, -2 * norm, norm, 2 * (k * k - 1) * norm, (1 - std::sqrt(2.0) * k + k * k) * norm};
}

uint8_t level_byte(double mean_square) {
  if (mean_square <= 1e-12) return 0;
  const double db = 10 * std::log10(mean_square);
  return static_cast<uint8_t>(std::clamp(std::lround((db - kSilenceDb) * 2), 0L, 255L));
}

}  // namespace

void TrackBuilder::push(std::span<const float> samples) {
  static const HighPass filter = high_pass();
  track_.samples += static_cast<int64_t>(samples.size());
  for (const float sample : samples) {
    const double x = static_cast<double>(sample);
    // What waits longest, the newest output, comes last.
    const double y =
        filter.b0 * x + filter.b1 * x1_ + filter.b2 * x2_ - filter.a2 * y2_ - filter.a1 * y1_;
    x2_ = x1_;
    x1_ = x;
    y2_ = y1_;
    y1_ = y;
    energy_ += y * y;
    if (++in_frame_ == kFrameSamples) {
      track_.level.push_back(level_byte(energy_ / kFrameSamples));
      energy_ = 0;
      in_frame_ = 0;
      // Below any signal: keeps the filter out of denormal numbers, which are slow.
      if (std::fabs(y1_) < 1e-15) y1_ = y2_ = 0;
    }
  }
  detector_.push(samples, probabilities_);
  take_probabilities();
}

Track TrackBuilder::finish() {
  if (in_frame_ > 0) track_.level.push_back(level_byte(energy_ / in_frame_));
  detector_.finish(probabilities_);
  take_probabilities();
  return std::move(track_);
}

void TrackBuilder::take_probabilities() {
  for (const float p : probabilities_) {
    track_.speech.push_back(static_cast<uint8_t>(std::lround(std::clamp(p, 0.0F, 1.0F) * 255)));
  }
  probabilities_.clear();
}

}  // namespace callscope::audio
