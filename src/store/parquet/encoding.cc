#include "store/parquet/encoding.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace callscope::store::parquet {
namespace {

__extension__ using Bits = unsigned __int128;  // holds a value of 64 bits at any bit offset

constexpr size_t kBlock = 128;
constexpr size_t kMiniblocks = 4;
constexpr size_t kMiniblock = kBlock / kMiniblocks;

void put_varint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

bool take_varint(std::string_view& in, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto b = static_cast<uint8_t>(in.front());
    in.remove_prefix(1);
    value |= static_cast<uint64_t>(b & 0x7F) << shift;
    if (b < 0x80) return true;
  }
  return false;
}

uint64_t zigzag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

int64_t unzigzag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

size_t packed_bytes(size_t count, int width) {
  return (count * static_cast<size_t>(width) + 7) / 8;
}

// Packs values least significant bit first. Widths up to 64.
template <typename T>
void pack(const T* values, size_t count, int width, std::string& out) {
  const size_t before = out.size();
  const size_t size = packed_bytes(count, width);
  out.resize(before + size + sizeof(uint64_t));  // whole words are stored below
  char* to = out.data() + before;
  Bits buffer = 0;
  int bits = 0;
  for (size_t i = 0; i < count; ++i) {
    buffer |= static_cast<Bits>(values[i]) << bits;
    bits += width;
    if (bits >= 64) {
      const auto word = static_cast<uint64_t>(buffer);
      std::memcpy(to, &word, sizeof word);
      to += sizeof word;
      buffer >>= 64;
      bits -= 64;
    }
  }
  const auto word = static_cast<uint64_t>(buffer);
  std::memcpy(to, &word, sizeof word);
  out.resize(before + size);
}

// Unpacks `count` values; `in` holds at least (count * width + 7) / 8 bytes.
template <typename T>
void unpack(std::string_view bytes, size_t count, int width, T* out) {
  if (width == 0) {
    std::fill_n(out, count, T{0});
    return;
  }
  const char* in = bytes.data();
  const uint64_t mask = width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
  size_t i = 0;
  // Where eight bytes can be read at once and hold all of the value.
  constexpr int kWordWidthMax = 57;
  if (width <= kWordWidthMax && bytes.size() >= sizeof(uint64_t)) {
    const size_t last = bytes.size() - sizeof(uint64_t);
    for (size_t bit = 0; i < count && bit / 8 <= last; ++i, bit += static_cast<size_t>(width)) {
      uint64_t word;
      std::memcpy(&word, in + bit / 8, sizeof word);
      out[i] = static_cast<T>(word >> (bit % 8) & mask);
    }
  }
  const size_t bit = i * static_cast<size_t>(width);
  in += bit / 8;
  Bits buffer = 0;
  int bits = 0;
  if (i < count && bit % 8 != 0) {
    buffer = static_cast<uint8_t>(*in++) >> (bit % 8);
    bits = 8 - static_cast<int>(bit % 8);
  }
  for (; i < count; ++i) {
    while (bits < width) {
      buffer |= static_cast<Bits>(static_cast<uint8_t>(*in++)) << bits;
      bits += 8;
    }
    out[i] = static_cast<T>(static_cast<uint64_t>(buffer) & mask);
    buffer >>= width;
    bits -= width;
  }
}

}  // namespace

int bit_width(uint32_t max) { return 32 - std::countl_zero(max); }

void encode_rle(std::span<const uint32_t> values, int width, std::string& out) {
  const size_t value_bytes = (static_cast<size_t>(width) + 7) / 8;
  const auto run_at = [&](size_t i) {
    size_t end = i + 1;
    while (end < values.size() && values[end] == values[i]) ++end;
    return end - i;
  };
  size_t i = 0;
  while (i < values.size()) {
    // A run of eight pays for its header; shorter ones go into groups of eight bit-packed values.
    size_t run = run_at(i);
    if (run >= 8 || i + run == values.size()) {
      put_varint(out, run << 1);
      out.append(reinterpret_cast<const char*>(&values[i]), value_bytes);
      i += run;
      continue;
    }
    const size_t start = i;
    size_t end = i + run;
    while (end < values.size()) {
      run = run_at(end);
      // A group that is not full is padded with zeros, which only the last one may be: it is filled
      // up from the run that follows, where enough of that is left.
      const size_t fill = (8 - (end - start) % 8) % 8;
      if (run >= fill + 8) {
        end += fill;
        break;
      }
      end += run;
    }
    const size_t groups = (end - start + 7) / 8;
    put_varint(out, groups << 1 | 1);
    const size_t whole = (end - start) / 8 * 8;
    pack(values.data() + start, whole, width, out);
    if (whole < end - start) {
      std::array<uint32_t, 8> group{};
      std::copy(values.begin() + static_cast<std::ptrdiff_t>(start + whole),
                values.begin() + static_cast<std::ptrdiff_t>(end), group.begin());
      pack(group.data(), 8, width, out);
    }
    i = end;
  }
}

