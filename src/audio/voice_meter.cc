#include "audio/voice_meter.h"

#include <kiss_fftr.h>

#include <algorithm>
#include <cmath>

#include "audio/resample.h"

namespace callscope::audio {
namespace {

constexpr int kPitchHzMin = 45;
constexpr int kPitchHzMax = 500;
// Of a periodic sound's correlation with itself one period on.
constexpr double kVoiced = 0.6;
constexpr double kLoudMeanSquare = 1e-5;  // -50 dB
constexpr uint32_t kLooksMin = 20;
constexpr double kBandwidthDb = 45;

// A Hann window of as many samples as are looked at.
std::array<float, VoiceMeter::kWindow> hann_window() {
  std::array<float, VoiceMeter::kWindow> window{};
  for (size_t i = 0; i < window.size(); ++i)
    window[i] = static_cast<float>(
        0.5 - 0.5 * std::cos(2 * M_PI * static_cast<double>(i) / VoiceMeter::kWindow));
  return window;
}
const std::array<float, VoiceMeter::kWindow> kHann = hann_window();

constexpr size_t kLagMin = kAnalysisRate / kPitchHzMax;
constexpr size_t kLagMax = kAnalysisRate / kPitchHzMin;

// That window's correlation with itself by the lag, near enough.
std::array<double, kLagMax + 2> hann_correlation() {
  std::array<double, kLagMax + 2> correlation{};
  for (size_t lag = 0; lag < correlation.size(); ++lag) {
    const double share = 1 - static_cast<double>(lag) / VoiceMeter::kWindow;
    const double even = share * (2.0 / 3 + std::cos(2 * M_PI * (1 - share)) / 3) +
                        std::sin(2 * M_PI * (1 - share)) / (2 * M_PI);
    correlation[lag] = std::max(even, 0.05);
  }
  return correlation;
}
const std::array<double, kLagMax + 2> kHannCorrelation = hann_correlation();

}  // namespace

void VoiceMeter::Free::operator()(void* plan) const { kiss_fftr_free(plan); }

VoiceMeter::VoiceMeter()
    : forward_(kiss_fftr_alloc(kTransform, 0, nullptr, nullptr)),
      inverse_(kiss_fftr_alloc(kTransform, 1, nullptr, nullptr)),
      power_(kTransform / 2 + 1) {
  window_.reserve(kWindow);
}

void VoiceMeter::push(std::span<const float> samples) {
  while (!samples.empty()) {
    if (skipped_ < kStride - kWindow) {
      const size_t taken = std::min(samples.size(), kStride - kWindow - skipped_);
      skipped_ += taken;
      samples = samples.subspan(taken);
      continue;
    }
    const size_t taken = std::min(samples.size(), kWindow - window_.size());
    window_.insert(window_.end(), samples.begin(), samples.begin() + static_cast<ptrdiff_t>(taken));
    samples = samples.subspan(taken);
    if (window_.size() < kWindow) continue;
    look();
    window_.clear();
    skipped_ = 0;
  }
}

// The correlation of the window with itself is the inverse transform of its power. What an even
// window would have at that lag is divided out.
void VoiceMeter::look() {
  double mean = 0, squares = 0;
  for (const float sample : window_) {
    mean += static_cast<double>(sample);
    squares += static_cast<double>(sample) * static_cast<double>(sample);
  }
  mean /= kWindow;
  if (squares / kWindow - mean * mean < kLoudMeanSquare) return;
  std::array<float, kTransform> in{};
  for (size_t i = 0; i < kWindow; ++i) {
    in[i] = (window_[i] - static_cast<float>(mean)) * kHann[i];
  }
  std::array<kiss_fft_cpx, kTransform / 2 + 1> spectrum;
  kiss_fftr(static_cast<kiss_fftr_cfg>(forward_.get()), in.data(), spectrum.data());
  std::array<double, kTransform / 2 + 1> power;
  for (size_t bin = 0; bin < spectrum.size(); ++bin) {
    kiss_fft_cpx& value = spectrum[bin];
    power[bin] = static_cast<double>(value.r * value.r + value.i * value.i);
    value = {static_cast<float>(power[bin]), 0};
  }
  std::array<float, kTransform> correlation;
  kiss_fftri(static_cast<kiss_fftr_cfg>(inverse_.get()), spectrum.data(), correlation.data());
  if (correlation[0] <= 0) return;
  const auto at = [&](size_t lag) {
    return static_cast<double>(correlation[lag]) / static_cast<double>(correlation[0]) /
           kHannCorrelation[lag];
  };
  // The shortest lag that is nearly as good as the best: whole multiples of a period look the same.
  size_t best = 0;
  double best_value = kVoiced;
  for (size_t lag = kLagMin; lag <= kLagMax; ++lag) {
    const double value = at(lag);
    if (value > best_value * 1.08 && value >= at(lag - 1) && value >= at(lag + 1)) {
      best = lag;
      best_value = value;
    }
  }
  if (best == 0) return;
  ++pitches_[static_cast<size_t>(kAnalysisRate) / best];
  ++looks_;
  for (size_t bin = 0; bin < power.size(); ++bin) power_[bin] += power[bin];
}

std::optional<double> VoiceMeter::pitch_hz() const {
  if (looks_ < kLooksMin) return std::nullopt;
  uint32_t seen = 0;
  size_t hz = 0;
  while (hz + 1 < pitches_.size() && (seen += pitches_[hz]) * 2 < looks_) ++hz;
  return static_cast<double>(hz);
}

std::optional<double> VoiceMeter::bandwidth_hz() const {
  if (looks_ < kLooksMin) return std::nullopt;
  // Means of 16 bins, 125 Hz, so that no single bin decides.
  constexpr size_t kBand = 16;
  std::vector<double> bands(power_.size() / kBand);
  for (size_t band = 0; band < bands.size(); ++band) {
    for (size_t i = 0; i < kBand; ++i) bands[band] += power_[band * kBand + i];
  }
  const double least =
      *std::max_element(bands.begin(), bands.end()) * std::pow(10, -kBandwidthDb / 10);
  size_t reaches = bands.size();
  while (reaches > 0 && bands[reaches - 1] < least) --reaches;
  return static_cast<double>(reaches * kBand) * kAnalysisRate / kTransform;
}

}  // namespace callscope::audio
