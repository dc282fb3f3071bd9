// The network itself, compiled once for each kind of processor (network.inc): a batch of chunks of
// one channel goes through the layers together, so that each is a matrix product; only the
// recurrence goes chunk by chunk.
#pragma once

#include <span>

#include "audio/silero/weights.h"

namespace callscope::audio::silero {

inline constexpr int kBatch = 32;  // chunks of one run: 1.024 s

// What the recurrence carries from chunk to chunk.
struct alignas(64) State {
  float hidden[kHidden] = {};
  float cell[kHidden] = {};
};

// The weights in the order in which one kind of processor reads them, and tables: made once.
struct alignas(64) Packed {
  // For each panel of rows, tap and input, the rows' weights side by side.
  alignas(64) float conv0[128 * 129 * 3];
  alignas(64) float conv1[64 * 128 * 3];
  alignas(64) float conv2[64 * 64 * 3];
  alignas(64) float conv3[128 * 64 * 3];
  alignas(64) float lstm_input[kGates * kHidden];
  alignas(64) float lstm_recurrent[kGates * kHidden];  // [hidden][gate]
  alignas(64) float lstm_bias[kGates];                 // the sum of both
  alignas(64) float window[256];
  alignas(64) float twiddle_cos[128];  // of 2πk/256
  alignas(64) float twiddle_sin[128];
  int order[128] = {};  // the bit-reversed order of a transform of 128
};

// Room for the values of a batch, [row][position][chunk].
struct alignas(64) Scratch {
  alignas(64) float samples[kInputSamples * kBatch];
  alignas(64) float spectrum[256 * kBatch];
  alignas(64) float magnitude[kBins * 4 * kBatch];
  alignas(64) float layer0[128 * 4 * kBatch];
  alignas(64) float layer1[64 * 2 * kBatch];
  alignas(64) float layer2[64 * kBatch];
  alignas(64) float layer3[128 * kBatch];
  alignas(64) float gates[kGates * kBatch];
  alignas(64) float by_chunk[kGates * kBatch];  // the gates, [chunk][gate]
};

// One compilation of the network.
struct Network {
  const char* name;
  void (*pack)(const Weights& weights, Packed& packed);
  // `samples` holds the 64 samples before the first chunk, then `chunks` chunks (1 to kBatch);
  // `probabilities` gets one value a chunk.
  void (*run)(const Weights& weights, const Packed& packed, Scratch& scratch, State& state,
              const float* samples, int chunks, float* probabilities);
};

// Those that this processor can run, the fastest first and the portable one last.
std::span<const Network* const> networks();

// Null where the program was not built for such a processor or does not run on one.
const Network* avx2_network();
const Network* avx512_network();

}  // namespace callscope::audio::silero
