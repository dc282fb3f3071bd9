#include "normalise/json_cursor.h"

#include <bit>
#include <bitset>
#include <cstring>

namespace callscope::normalise {
namespace {

// Bits that mark the quotes and backslashes among eight bytes; the lowest mark is exact.
uint64_t quote_or_backslash(const char* p) {
  uint64_t v;
  std::memcpy(&v, p, 8);
  constexpr uint64_t kOnes = 0x0101010101010101ull;
  constexpr uint64_t kHigh = 0x8080808080808080ull;
  const uint64_t quote = v ^ (kOnes * '"');
  const uint64_t slash = v ^ (kOnes * '\\');
  return (((quote - kOnes) & ~quote) | ((slash - kOnes) & ~slash)) & kHigh;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The code unit of four hex digits; -1 where they are not there.
int32_t code_unit(std::string_view raw, size_t at) {
  if (at + 4 > raw.size()) return -1;
  int32_t unit = 0;
  for (size_t i = at; i < at + 4; ++i) {
    const int digit = hex_value(raw[i]);
    if (digit < 0) return -1;
    unit = unit << 4 | digit;
  }
  return unit;
}

char* put_utf8(char* out, uint32_t code) {
  const auto put = [&](uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
  return out;
}

}  // namespace

size_t unescape_json(std::string_view raw, char* out) {
  const char* const start = out;
  for (size_t i = 0; i < raw.size();) {
    const size_t slash = raw.find('\\', i);
    const size_t plain = (slash == std::string_view::npos ? raw.size() : slash) - i;
    std::memcpy(out, raw.data() + i, plain);
    out += plain;
    i += plain;
    if (i == raw.size()) break;
    if (i + 1 == raw.size()) return SIZE_MAX;
    const char kind = raw[i + 1];
    i += 2;
    switch (kind) {
      case '"':
      case '\\':
      case '/':
        *out++ = kind;
        continue;
      case 'b':
        *out++ = '\b';
        continue;
      case 'f':
        *out++ = '\f';
        continue;
      case 'n':
        *out++ = '\n';
        continue;
      case 'r':
        *out++ = '\r';
        continue;
      case 't':
        *out++ = '\t';
        continue;
      case 'u':
        break;
      default:
        return SIZE_MAX;
    }
    const int32_t unit = code_unit(raw, i);
    if (unit < 0) return SIZE_MAX;
    i += 4;
    auto code = static_cast<uint32_t>(unit);
    if (code >= 0xD800 && code <= 0xDFFF) {
      int32_t low = -1;
      if (code <= 0xDBFF && raw.substr(i, 2) == "\\u") low = code_unit(raw, i + 2);
      if (low >= 0xDC00 && low <= 0xDFFF) {
        code = 0x10000 + ((code - 0xD800) << 10) + (static_cast<uint32_t>(low) - 0xDC00);
        i += 6;
      } else {
        code = 0xFFFD;
      }
    }
    out = put_utf8(out, code);
  }
  return static_cast<size_t>(out - start);
}

bool JsonCursor::string(JsonString& out) {
  if (!take('"')) return false;
  const char* const from = at_;
  out.escaped = false;
  while (true) {
    while (end_ - at_ >= 8) {
      const uint64_t marks = quote_or_backslash(at_);
      if (marks == 0) {
        at_ += 8;
        continue;
      }
      at_ += std::countr_zero(marks) / 8;
      break;
    }
    while (at_ != end_ && *at_ != '"' && *at_ != '\\') ++at_;
    if (at_ == end_) return false;
    if (*at_ == '"') break;
    out.escaped = true;
    if (end_ - at_ < 2) return false;
    at_ += 2;
  }
  out.raw = {from, static_cast<size_t>(at_ - from)};
  ++at_;
  return true;
}

bool JsonCursor::bare(std::string_view& out) {
  peek();
  const char* const from = at_;
  const auto belongs = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '+' || c == '.';
  };
  while (at_ != end_ && belongs(*at_)) ++at_;
  out = {from, static_cast<size_t>(at_ - from)};
  return !out.empty();
}

bool is_json_number(std::string_view text) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t from = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i - from;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const bool zero = i < text.size() && text[i] == '0';
  const size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

bool JsonCursor::skip_scalar() {
  if (peek() == '"') {
    JsonString ignored;
    return string(ignored);
  }
  std::string_view word;
  if (!bare(word)) return false;
  return word == "true" || word == "false" || word == "null" || is_json_number(word);
}

bool JsonCursor::skip() {
  std::bitset<kJsonDepthMax> is_object;
  size_t depth = 0;
  while (true) {
    // At the start of a value; inside an object its name is read already.
    const char c = peek();
    bool empty = false;
    if (c == '{' || c == '[') {
      if (depth == kJsonDepthMax) return false;
      ++at_;
      is_object[depth++] = c == '{';
      empty = peek() == (c == '{' ? '}' : ']');
    } else if (!skip_scalar()) {
      return false;
    }
    // After a value, or in front of the first one of a container.
    const bool opened = (c == '{' || c == '[') && !empty;
    if (!opened) {
      while (depth > 0 && take(is_object[depth - 1] ? '}' : ']')) --depth;
      if (depth == 0) return true;
      if (!take(',')) return false;
    }
    JsonString ignored;
    if (is_object[depth - 1] && !name(ignored)) return false;
  }
}

}  // namespace callscope::normalise
