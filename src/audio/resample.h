// One channel at any sample rate → 16 kHz, block by block, without delay: output sample 0 is input
// sample 0.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"

namespace callscope::audio {

inline constexpr int kAnalysisRate = 16'000;

class Resampler {
 public:
  static Result<Resampler> create(int from_hz, int to_hz = kAnalysisRate);

  // Returns what is ready after these samples; valid until the next call.
  std::span<const float> push(std::span<const float> samples);
  // Returns what is left at the end.
  std::span<const float> finish();

 private:
  struct Close {
    void operator()(void* soxr) const;
  };
  std::unique_ptr<void, Close> soxr_;  // null where nothing has to be done
  double ratio_ = 1;
  std::vector<float> out_;
};

}  // namespace callscope::audio
