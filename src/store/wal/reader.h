// Reads one generation of the write-ahead log from its start, while it is still being written or
// after a crash.
#pragma once

#include <optional>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "store/wal/format.h"

namespace callscope::store::wal {

struct Record {
  RecordHeader header;
  std::string payload;
};

class Reader {
 public:
  static Result<Reader> open(const std::filesystem::path& directory, Generation generation);

  // The next record that ends at or before `limit`, or nullopt where there is none yet. kDataLoss
  // where the bytes at offset() are not what was written.
  Result<std::optional<Record>> next(uint64_t limit);

  // After next() found damage: goes on to the next sound record, which ends at or before `limit`.
  // False where there is none.
  Result<bool> skip_damage(uint64_t limit);

  uint64_t offset() const { return offset_; }
  Generation generation() const { return generation_; }
  Result<uint64_t> file_size() const { return file_.size(); }

 private:
  Reader(File file, Generation generation) : file_(std::move(file)), generation_(generation) {}

  File file_;
  Generation generation_;
  uint64_t offset_ = kFileHeaderBytes;
};

// The generations present in a folder, oldest first.
Result<std::vector<Generation>> list_generations(const std::filesystem::path& directory);

// Where the good records of a file that nobody writes any more end. Bytes behind that are a torn
// tail: a write that was under way when the process or the machine stopped, never acknowledged.
struct Tail {
  uint64_t good_end = 0;
  uint64_t file_size = 0;
  uint64_t records = 0;
  uint64_t damaged_bytes = 0;  // between good records
};
Result<Tail> find_tail(const std::filesystem::path& directory, Generation generation);

}  // namespace callscope::store::wal
