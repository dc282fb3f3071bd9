// Parts of a body (RFC 9110, section 14): what a player asks for when somebody jumps.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/message.h"

namespace callscope::http {

struct ByteRange {
  uint64_t begin = 0;
  uint64_t end = 0;  // behind the last byte

  uint64_t size() const { return end - begin; }
};

enum class RangeKind {
  kWhole,          // none asked for, several, or not in bytes: the whole body is the answer
  kPart,           // `range` is
  kUnsatisfiable,  // it lies behind the end
};
struct WantedRange {
  RangeKind kind = RangeKind::kWhole;
  ByteRange range;
};

// Reads a Range header, for a body of `size` bytes.
WantedRange parse_range(std::string_view header, uint64_t size);

// Makes of a complete answer (200, with a source and an "ETag") the one that the request's Range,
// If-Range and If-None-Match ask for: 200, 206, 304 or 416.
Response apply_range(const Request& request, Response response);

}  // namespace callscope::http
