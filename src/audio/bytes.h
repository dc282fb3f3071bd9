// Where a recording's bytes come from: a file, memory, or whatever else can be read at an offset.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace callscope::audio {

class Bytes {
 public:
  virtual ~Bytes() = default;
  virtual uint64_t size() const = 0;
  // Reads up to `size` bytes from `offset` into `out` and returns how many there were.
  virtual Result<size_t> read_at(uint64_t offset, char* out, size_t size) const = 0;
};

Result<std::unique_ptr<Bytes>> open_file_bytes(const std::filesystem::path& path);
// Over bytes of the caller's, which must outlive the result.
std::unique_ptr<Bytes> memory_bytes(std::string_view bytes);

}  // namespace callscope::audio
