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

// After so many loud frames a channel is not quiet.
constexpr int64_t kLoudFramesMin = 400;  // 2 s
// One with fewer is quiet if no more of its speech than the loudest syllables is loud.
constexpr double kLoudShareMax = 0.05;

uint8_t level_byte(double mean_square) {
  if (mean_square <= 1e-12) return 0;
  const double db = 10 * std::log10(mean_square);
  return static_cast<uint8_t>(std::clamp(std::lround((db - kSilenceDb) * 2), 0L, 255L));
}

}  // namespace

TrackBuilder::TrackBuilder(const Settings& settings)
    : gain_(static_cast<float>(std::pow(10, settings.vad_quiet_gain_db / 20))),
      loud_db_(settings.vad_quiet_below_db) {}

void TrackBuilder::reserve(int64_t samples) {
  const auto count = static_cast<size_t>(samples);
  track_.level.reserve(count / kFrameSamples + 1);
  plain_.speech.reserve(count / kSpeechChunkSamples + 1);
}

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
      if (track_.level_db(track_.level.size() - 1) >= loud_db_) ++loud_frames_;
      energy_ = 0;
      in_frame_ = 0;
      // Below any signal: keeps the filter out of denormal numbers, which are slow.
      if (std::fabs(y1_) < 1e-15) y1_ = y2_ = 0;
    }
  }
  keys_.push(samples, pressed_);
  listen(samples);
  take_probabilities();
}

void TrackBuilder::listen(std::span<const float> samples) {
  plain_.detector.push(samples, plain_.probabilities);
  if (loud_frames_ >= kLoudFramesMin) amplified_.reset();
  if (!amplified_) return;
  amplified_samples_.assign(samples.begin(), samples.end());
  for (float& sample : amplified_samples_) sample *= gain_;
  amplified_->detector.push(amplified_samples_, amplified_->probabilities);
}

Track TrackBuilder::finish() {
  if (in_frame_ > 0) track_.level.push_back(level_byte(energy_ / in_frame_));
  plain_.detector.finish(plain_.probabilities);
  if (amplified_) amplified_->detector.finish(amplified_->probabilities);
  take_probabilities();
  track_.speech = std::move(plain_.speech);
  if (amplified_ && is_quiet()) {
    for (size_t chunk = 0; chunk < track_.speech.size(); ++chunk)
      track_.speech[chunk] = std::max(track_.speech[chunk], amplified_->speech[chunk]);
  }
  return std::move(track_);
}

bool TrackBuilder::is_quiet() const {
  int64_t frames = 0, loud = 0;
  for (size_t frame = 0; frame < track_.level.size(); ++frame) {
    const size_t chunk = frame * kFrameSamples / kSpeechChunkSamples;
    if (chunk >= amplified_->speech.size() || amplified_->speech[chunk] < 128) continue;
    ++frames;
    if (track_.level_db(frame) >= loud_db_) ++loud;
  }
  return static_cast<double>(loud) < kLoudShareMax * static_cast<double>(frames);
}

void TrackBuilder::take_probabilities() {
  // A key's sound begins and ends inside a chunk: those beside it are its too.
  const auto is_pressed = [&](size_t chunk) { return chunk < pressed_.size() && pressed_[chunk]; };
  const size_t count = plain_.probabilities.size();
  const auto take = [](Listener& listener, size_t i, bool is_key) {
    const float p = is_key ? 0 : std::clamp(listener.probabilities[i], 0.0F, 1.0F);
    listener.speech.push_back(static_cast<uint8_t>(std::lround(p * 255)));
  };
  for (size_t i = 0; i < count; ++i) {
    const size_t chunk = i + behind_;
    const bool is_key =
        is_pressed(chunk) || is_pressed(chunk + 1) || (chunk > 0 && is_pressed(chunk - 1));
    track_.keys.push_back(is_key);
    take(plain_, i, is_key);
    if (amplified_) take(*amplified_, i, is_key);
  }
  if (count == 0) return;
  const size_t done = count + behind_ - 1;
  pressed_.erase(pressed_.begin(),
                 pressed_.begin() + static_cast<ptrdiff_t>(std::min(done, pressed_.size())));
  behind_ = 1;
  plain_.probabilities.clear();
  if (amplified_) amplified_->probabilities.clear();
}

}  // namespace callscope::audio
