#include "audio/bytes.h"

#include <algorithm>
#include <cstring>
#include <system_error>

#include "base/file.h"

namespace callscope::audio {
namespace {

class FileBytes : public Bytes {
 public:
  FileBytes(File file, uint64_t size) : file_(std::move(file)), size_(size) {}
  uint64_t size() const override { return size_; }
  Result<size_t> read_at(uint64_t offset, char* out, size_t size) const override {
    if (offset >= size_) return size_t{0};
    size = static_cast<size_t>(std::min<uint64_t>(size, size_ - offset));
    TRY(file_.read_at(offset, out, size));
    return size;
  }

 private:
  File file_;
  uint64_t size_;
};

class MemoryBytes : public Bytes {
 public:
  explicit MemoryBytes(std::string_view bytes) : bytes_(bytes) {}
  uint64_t size() const override { return bytes_.size(); }
  Result<size_t> read_at(uint64_t offset, char* out, size_t size) const override {
    if (offset >= bytes_.size()) return size_t{0};
    size = std::min(size, bytes_.size() - static_cast<size_t>(offset));
    std::memcpy(out, bytes_.data() + offset, size);
    return size;
  }

 private:
  std::string_view bytes_;
};

}  // namespace

Result<std::unique_ptr<Bytes>> open_file_bytes(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Error{ErrorCode::kInvalidArgument, "not a file but a folder: " + path.string()};
  }
  File file = TRY(File::open(path, File::Mode::kRead));
  const uint64_t size = TRY(file.size());
  return std::unique_ptr<Bytes>(std::make_unique<FileBytes>(std::move(file), size));
}

std::unique_ptr<Bytes> memory_bytes(std::string_view bytes) {
  return std::make_unique<MemoryBytes>(bytes);
}

}  // namespace callscope::audio
