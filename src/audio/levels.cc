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
      packet_(settings.dropout_packet_ms / 1000 * sample_rate_hz),
      packet_error_max_(settings.dropout_packet_error_ms_max / 1000 * sample_rate_hz),
      edge_power_min_(std::pow(10, settings.dropout_edge_db_min / 10)),
      edge_samples_(std::max(4, static_cast<int>(kEdgeS * sample_rate_hz))) {}

void LevelMeter::push(std::span<const float> samples) {
  samples_ += static_cast<int64_t>(samples.size());
  float peak = 0;
  double sum = 0;
  for (const float sample : samples) {
    peak = std::max(peak, std::fabs(sample));
    sum += static_cast<double>(sample);
  }
  peak_ = std::max(peak_, peak);
  sum_ += sum;
  if (peak >= clip_level_ || clipped_run_ > 0) {
    for (const float sample : samples) {
      if (std::fabs(sample) >= clip_level_) {
        ++clipped_;
        if (++clipped_run_ == clip_run_min_) ++clipped_runs_;
      } else {
        clipped_run_ = 0;
      }
    }
  }

  recent_.insert(recent_.end(), samples.begin(), samples.end());
  const auto size = static_cast<int64_t>(recent_.size());
  for (; scanned_ < size - edge_samples_; ++scanned_) {
    if (std::fabs(recent_[static_cast<size_t>(scanned_)]) <= silence_level_) {
      ++silence_;
    } else if (silence_ > 0) {
      look_at_silence(scanned_, std::exchange(silence_, 0));
    }
  }
  const int64_t kept = silence_max_ + 2 * edge_samples_;
  if (size > kept) {
    recent_.erase(recent_.begin(), recent_.begin() + (size - kept));
    scanned_ -= size - kept;
  }
}

// A dropout is a silence of the length of a few lost packets that begins and ends in the middle of
// a sound.
void LevelMeter::look_at_silence(int64_t end, int64_t length) {
  const int64_t begin = end - length;
  if (length < silence_min_ || length > silence_max_ || begin < edge_samples_) return;
  if (std::fabs(std::remainder(static_cast<double>(length), packet_)) > packet_error_max_) return;
  const auto power = [&](int64_t from) {
    double total = 0;
    for (int64_t i = from; i < from + edge_samples_; ++i) {
      const auto sample = static_cast<double>(recent_[static_cast<size_t>(i)]);
      total += sample * sample;
    }
    return total / static_cast<double>(edge_samples_);
  };
  if (power(begin - edge_samples_) >= edge_power_min_ && power(end) >= edge_power_min_) ++dropouts_;
}

void LevelMeter::report(ChannelHealth& health) const {
  if (samples_ == 0) return;
  const auto count = static_cast<double>(samples_);
  health.peak_db = peak_ > 0 ? std::max(-120.0, 20 * std::log10(static_cast<double>(peak_))) : -120;
  health.dc_offset = sum_ / count;
  health.clipped_share = static_cast<double>(clipped_) / count;
  health.clipped_runs = clipped_runs_;
  health.dropouts = dropouts_;
  health.dropouts_per_minute = static_cast<double>(dropouts_) / (count / sample_rate_hz_ / 60);
}

}  // namespace callscope::audio
