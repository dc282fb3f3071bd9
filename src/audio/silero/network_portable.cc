// For every processor: vectors of four, which SSE2 and NEON have and others get by loops.
#include "audio/silero/network.h"

#define VECTOR_BYTES 16
#define VECTORS_IN_TILE 2
#define ROWS_IN_PANEL 4
#include "audio/silero/network.inc"

namespace callscope::audio::silero {

std::span<const Network* const> networks() {
  static constexpr Network kPortable{"portable", pack, run};
  struct Runnable {
    const Network* network[3] = {};
    size_t count = 0;
  };
  static const Runnable kRunnable = [] {
    Runnable made;
    for (const Network* const network : {avx512_network(), avx2_network(), &kPortable}) {
      if (network != nullptr) made.network[made.count++] = network;
    }
    return made;
  }();
  return std::span(kRunnable.network).first(kRunnable.count);
}

}  // namespace callscope::audio::silero
