// Identifiers of W3C trace context: a trace id of 16 bytes and a span id of 8, all zero meaning
// "none". Written as lower-case hex.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace callscope {

template <size_t N>
struct HexId {
  std::array<uint8_t, N> bytes{};

  static constexpr size_t kSize = N;
  bool is_zero() const { return bytes == std::array<uint8_t, N>{}; }
  auto operator<=>(const HexId&) const = default;
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), N}; }

  // The first eight bytes as a number; ids are random, so this is a good hash.
  uint64_t prefix() const {
    uint64_t value;
    std::memcpy(&value, bytes.data(), 8);
    return value;
  }

  // From exactly N raw bytes; nullopt for any other length.
  static std::optional<HexId> from_bytes(std::string_view raw) {
    if (raw.size() != N) return std::nullopt;
    HexId id;
    std::memcpy(id.bytes.data(), raw.data(), N);
    return id;
  }
  // From exactly 2N hex digits of either case; nullopt for anything else.
  static std::optional<HexId> from_hex(std::string_view hex);
  std::string hex() const;
};

using TraceId = HexId<16>;
using SpanId = HexId<8>;

template <size_t N>
struct HexIdHash {
  // Test fixtures and broken generators use small ids, so both ends and a multiplication take part.
  size_t operator()(const HexId<N>& id) const {
    uint64_t tail;
    std::memcpy(&tail, id.bytes.data() + N - 8, 8);
    uint64_t h = (id.prefix() ^ std::rotl(tail, 32)) * 0x9E3779B97F4A7C15ull;
    return static_cast<size_t>(h ^ (h >> 32));
  }
};
using TraceIdHash = HexIdHash<16>;
using SpanIdHash = HexIdHash<8>;

// Rows of the catalog. 0 means "none".
using ProjectId = int64_t;
using AgentId = int64_t;
using CallId = int64_t;
using ReportId = int64_t;

}  // namespace callscope
