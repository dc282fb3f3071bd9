#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

namespace callscope {

namespace fs = std::filesystem;

Error errno_error(std::string_view what, const fs::path& path, int error_number) {
  ErrorCode code = ErrorCode::kInternal;
  if (error_number == ENOENT) code = ErrorCode::kNotFound;
  if (error_number == EEXIST) code = ErrorCode::kConflict;
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EROFS ||
      error_number == EACCES || error_number == EIO || error_number == EFBIG) {
    code = ErrorCode::kUnavailable;
  }
  return {code, fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(error_number))};
}

Error File::failed(std::string_view what) const { return errno_error(what, path_, errno); }

Result<File> File::open(const fs::path& path, Mode mode) {
  int flags = O_CLOEXEC;
  if (mode == Mode::kRead) flags |= O_RDONLY;
  if (mode == Mode::kReadWrite) flags |= O_RDWR;
  if (mode == Mode::kCreate) flags |= O_RDWR | O_CREAT | O_EXCL;
  const int fd = ::open(path.c_str(), flags, 0600);
  if (fd < 0) return errno_error(mode == Mode::kCreate ? "create" : "open", path, errno);
  return File(fd, path);
}

File::File(File&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> File::append(std::string_view bytes) { return append(std::span(&bytes, 1)); }

Result<void> File::append(std::span<const std::string_view> parts) {
  std::vector<iovec> pending;
  pending.reserve(parts.size());
  for (std::string_view part : parts) {
    if (!part.empty()) pending.push_back({const_cast<char*>(part.data()), part.size()});
  }
  for (size_t first = 0; first < pending.size();) {
    const size_t count = std::min<size_t>(pending.size() - first, IOV_MAX);
    ssize_t written = ::writev(fd_, pending.data() + first, static_cast<int>(count));
    if (written < 0) {
      if (errno == EINTR) continue;
      return failed("write to");
    }
    for (; first < pending.size() && static_cast<size_t>(written) >= pending[first].iov_len;
         ++first) {
      written -= static_cast<ssize_t>(pending[first].iov_len);
    }
    if (written > 0) {
      pending[first].iov_base = static_cast<char*>(pending[first].iov_base) + written;
      pending[first].iov_len -= static_cast<size_t>(written);
    }
  }
  return {};
}

Result<void> File::write_at(uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0) {
      if (errno == EINTR) continue;
      return failed("write to");
    }
    bytes.remove_prefix(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
  return {};
}

Result<void> File::read_at(uint64_t offset, char* out, size_t size) const {
  while (size > 0) {
    const ssize_t n = ::pread(fd_, out, size, static_cast<off_t>(offset));
    if (n < 0) {
      if (errno == EINTR) continue;
      return failed("read");
    }
    if (n == 0) {
      return Error{ErrorCode::kDataLoss,
                   fmt::format("{} ends before byte {}, {} more were expected", path_.string(),
                               offset, size)};
    }
    out += n;
    offset += static_cast<uint64_t>(n);
    size -= static_cast<size_t>(n);
  }
  return {};
}

Result<std::string> File::read_at(uint64_t offset, size_t size) const {
  std::string out(size, '\0');
  TRY(read_at(offset, out.data(), size));
  return out;
}

Result<uint64_t> File::size() const {
  struct stat info {};
  if (::fstat(fd_, &info) != 0) return failed("stat");
  return static_cast<uint64_t>(info.st_size);
}

Result<void> File::seek_end() {
  if (::lseek(fd_, 0, SEEK_END) < 0) return failed("seek in");
  return {};
}

Result<void> File::truncate(uint64_t size) {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return failed("truncate");
  return seek_end();
}

Result<void> File::sync() {
  if (::fdatasync(fd_) != 0) return failed("sync");
  return {};
}

void File::start_sync(uint64_t offset, uint64_t size) {
  // Its failure is found by sync().
  (void)::sync_file_range(fd_, static_cast<off_t>(offset), static_cast<off_t>(size),
                          SYNC_FILE_RANGE_WRITE);
}

Result<std::string> read_file(const fs::path& path) {
  File file = TRY(File::open(path, File::Mode::kRead));
  const uint64_t size = TRY(file.size());
  return file.read_at(0, size);
}

Result<void> write_file_durably(const fs::path& path, std::string_view bytes) {
  fs::path temporary = path;
  temporary += ".tmp";
  TRY(remove_file(temporary));
  {
    File file = TRY(File::open(temporary, File::Mode::kCreate));
    TRY(file.append(bytes));
    TRY(file.sync());
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return errno_error("rename", temporary, errno);
  return sync_directory(path.parent_path());
}

Result<void> sync_directory(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno_error("open folder", path, errno);
  const int status = ::fsync(fd);
  const int error_number = errno;
  ::close(fd);
  if (status != 0) return errno_error("sync folder", path, error_number);
  return {};
}

Result<void> create_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return errno_error("create folder", path, error.value());
  return {};
}

Result<void> remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return errno_error("remove", path, errno);
  return {};
}

Result<std::vector<std::string>> list_files(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator it(path, error);
  if (error) return errno_error("list folder", path, error.value());
  for (const fs::directory_iterator end; it != end; it.increment(error)) {
    if (error) return errno_error("list folder", path, error.value());
    std::error_code ignored;
    if (it->is_regular_file(ignored)) names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<MappedFile> MappedFile::open(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_error("open", path, errno);
  struct stat info {};
  if (::fstat(fd, &info) != 0) {
    const int error_number = errno;
    ::close(fd);
    return errno_error("stat", path, error_number);
  }
  MappedFile file;
  if (info.st_size > 0) {
    void* at = ::mmap(nullptr, static_cast<size_t>(info.st_size), PROT_READ, MAP_SHARED, fd, 0);
    const int error_number = errno;
    ::close(fd);
    if (at == MAP_FAILED) return errno_error("map", path, error_number);
    ::madvise(at, static_cast<size_t>(info.st_size), MADV_RANDOM);
    file.bytes_ = {static_cast<const char*>(at), static_cast<size_t>(info.st_size)};
  } else {
    ::close(fd);
  }
  return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace callscope
