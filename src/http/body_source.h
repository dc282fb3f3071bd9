// The body of an answer that is read while it is sent, such as a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"

namespace callscope::http {

class BodySource {
 public:
  virtual ~BodySource() = default;

  virtual uint64_t size() const = 0;

  // Fills `out`, which lies within the size, from `offset`. Called for one piece after the other,
  // on threads that may wait; an error cuts the answer off.
  virtual Result<void> read(uint64_t offset, std::span<char> out) = 0;
};

}  // namespace callscope::http
