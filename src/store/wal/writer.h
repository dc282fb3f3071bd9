// Appends records to the write-ahead log with group commit: everything that waits when the disk is
// free is written and synced together, and only then acknowledged.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "store/wal/format.h"

namespace callscope::store::wal {

struct WriterOptions {
  // A file that has grown past one of these is closed and the next generation begun. They bound the
  // memory of one generation of hot spans.
  uint64_t file_bytes_max = 96u << 20;
  uint64_t file_items_max = 250'000;
};

// Bytes with whoever keeps them alive.
struct Payload {
  std::string_view bytes;
  std::shared_ptr<const void> owner;
  size_t items = 0;  // spans or log lines in it

  static Payload of(std::string text) {
    auto owned = std::make_shared<const std::string>(std::move(text));
    return {*owned, owned, 0};
  }
};

// How far the log is safe on disk. Records before `offset` in file `generation`, and all older
// files, may be read.
struct Committed {
  Generation generation = 0;
  uint64_t offset = 0;
  auto operator<=>(const Committed&) const = default;
};

class Writer {
 public:
  // Starts generation `first` in `directory`, whose file must not exist yet.
  static Result<std::unique_ptr<Writer>> create(std::filesystem::path directory, Generation first,
                                                WriterOptions options);
  ~Writer();  // commits what waits, then stops

  // `done` is called on the commit thread once the record is synced, or could not be. It must be
  // short. kUnavailable: the disk is full or refuses; nothing was acknowledged.
  void append(const RecordHeader& header, Payload payload, std::function<void(Result<void>)> done);

  // Ends the present generation soon, even if it is small; not if it is empty.
  void rotate();

  Committed committed() const;
  // Returns once more than `seen` is committed, or wake() was called, or `timeout` has passed.
  Committed wait_committed(Committed seen, std::chrono::milliseconds timeout);
  void wake();

  // Bytes appended and not yet synced.
  size_t pending_bytes() const;

 private:
  struct Entry {
    std::string header;
    Payload payload;
    std::function<void(Result<void>)> done;
  };

  Writer(std::filesystem::path directory, WriterOptions options)
      : directory_(std::move(directory)), options_(options) {}
  Result<void> start_file(Generation generation);
  void run();
  Result<void> commit(const std::vector<Entry>& batch);
  void roll_if_due(bool asked);

  const std::filesystem::path directory_;
  const WriterOptions options_;

  // Owned by the commit thread.
  File file_;
  Generation generation_ = 0;
  uint64_t file_end_ = 0;      // end of the last good record
  uint64_t file_items_ = 0;    // up to there
  bool file_suspect_ = false;  // a write or sync failed: bytes after file_end_ are not ours

  mutable std::mutex mutex_;
  std::condition_variable work_;      // for the commit thread
  std::condition_variable progress_;  // for readers
  std::vector<Entry> queue_;          // guarded by mutex_
  size_t pending_bytes_ = 0;          // guarded by mutex_
  bool rotate_asked_ = false;         // guarded by mutex_
  bool stopping_ = false;             // guarded by mutex_
  uint64_t wakes_ = 0;                // guarded by mutex_
  Committed committed_;               // guarded by mutex_
  std::thread thread_;
};

}  // namespace callscope::store::wal
