// For every processor: vectors of four, which SSE2 and NEON have and others get by loops.
#include "audio/silero/network.h"

#define VECTOR_BYTES 16
#define VECTORS_IN_TILE 2
#define ROWS_IN_PANEL 4
#include "audio/silero/network.inc"

namespace callscope::audio::silero {

const Network& portable_network() {
  static constexpr Network kNetwork{"portable", prepare, run};
  return kNetwork;
}

const Network& best_network() {
  if (const Network* const avx512 = avx512_network()) return *avx512;
  if (const Network* const avx2 = avx2_network()) return *avx2;
  return portable_network();
}

}  // namespace callscope::audio::silero
