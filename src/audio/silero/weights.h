// The weights of the Silero speech detector as tools/silero_weights.py wrote them: plain tensors in
// the order of their use. Network, for one chunk of 32 ms:
//
//   640 samples → short-time Fourier transform, 4 frames → magnitudes 129×4
//   → conv 128×4 → conv 64×2 → conv 64×1 → conv 128×1   (width 3, each with ReLU)
//   → LSTM 128 → ReLU → one output → sigmoid
#pragma once

#include <string_view>

#include "base/result.h"

namespace callscope::audio::silero {

inline constexpr int kChunkSamples = 512;   // 32 ms at 16 kHz
inline constexpr int kContextSamples = 64;  // of the chunk before
inline constexpr int kInputSamples = 640;   // context, chunk, and 64 mirrored samples
inline constexpr int kBins = 129;
inline constexpr int kHidden = 128;
inline constexpr int kGates = 4 * kHidden;

// A convolution's weights, [out][in][3], and its biases.
struct Conv {
  const float* weight = nullptr;
  const float* bias = nullptr;
  int out = 0;
  int in = 0;
};

struct Weights {
  Conv conv[4];
  const float* lstm_input = nullptr;      // [kGates][kHidden], gates in the order i, o, f, c
  const float* lstm_recurrent = nullptr;  // the same
  const float* lstm_bias = nullptr;       // kGates for the input, kGates for the recurrence
  const float* output = nullptr;          // [kHidden]
  float output_bias = 0;
};

// Reads them where they stand; `bytes` must outlive the result and be aligned to four bytes.
Result<Weights> parse_weights(std::string_view bytes);

}  // namespace callscope::audio::silero
