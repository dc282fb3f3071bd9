// Where recordings and other large things are kept: by key, written once, read in ranges. A folder
// by default, or a bucket of any service that speaks S3.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace callscope::store {

// One object as it was when it was opened. Thread-safe.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  virtual uint64_t size() const = 0;
  // Fills `out`, which lies within the size, from `offset`.
  virtual Result<void> read(uint64_t offset, std::span<char> out) const = 0;
};

// Takes the bytes of one object. Without commit() nothing of it remains, except where the process
// dies meanwhile; a folder is cleaned of that when it is opened.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  virtual Result<void> write(std::string_view bytes) = 0;
  // The object is there as a whole, in place of an earlier one, and survives a loss of power once
  // this returned.
  virtual Result<void> commit() = 0;
  // What was written by now, asked from any thread before commit(). kNotFound where the store has
  // nothing to show of an object before it is whole.
  virtual Result<std::shared_ptr<const ObjectReader>> so_far() const {
    return Error{ErrorCode::kNotFound, "the object has not come yet", ""};
  }
};

struct ObjectEntry {
  std::string key;
  uint64_t bytes = 0;
};

// Thread-safe. A key is made of segments of letters, digits, '.', '_' and '-', with slashes between
// them, none of which starts with a dot; another one is kInvalidArgument.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  virtual Result<std::unique_ptr<ObjectWriter>> put(std::string_view key) = 0;
  // kNotFound where there is no such object.
  virtual Result<std::shared_ptr<const ObjectReader>> get(std::string_view key) = 0;
  virtual Result<uint64_t> size(std::string_view key) = 0;
  virtual Result<void> remove(std::string_view key) = 0;  // no error where there is none
  // Up to `limit` objects whose keys start with `prefix` and come after `after`, in their order.
  virtual Result<std::vector<ObjectEntry>> list(std::string_view prefix, std::string_view after,
                                                size_t limit) = 0;
};

bool is_object_key(std::string_view key);

// Opens a folder, which is made where there is none; the caller alone uses it. Writing is
// kUnavailable while its disk has less than `free_bytes_min` left.
Result<std::unique_ptr<ObjectStore>> open_object_folder(const std::filesystem::path& root,
                                                        int64_t free_bytes_min = 0);

}  // namespace callscope::store
