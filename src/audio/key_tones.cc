#include "audio/key_tones.h"

#include <algorithm>
#include <cmath>

namespace callscope::audio {
namespace {

constexpr std::array<double, 8> kHertz = {697, 770, 852, 941, 1209, 1336, 1477, 1633};
// Of a chunk's energy, the least that both tones have together and that each has.
constexpr float kBothMin = 0.8F;
constexpr float kEachMin = 0.15F;
constexpr float kMeanSquareMin = 1e-7F;  // -70 dB

std::array<float, 8> coefficients() {
  std::array<float, 8> of{};
  for (size_t i = 0; i < of.size(); ++i)
    of[i] = static_cast<float>(2 * std::cos(2 * M_PI * kHertz[i] / 16'000));
  return of;
}
const std::array<float, 8> kCoefficients = coefficients();

}  // namespace

void KeyTones::push(std::span<const float> samples, std::vector<bool>& pressed) {
  while (!samples.empty()) {
    const auto taken = std::min(samples.size(), static_cast<size_t>(kSpeechChunkSamples - filled_));
    // Copies stay in registers.
    std::array<float, 8> last = last_, before = before_;
    float energy = energy_;
    for (const float sample : samples.first(taken)) {
      energy += sample * sample;
      for (size_t i = 0; i < last.size(); ++i) {
        const float next = sample - before[i] + kCoefficients[i] * last[i];
        before[i] = last[i];
        last[i] = next;
      }
    }
    last_ = last;
    before_ = before;
    energy_ = energy;
    filled_ += static_cast<int>(taken);
    samples = samples.subspan(taken);
    if (filled_ < kSpeechChunkSamples) return;
    pressed.push_back(is_key());
    last_ = {};
    before_ = {};
    energy_ = 0;
    filled_ = 0;
  }
}

bool KeyTones::is_key() const {
  if (energy_ < kMeanSquareMin * kSpeechChunkSamples) return false;
  // A tone that fills the chunk has a share of 1.
  std::array<float, 8> share{};
  for (size_t i = 0; i < share.size(); ++i) {
    const float power =
        last_[i] * last_[i] + before_[i] * before_[i] - kCoefficients[i] * last_[i] * before_[i];
    share[i] = 2 * power / (kSpeechChunkSamples * energy_);
  }
  const float low = *std::max_element(share.begin(), share.begin() + 4);
  const float high = *std::max_element(share.begin() + 4, share.end());
  return low >= kEachMin && high >= kEachMin && low + high >= kBothMin;
}

}  // namespace callscope::audio
