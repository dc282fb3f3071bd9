// The pitch and the bandwidth of one channel's voice, from a look at every third of a second. A
// pitch that no person has tells of a sample rate that is not the recording's.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace callscope::audio {

class VoiceMeter {
 public:
  static constexpr size_t kWindow = 1024;  // samples: two periods of the deepest voice looked for

  VoiceMeter();
  void push(std::span<const float> samples);  // at 16 kHz

  // The median over the looks that found a voice; nullopt where fewer than 20 did.
  std::optional<double> pitch_hz() const;
  // Up to where voiced sound reaches within 45 dB of its strongest; at most 8000.
  std::optional<double> bandwidth_hz() const;

 private:
  static constexpr size_t kTransform = 2048;  // twice that, so that the correlation does not wrap
  static constexpr size_t kStride = 5120;     // 320 ms

  struct Free {
    void operator()(void* plan) const;
  };

  void look();

  std::unique_ptr<void, Free> forward_, inverse_;
  std::vector<float> window_;  // of samples
  size_t skipped_ = 0;
  std::array<uint32_t, 512> pitches_{};  // looks by whole Hz
  uint32_t looks_ = 0;
  std::vector<double> power_;  // summed, by bin of the transform
};

}  // namespace callscope::audio
