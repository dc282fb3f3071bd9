#include "audio/levels.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace callscope::audio {
namespace {

// Long enough for a period of the deepest voice's overtones, short enough that a word that ends by
// itself has faded within it.
constexpr double kEdgeS = 0.004;

// A sample at or above this part of the encoding's largest value counts as clipped: DeepEval's
// 32760 of 32768.
constexpr float kClipShare = 0.99975F;

}  // namespace

LevelMeter::LevelMeter(int sample_rate_hz, float full_scale, const Settings& settings)
    : sample_rate_hz_(sample_rate_hz),
      clip_level_(full_scale * kClipShare),
      silence_level_(static_cast<float>(settings.dropout_silence_level)),
      clip_run_min_(static_cast<int64_t>(settings.clipped_run_samples_min)),
      silence_min_(static_cast<int64_t>(settings.dropout_ms_min / 1000 * sample_rate_hz)),
      silence_max_(static_cast<int64_t>(settings.dropout_ms_max / 1000 * sample_rate_hz)),
      edge_power_min_(std::pow(10, settings.dropout_edge_db_min / 10)),
      edge_samples_(std::max(4, static_cast<int>(kEdgeS * sample_rate_hz))),
      ring_(static_cast<size_t>(edge_samples_)) {}

void LevelMeter::push(std::span<const float> samples) {
  samples_ += static_cast<int64_t>(samples.size());
  for (const float sample : samples) {
    const float magnitude = std::fabs(sample);
    peak_ = std::max(peak_, magnitude);
    sum_ += static_cast<double>(sample);
    if (magnitude >= clip_level_) {
      ++clipped_;
      ++clipped_run_;
    } else if (clipped_run_ > 0) {
      end_clipped_run();
    }

    if (magnitude <= silence_level_) {
      if (silence_++ == 0) power_before_ = ring_power_ / edge_samples_;
    } else if (silence_ > 0) {
      end_silence();
    }
    const double power = static_cast<double>(sample) * static_cast<double>(sample);
    if (waiting_) {
      power_behind_ += power;
      if (++behind_ == edge_samples_) {
        waiting_ = false;
        if (power_behind_ / edge_samples_ >= edge_power_min_) ++dropouts_;
      }
    }
    float& oldest = ring_[ring_at_];
    ring_power_ = std::max(
        0.0, ring_power_ + power - static_cast<double>(oldest) * static_cast<double>(oldest));
    oldest = sample;
    if (++ring_at_ == ring_.size()) ring_at_ = 0;
  }
}

void LevelMeter::end_clipped_run() {
  if (clipped_run_ >= clip_run_min_) ++clipped_runs_;
  clipped_run_ = 0;
}

// A dropout is a silence of the length of a few lost packets that begins and ends in the middle of
// a sound.
void LevelMeter::end_silence() {
  const int64_t length = std::exchange(silence_, 0);
  if (length < silence_min_ || length > silence_max_ || power_before_ < edge_power_min_) return;
  waiting_ = true;
  behind_ = 0;
  power_behind_ = 0;
}

void LevelMeter::report(ChannelHealth& health) const {
  if (samples_ == 0) return;
  const auto count = static_cast<double>(samples_);
  health.peak_db = peak_ > 0 ? std::max(-120.0, 20 * std::log10(static_cast<double>(peak_))) : -120;
  health.dc_offset = sum_ / count;
  health.clipped_share = static_cast<double>(clipped_) / count;
  health.clipped_runs = clipped_runs_ + (clipped_run_ >= clip_run_min_ ? 1 : 0);
  health.dropouts = dropouts_;
  health.dropouts_per_minute = static_cast<double>(dropouts_) / (count / sample_rate_hz_ / 60);
}

}  // namespace callscope::audio
