// For x86-64 with AVX2 and FMA; src/CMakeLists.txt compiles this file for such a processor.
#include "audio/silero/network.h"

#ifdef __AVX2__
#define VECTOR_BYTES 32
#define VECTORS_IN_TILE 2
#define ROWS_IN_PANEL 4
#include "audio/silero/network.inc"
#endif

namespace callscope::audio::silero {

const Network* avx2_network() {
#ifdef __AVX2__
  static constexpr Network kNetwork{"avx2", pack, run};
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kNetwork : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace callscope::audio::silero
