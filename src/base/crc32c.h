// CRC32C (Castagnoli), as in RFC 3720 section B.4. Uses the SSE 4.2 instruction where there is one.
#pragma once

#include <cstdint>
#include <string_view>

namespace callscope {

// The checksum of `bytes` appended to what `seed` is the checksum of; 0 for a fresh start.
uint32_t crc32c(std::string_view bytes, uint32_t seed = 0);

}  // namespace callscope
