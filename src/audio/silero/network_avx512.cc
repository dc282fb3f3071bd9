// For x86-64 with AVX-512; src/CMakeLists.txt compiles this file for such a processor.
#include "audio/silero/network.h"

#ifdef __AVX512F__
#define VECTOR_BYTES 64
#define VECTORS_IN_TILE 2
#define ROWS_IN_PANEL 8
#include "audio/silero/network.inc"
#endif

namespace callscope::audio::silero {

const Network* avx512_network() {
#ifdef __AVX512F__
  static constexpr Network kNetwork{"avx512", pack, run};
  const bool runs = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma");
  return runs ? &kNetwork : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace callscope::audio::silero
