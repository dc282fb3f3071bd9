// Parquet's value encodings (parquet-format, Encodings.md): the RLE / bit-packing hybrid and
// DELTA_BINARY_PACKED.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace callscope::store::parquet {

// Bits needed for values 0..max.
int bit_width(uint32_t max);

// Appends `values` as runs of the RLE / bit-packing hybrid, without a length in front.
void encode_rle(std::span<const uint32_t> values, int width, std::string& out);

// Reads exactly `count` values; false where `bytes` do not hold them.
bool decode_rle(std::string_view bytes, int width, size_t count, std::vector<uint32_t>& out);

// DELTA_BINARY_PACKED with blocks of 128 values in 4 miniblocks.
void encode_delta(std::span<const int64_t> values, std::string& out);
bool decode_delta(std::string_view bytes, size_t count, std::vector<int64_t>& out);

}  // namespace callscope::store::parquet