bool decode_rle(std::string_view bytes, int width, size_t count, std::vector<uint32_t>& out) {
  if (width < 0 || width > 32) return false;
  out.clear();
  out.reserve(count + 8);
  const size_t value_bytes = (static_cast<size_t>(width) + 7) / 8;
  while (out.size() < count) {
    uint64_t head;
    if (!take_varint(bytes, head)) return false;
    if (head & 1) {
      const uint64_t groups = head >> 1;
      if (groups > (count - out.size() + 7) / 8) return false;
      const size_t values = groups * 8;
      const size_t size = packed_bytes(values, width);
      if (size > bytes.size()) return false;
      const size_t start = out.size();
      out.resize(start + values);
      unpack(bytes, values, width, out.data() + start);
      bytes.remove_prefix(size);
    } else {
      const uint64_t run = head >> 1;
      if (run == 0 || run > count - out.size() || value_bytes > bytes.size()) return false;
      uint32_t value = 0;
      std::memcpy(&value, bytes.data(), value_bytes);
      bytes.remove_prefix(value_bytes);
      out.insert(out.end(), run, value);
    }
  }
  out.resize(count);
  return true;
}

void encode_delta(std::span<const int64_t> values, std::string& out) {
  put_varint(out, kBlock);
  put_varint(out, kMiniblocks);
  put_varint(out, values.size());
  put_varint(out, zigzag(values.empty() ? 0 : values[0]));
  std::array<uint64_t, kBlock> deltas;
  for (size_t i = 1; i < values.size();) {
    const size_t n = std::min(kBlock, values.size() - i);
    // Differences wrap around on purpose: the sum wraps back.
    int64_t least = 0;
    for (size_t k = 0; k < n; ++k) {
      deltas[k] = static_cast<uint64_t>(values[i + k]) - static_cast<uint64_t>(values[i + k - 1]);
      const auto delta = static_cast<int64_t>(deltas[k]);
      least = k == 0 ? delta : std::min(least, delta);
    }
    put_varint(out, zigzag(least));
    for (size_t k = 0; k < kBlock; ++k)
      deltas[k] = k < n ? deltas[k] - static_cast<uint64_t>(least) : 0;
    std::array<uint8_t, kMiniblocks> widths{};
    for (size_t m = 0; m < kMiniblocks; ++m) {
      uint64_t all = 0;
      for (size_t k = 0; k < kMiniblock; ++k) all |= deltas[m * kMiniblock + k];
      widths[m] = static_cast<uint8_t>(64 - std::countl_zero(all));
    }
    out.append(reinterpret_cast<const char*>(widths.data()), widths.size());
    for (size_t m = 0; m * kMiniblock < n; ++m) {
      pack(deltas.data() + m * kMiniblock, kMiniblock, widths[m], out);
    }
    i += n;
  }
}

bool decode_delta(std::string_view bytes, size_t count, std::vector<int64_t>& out) {
  uint64_t block = 0, miniblocks = 0, total = 0, first = 0;
  if (!take_varint(bytes, block) || !take_varint(bytes, miniblocks) || !take_varint(bytes, total) ||
      !take_varint(bytes, first) || block != kBlock || miniblocks != kMiniblocks ||
      total != count) {
    return false;
  }
  out.clear();
  out.reserve(count);
  if (count == 0) return true;
  out.push_back(unzigzag(first));
  std::array<uint64_t, kMiniblock> deltas;
  while (out.size() < count) {
    uint64_t least;
    if (!take_varint(bytes, least) || bytes.size() < kMiniblocks) return false;
    std::array<uint8_t, kMiniblocks> widths;
    std::memcpy(widths.data(), bytes.data(), kMiniblocks);
    bytes.remove_prefix(kMiniblocks);
    const auto least_delta = static_cast<uint64_t>(unzigzag(least));
    for (size_t m = 0; m < kMiniblocks && out.size() < count; ++m) {
      const size_t size = packed_bytes(kMiniblock, widths[m]);
      if (widths[m] > 64 || size > bytes.size()) return false;
      unpack(bytes, kMiniblock, widths[m], deltas.data());
      bytes.remove_prefix(size);
      for (size_t k = 0; k < kMiniblock && out.size() < count; ++k) {
        out.push_back(
            static_cast<int64_t>(static_cast<uint64_t>(out.back()) + deltas[k] + least_delta));
      }
    }
  }
  return true;
}

}  // namespace callscope::store::parquet
