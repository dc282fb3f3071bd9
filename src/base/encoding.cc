#include "base/encoding.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/ids.h"

namespace callscope {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

// Length of the valid UTF-8 sequence at `p`, or 0 (Unicode 15, table 3-7).
size_t utf8_length(const unsigned char* p, size_t left) {
  const auto continues = [&](size_t i) { return i < left && (p[i] & 0xC0) == 0x80; };
  if (p[0] < 0x80) return 1;
  if (p[0] >= 0xC2 && p[0] <= 0xDF) return continues(1) ? 2 : 0;
  if (p[0] >= 0xE0 && p[0] <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    if (p[0] == 0xE0 && p[1] < 0xA0) return 0;
    if (p[0] == 0xED && p[1] > 0x9F) return 0;
    return 3;
  }
  if (p[0] >= 0xF0 && p[0] <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (p[0] == 0xF0 && p[1] < 0x90) return 0;
    if (p[0] == 0xF4 && p[1] > 0x8F) return 0;
    return 4;
  }
  return 0;
}

// Whether all eight bytes are plain in a JSON string: ASCII, no control, no quote, no backslash.
bool plain8(const char* p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
  constexpr uint64_t kOnes = 0x0101010101010101ull;
  constexpr uint64_t kHigh = 0x8080808080808080ull;
  const uint64_t control = v - kOnes * 0x20;
  const uint64_t quote = v ^ (kOnes * '"');
  const uint64_t slash = v ^ (kOnes * '\\');
  return ((v | control | (quote - kOnes) | (slash - kOnes)) & kHigh) == 0;
}

}  // namespace

void append_hex(std::string& out, std::string_view bytes) {
  const size_t start = out.size();
  out.resize(start + bytes.size() * 2);
  char* p = out.data() + start;
  for (unsigned char c : bytes) {
    *p++ = kHexDigits[c >> 4];
    *p++ = kHexDigits[c & 15];
  }
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  append_hex(out, bytes);
  return out;
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = hex_value(hex[i]);
    const int low = hex_value(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return out;
}

template <size_t N>
std::optional<HexId<N>> HexId<N>::from_hex(std::string_view hex) {
  if (hex.size() != 2 * N) return std::nullopt;
  const auto raw = callscope::from_hex(hex);
  return raw ? from_bytes(*raw) : std::nullopt;
}

template <size_t N>
std::string HexId<N>::hex() const {
  return to_hex(view());
}

template struct HexId<16>;
template struct HexId<8>;

std::string to_base64(std::string_view bytes) {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const auto at = [&](size_t k) -> uint32_t {
      return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u;
    };
    const uint32_t group = at(0) << 16 | at(1) << 8 | at(2);
    out.push_back(kAlphabet[group >> 18]);
    out.push_back(kAlphabet[group >> 12 & 63]);
    out.push_back(i + 1 < bytes.size() ? kAlphabet[group >> 6 & 63] : '=');
    out.push_back(i + 2 < bytes.size() ? kAlphabet[group & 63] : '=');
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  uint32_t group = 0;
  int bits = 0;
  for (char c : text) {
    const int value = base64_value(c);
    if (value < 0) return std::nullopt;
    group = group << 6 | static_cast<uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<char>(group >> bits & 0xFF));
    }
  }
  return out;
}

bool is_utf8(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  for (size_t i = 0; i < text.size();) {
    const size_t n = utf8_length(p + i, text.size() - i);
    if (n == 0) return false;
    i += n;
  }
  return true;
}

size_t append_utf8(std::string& out, std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  size_t replaced = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t n = utf8_length(p + i, text.size() - i);
    if (n == 0) {
      out += "\xEF\xBF\xBD";
      ++replaced;
      ++i;
    } else {
      out.append(text.substr(i, n));
      i += n;
    }
  }
  return replaced;
}

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  size_t i = 0;
  size_t run = 0;  // start of the plain bytes not yet copied
  const auto flush = [&] { out.append(text, run, i - run); };
  while (i < text.size()) {
    if (i + 8 <= text.size() && plain8(text.data() + i)) {
      i += 8;
      continue;
    }
    const unsigned char c = p[i];
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++i;
      continue;
    }
    if (c >= 0x80) {
      const size_t n = utf8_length(p + i, text.size() - i);
      if (n > 0) {
        i += n;
        continue;
      }
      flush();
      out += "\xEF\xBF\xBD";
    } else {
      flush();
      switch (c) {
        case '"':
          out += "\\\"";
          break;
        case '\\':
          out += "\\\\";
          break;
        case '\n':
          out += "\\n";
          break;
        case '\r':
          out += "\\r";
          break;
        case '\t':
          out += "\\t";
          break;
        default:
          out += "\\u00";
          out.push_back(kHexDigits[c >> 4]);
          out.push_back(kHexDigits[c & 15]);
      }
    }
    run = ++i;
  }
  flush();
  out.push_back('"');
}

namespace {

// Writes a number of at most six decimals and fifteen digits, as most measures are, in a fifth of
// the time of std::to_chars; false for any other. No two decimals of fifteen digits stand for the
// same double, so these digits are the ones that std::to_chars finds.
bool append_millionths(std::string& out, double value) {
  constexpr double kMillion = 1e6;
  constexpr double kMin = 1e-3, kMax = 1e9;
  const double size = std::abs(value);
  if (!(size >= kMin && size < kMax)) return false;
  const auto millionths = static_cast<uint64_t>(std::llround(size * kMillion));
  if (static_cast<double>(millionths) / kMillion != size) return false;
  std::array<char, 24> digits;
  if (value < 0) out.push_back('-');
  out.append(
      digits.data(),
      std::to_chars(digits.data(), digits.data() + digits.size(), millionths / 1'000'000).ptr);
  out.push_back('.');
  auto rest = static_cast<uint32_t>(millionths % 1'000'000);
  std::array<char, 6> decimals;
  for (size_t i = decimals.size(); i-- > 0; rest /= 10)
    decimals[i] = static_cast<char>('0' + rest % 10);
  size_t count = decimals.size();
  while (count > 1 && decimals[count - 1] == '0') --count;
  out.append(decimals.data(), count);
  return true;
}

}  // namespace

void append_json_double(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? R"({"$double":"NaN"})"
           : value > 0       ? R"({"$double":"Infinity"})"
                             : R"({"$double":"-Infinity"})";
    return;
  }
  if (append_millionths(out, value)) return;
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  const std::string_view digits(buffer.data(), static_cast<size_t>(end - buffer.data()));
  out.append(digits);
  if (digits.find_first_of(".e") == std::string_view::npos) out += ".0";
}

}  // namespace callscope
