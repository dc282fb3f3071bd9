// Multipart uploads under way: a folder each, with a file for each part, so that they are there
// after a restart. docs/formats/data-folder.md names them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "base/time.h"
#include "receive/upload_credentials.h"

namespace callscope::receive::s3 {

inline constexpr int kPartNumberMax = 10'000;

struct Upload {
  std::string id;
  UploadGrant grant;  // of the credentials it was begun with
  std::string content_type;
};

struct Part {
  int number = 0;
  std::string etag;  // without quotes
  uint64_t bytes = 0;
  std::filesystem::path path;
};

// The bytes of a part that comes in. Without commit() nothing of it remains.
class PartWriter {
 public:
  PartWriter(std::mutex& mutex, File file, std::filesystem::path folder, int number,
             int64_t free_bytes_min);
  ~PartWriter();
  PartWriter(const PartWriter&) = delete;
  PartWriter& operator=(const PartWriter&) = delete;

  Result<void> write(std::string_view bytes);
  // Takes the place of an earlier part of that number, and survives a loss of power.
  Result<void> commit(std::string_view etag);

 private:
  std::mutex& mutex_;
  File file_;
  const std::filesystem::path folder_;
  const int number_;
  const int64_t free_bytes_min_;
  int64_t unchecked_bytes_ = 0;  // since the disk's room was looked at
  bool committed_ = false;
};

// Thread-safe.
class Uploads {
 public:
  // Parts are kUnavailable while the disk has less than `free_bytes_min` left.
  static Result<std::unique_ptr<Uploads>> open(std::filesystem::path folder,
                                               int64_t free_bytes_min);

  Result<Upload> create(const UploadGrant& grant, std::string_view content_type);
  // NoSuchUpload where there is none of that id for that object.
  Result<Upload> find(std::string_view id, const UploadGrant& grant) const;

  Result<std::unique_ptr<PartWriter>> begin_part(const Upload& upload, int number);
  Result<std::vector<Part>> parts(const Upload& upload) const;  // by number
  Result<void> remove(const Upload& upload);

  // Removes those whose credentials have expired. Returns how many.
  Result<size_t> sweep(TimeNs now);

  // Held while an upload is completed, so that nobody else completes or removes it.
  class Turn {
   public:
    Turn(Uploads& uploads, std::string id) : uploads_(uploads), id_(std::move(id)) {}
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Uploads& uploads_;
    const std::string id_;
  };
  // nullptr where somebody else has it.
  std::unique_ptr<Turn> take(const Upload& upload);

 private:
  Uploads(std::filesystem::path folder, int64_t free_bytes_min)
      : folder_(std::move(folder)), free_bytes_min_(free_bytes_min) {}
  Result<Upload> read(std::string_view id) const;

  const std::filesystem::path folder_;
  const int64_t free_bytes_min_;
  mutable std::mutex mutex_;     // held while files of parts change their names
  std::set<std::string> taken_;  // guarded by mutex_
};

}  // namespace callscope::receive::s3
