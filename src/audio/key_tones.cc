#include "audio/key_tones.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace callscope::audio {
namespace {

constexpr std::array<double, 8> kHertz = {697, 770, 852, 941, 1209, 1336, 1477, 1633};
// Of a chunk's energy, the least that both tones have together and that each has.
constexpr float kBothMin = 0.8F;
constexpr float kEachMin = 0.15F;
// Quieter is no key: exchanges send them at -4 to -9 dB, and a line takes 30 dB off that.
constexpr float kMeanSquareMin = 1e-6F;  // -60 dB

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
    const size_t taken = std::min(samples.size(), chunk_.size() - filled_);
    std::copy_n(samples.begin(), taken, chunk_.begin() + static_cast<ptrdiff_t>(filled_));
    filled_ += taken;
    samples = samples.subspan(taken);
    if (filled_ < chunk_.size()) return;
    pressed.push_back(is_key());
    filled_ = 0;
  }
}

bool KeyTones::is_key() const {
  std::array<float, 8> sums{};  // side by side, so that they need not wait for each other
  for (size_t i = 0; i < chunk_.size(); ++i) sums[i % 8] += chunk_[i] * chunk_[i];
  const float energy = std::accumulate(sums.begin(), sums.end(), 0.0F);
  if (energy < kMeanSquareMin * kSpeechChunkSamples) return false;
  // Goertzel's recursion for the eight frequencies.
  std::array<float, 8> last{}, before{};
  for (const float sample : chunk_) {
    for (size_t i = 0; i < last.size(); ++i) {
      const float next = sample - before[i] + kCoefficients[i] * last[i];
      before[i] = last[i];
      last[i] = next;
    }
  }
  // A tone that fills the chunk has a share of 1.
  std::array<float, 8> share{};
  for (size_t i = 0; i < share.size(); ++i) {
    const float power =
        last[i] * last[i] + before[i] * before[i] - kCoefficients[i] * last[i] * before[i];
    share[i] = 2 * power / (kSpeechChunkSamples * energy);
  }
  const float low = *std::max_element(share.begin(), share.begin() + 4);
  const float high = *std::max_element(share.begin() + 4, share.end());
  return low >= kEachMin && high >= kEachMin && low + high >= kBothMin;
}

}  // namespace callscope::audio
