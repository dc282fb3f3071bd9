// Files by descriptor, with errors as values. Every failure names the path.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace callscope {

class File {
 public:
  enum class Mode {
    kRead,       // must exist
    kCreate,     // must not exist; read and write
    kReadWrite,  // must exist
  };

  static Result<File> open(const std::filesystem::path& path, Mode mode);

  File() = default;
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  bool is_open() const { return fd_ >= 0; }
  const std::filesystem::path& path() const { return path_; }

  // Writes all of it at the end of what this object wrote so far (or at seek_end). A short write
  // is an error and leaves the file longer than before.
  Result<void> append(std::string_view bytes);
  Result<void> append(std::span<const std::string_view> parts);
  Result<void> write_at(uint64_t offset, std::string_view bytes);

  // Reads exactly `size` bytes into `out`; kDataLoss where the file is shorter.
  Result<void> read_at(uint64_t offset, char* out, size_t size) const;
  Result<std::string> read_at(uint64_t offset, size_t size) const;

  Result<uint64_t> size() const;
  Result<void> seek_end();
  Result<void> truncate(uint64_t size);
  Result<void> sync();  // fdatasync
  // Has the disk begin to write a range, so that sync() has less to wait for.
  void start_sync(uint64_t offset, uint64_t size);

 private:
  File(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}
  Error failed(std::string_view what) const;

  int fd_ = -1;
  std::filesystem::path path_;
};

// An errno as an Error: "cannot <what> <path>: <reason>". A full or read-only disk is kUnavailable,
// worth retrying once somebody has acted.
Error errno_error(std::string_view what, const std::filesystem::path& path, int error_number);

Result<std::string> read_file(const std::filesystem::path& path);
// Writes to a temporary name, syncs, renames over `path` and syncs the folder: all or nothing.
Result<void> write_file_durably(const std::filesystem::path& path, std::string_view bytes);
Result<void> sync_directory(const std::filesystem::path& path);
Result<void> create_directories(const std::filesystem::path& path);
Result<void> remove_file(const std::filesystem::path& path);  // no error where it is not there
// Names of the regular files in a folder, sorted.
Result<std::vector<std::string>> list_files(const std::filesystem::path& path);

// A read-only view of a file's bytes by mmap. The file must not shrink meanwhile: ours never do.
class MappedFile {
 public:
  static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

}  // namespace callscope
