// Objects as files: ROOT/KEY, and ROOT/.tmp/ for those being written.
#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>

#include "base/disk_space.h"
#include "base/file.h"
#include "store/objects/objects.h"

namespace callscope::store {
namespace {

namespace fs = std::filesystem;

constexpr size_t kKeyBytesMax = 512;
// The disk is set to work on what was written in steps of this size.
constexpr uint64_t kSyncStepBytes = 8u << 20;

Error bad_key(std::string_view key) {
  return {ErrorCode::kInvalidArgument, fmt::format("not the key of an object: {}", key), "key"};
}

Error no_object(std::string_view key) {
  return {ErrorCode::kNotFound, fmt::format("there is no object {}", key), ""};
}

class FileReader final : public ObjectReader {
 public:
  FileReader(File file, uint64_t size) : file_(std::move(file)), size_(size) {}
  uint64_t size() const override { return size_; }
  Result<void> read(uint64_t offset, std::span<char> out) const override {
    return file_.read_at(offset, out.data(), out.size());
  }

 private:
  const File file_;
  const uint64_t size_;
};

class FileWriter final : public ObjectWriter {
 public:
  FileWriter(File file, fs::path temporary, fs::path target, int64_t free_bytes_min)
      : file_(std::move(file)),
        temporary_(std::move(temporary)),
        target_(std::move(target)),
        free_bytes_min_(free_bytes_min) {}
  ~FileWriter() override {
    if (!committed_) (void)remove_file(temporary_).has_value();
  }

  Result<std::shared_ptr<const ObjectReader>> so_far() const override {
    File file = TRY(File::open(temporary_, File::Mode::kRead));
    return std::shared_ptr<const ObjectReader>(
        std::make_shared<FileReader>(std::move(file), size_.load()));
  }

  Result<void> write(std::string_view bytes) override {
    TRY(file_.append(bytes));
    size_ += bytes.size();
    if (size_ - sync_started_ >= kSyncStepBytes) {
      file_.start_sync(sync_started_, size_ - sync_started_);
      sync_started_ = size_;
      TRY(expect_disk_space(temporary_.parent_path(), free_bytes_min_));
    }
    return {};
  }

  Result<void> commit() override {
    TRY(file_.sync());
    TRY(make_parents());
    if (::rename(temporary_.c_str(), target_.c_str()) != 0)
      return errno_error("rename", temporary_, errno);
    committed_ = true;
    return sync_directory(target_.parent_path());
  }

 private:
  // A new folder lasts once the one it is in is synced.
  Result<void> make_parents() {
    std::vector<fs::path> missing;
    for (fs::path at = target_.parent_path(); !fs::exists(at); at = at.parent_path())
      missing.push_back(at);
    if (missing.empty()) return {};
    TRY(callscope::create_directories(target_.parent_path()));
    for (const fs::path& made : missing) TRY(sync_directory(made.parent_path()));
    return {};
  }

  File file_;
  const fs::path temporary_, target_;
  const int64_t free_bytes_min_;
  std::atomic<uint64_t> size_ = 0;  // that readers may read
  uint64_t sync_started_ = 0;       // up to here
  bool committed_ = false;
};

class Folder final : public ObjectStore {
 public:
  Folder(fs::path root, int64_t free_bytes_min)
      : root_(std::move(root)), free_bytes_min_(free_bytes_min) {}

  // What a crash left half written goes.
  Result<void> open() {
    TRY(callscope::create_directories(temporary_folder()));
    for (const std::string& name : TRY(list_files(temporary_folder())))
      TRY(remove_file(temporary_folder() / name));
    return {};
  }

  Result<std::unique_ptr<ObjectWriter>> put(std::string_view key) override {
    if (!is_object_key(key)) return bad_key(key);
    TRY(expect_disk_space(temporary_folder(), free_bytes_min_));
    fs::path temporary = temporary_folder() / std::to_string(++writers_);
    File file = TRY(File::open(temporary, File::Mode::kCreate));
    return std::unique_ptr<ObjectWriter>(std::make_unique<FileWriter>(
        std::move(file), std::move(temporary), root_ / key, free_bytes_min_));
  }

  Result<std::shared_ptr<const ObjectReader>> get(std::string_view key) override {
    if (!is_object_key(key)) return bad_key(key);
    const fs::path path = root_ / key;
    if (!is_file(path)) return no_object(key);
    File file = TRY(File::open(path, File::Mode::kRead));
    const uint64_t size = TRY(file.size());
    return std::shared_ptr<const ObjectReader>(std::make_shared<FileReader>(std::move(file), size));
  }

  Result<uint64_t> size(std::string_view key) override { return TRY(get(key))->size(); }

  Result<void> remove(std::string_view key) override {
    if (!is_object_key(key)) return bad_key(key);
    const fs::path path = root_ / key;
    if (!is_file(path)) return {};
    TRY(remove_file(path));
    // Folders that have become empty go too; one that is not stays, and so does one in which
    // somebody makes a file at this moment.
    for (fs::path at = path.parent_path(); at != root_; at = at.parent_path()) {
      if (::rmdir(at.c_str()) != 0) break;
    }
    return {};
  }

  Result<std::vector<ObjectEntry>> list(std::string_view prefix, std::string_view after,
                                        size_t limit) override {
    std::vector<ObjectEntry> found;
    std::error_code error;
    fs::recursive_directory_iterator it(root_, error);
    for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
      if (it->path() == temporary_folder()) {
        it.disable_recursion_pending();
        continue;
      }
      std::error_code gone;  // removed meanwhile
      if (!it->is_regular_file(gone)) continue;
      std::string key = it->path().lexically_relative(root_).string();
      if (!key.starts_with(prefix) || key <= after) continue;
      const uint64_t bytes = it->file_size(gone);
      if (!gone) found.push_back({std::move(key), bytes});
    }
    if (error) return errno_error("list folder", root_, error.value());
    std::sort(found.begin(), found.end(),
              [](const ObjectEntry& a, const ObjectEntry& b) { return a.key < b.key; });
    if (found.size() > limit) found.resize(limit);
    return found;
  }

 private:
  fs::path temporary_folder() const { return root_ / ".tmp"; }
  static bool is_file(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
  }

  const fs::path root_;
  const int64_t free_bytes_min_;
  std::atomic<uint64_t> writers_{0};
};

}  // namespace

bool is_object_key(std::string_view key) {
  if (key.empty() || key.size() > kKeyBytesMax) return false;
  while (true) {
    const size_t slash = key.find('/');
    const std::string_view segment = key.substr(0, slash);
    // A first dot would also reach the folder of what is being written.
    if (segment.empty() || segment.front() == '.' || segment.size() > 255) return false;
    for (const char c : segment) {
      const bool is_good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
      if (!is_good) return false;
    }
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
}

Result<std::unique_ptr<ObjectStore>> open_object_folder(const fs::path& root,
                                                        int64_t free_bytes_min) {
  auto folder = std::make_unique<Folder>(root, free_bytes_min);
  TRY(folder->open());
  return std::unique_ptr<ObjectStore>(std::move(folder));
}

}  // namespace callscope::store
