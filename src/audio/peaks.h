// The outline of a waveform: for each bucket of samples the lowest and the highest, at several zoom
// levels. docs/formats/peaks.md has the bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace callscope::audio {

inline constexpr int kPeakBucketSamples =
    256;                               // of level 0, at 16 kHz; each level has four times more
inline constexpr int kPeakLevels = 6;  // the last has 262144 samples, 16.4 s, a bucket

// One level of one channel: min and max by bucket.
using PeakPairs = std::vector<int8_t>;

struct Peaks {
  int sample_rate_hz = 16'000;
  int64_t samples = 0;                        // of each channel
  std::vector<std::vector<PeakPairs>> level;  // [level][channel]

  int channels() const { return level.empty() ? 0 : static_cast<int>(level.front().size()); }
};

class PeakBuilder {
 public:
  explicit PeakBuilder(int channels)
      : open_(static_cast<size_t>(channels)), pairs_(static_cast<size_t>(channels)) {}
  // Makes room for that many samples of each channel, so that it is not moved as it grows.
  void reserve(int64_t samples);
  // Samples of one channel at 16 kHz.
  void push(int channel, std::span<const float> samples);
  Peaks finish();

 private:
  struct Open {  // the bucket being filled
    float low = 0, high = 0;
    int filled = 0;
    int64_t samples = 0;
  };
  void close(size_t channel);

  std::vector<Open> open_;
  std::vector<PeakPairs> pairs_;  // level 0
};

// All levels in one file. A day's take 29 MB: they are let go as they are written.
std::string encode_peaks(Peaks peaks);
// One level of such a file, as it is served: a header of 32 bytes and its pairs. kNotFound where
// there is no such level, kDataLoss where the bytes are no such file.
Result<std::string> peak_level(std::string_view file, int level);
// What peak_level returned, or the whole file.
Result<Peaks> decode_peaks(std::string_view file);

}  // namespace callscope::audio
