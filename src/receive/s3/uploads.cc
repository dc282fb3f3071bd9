#include "receive/s3/uploads.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "base/disk_space.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "base/log.h"
#include "http/split.h"
#include "receive/s3/error.h"

namespace callscope::receive::s3 {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDescription = "upload";
constexpr std::string_view kNew = "new-";  // before the name of one that is not described yet
constexpr size_t kIdBytes = 16;
// The disk's room is looked at once for so much of a part.
constexpr int64_t kCheckBytes = 8 << 20;

bool is_id(std::string_view text) {
  return text.size() == 2 * kIdBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Error no_upload(std::string_view id) {
  return error("NoSuchUpload",
               fmt::format("there is no upload {}: it was completed, aborted or has expired", id));
}

// "part-00042.ETAG".
std::string part_prefix(int number) { return fmt::format("part-{:05}.", number); }

std::optional<Part> parse_part(const std::string& name) {
  if (!name.starts_with("part-") || name.size() < 12 || name[10] != '.') return std::nullopt;
  Part part;
  const auto parsed = std::from_chars(name.data() + 5, name.data() + 10, part.number);
  if (parsed.ec != std::errc()) return std::nullopt;
  part.etag = name.substr(11);
  return part;
}

int64_t number_of(std::string_view text) {
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Result<std::vector<std::string>> folders_in(const fs::path& folder) {
  std::error_code code;
  fs::directory_iterator it(folder, code);
  std::vector<std::string> names;
  for (const fs::directory_iterator end; !code && it != end; it.increment(code))
    names.push_back(it->path().filename().string());
  if (code) return errno_error("list folder", folder, code.value());
  return names;
}

Result<void> remove_folder(const fs::path& folder) {
  std::error_code code;
  fs::remove_all(folder, code);
  if (code) return errno_error("remove folder", folder, code.value());
  return {};
}

}  // namespace

PartWriter::PartWriter(std::mutex& mutex, File file, fs::path folder, int number,
                       int64_t free_bytes_min)
    : mutex_(mutex),
      file_(std::move(file)),
      folder_(std::move(folder)),
      number_(number),
      free_bytes_min_(free_bytes_min) {}

PartWriter::~PartWriter() {
  // Where the upload was aborted meanwhile the file is gone.
  if (!committed_) (void)remove_file(file_.path()).has_value();
}

Result<void> PartWriter::write(std::string_view bytes) {
  unchecked_bytes_ += static_cast<int64_t>(bytes.size());
  if (unchecked_bytes_ >= kCheckBytes) {
    unchecked_bytes_ = 0;
    TRY(expect_disk_space(folder_, free_bytes_min_));
  }
  return file_.append(bytes);
}

Result<void> PartWriter::commit(std::string_view etag) {
  TRY(file_.sync());
  const std::string prefix = part_prefix(number_);
  const std::string name = prefix + std::string(etag);
  std::lock_guard lock(mutex_);
  if (::rename(file_.path().c_str(), (folder_ / name).c_str()) != 0) {
    if (errno == ENOENT) return no_upload(folder_.filename().string());
    return errno_error("rename", file_.path(), errno);
  }
  committed_ = true;
  for (const std::string& other : TRY(list_files(folder_))) {
    if (other.starts_with(prefix) && other != name) TRY(remove_file(folder_ / other));
  }
  return sync_directory(folder_);
}

Result<std::unique_ptr<Uploads>> Uploads::open(fs::path folder, int64_t free_bytes_min) {
  TRY(callscope::create_directories(folder));
  for (const std::string& name : TRY(folders_in(folder))) {
    if (name.starts_with(kNew)) TRY(remove_folder(folder / name));  // of a crash
  }
  return std::unique_ptr<Uploads>(new Uploads(std::move(folder), free_bytes_min));
}

Result<Upload> Uploads::create(const UploadGrant& grant, std::string_view content_type) {
  Upload upload{to_hex(random_bytes(kIdBytes)), grant, std::string(content_type)};
  const fs::path folder = folder_ / (std::string(kNew) + upload.id);
  TRY(callscope::create_directories(folder));
  TRY(write_file_durably(folder / kDescription,
                         fmt::format("1\n{}\n{}\n{}\n{}\n{}\n", grant.project, grant.agent,
                                     grant.expires_at.ns, grant.key, upload.content_type)));
  if (::rename(folder.c_str(), (folder_ / upload.id).c_str()) != 0)
    return errno_error("rename", folder, errno);
  TRY(sync_directory(folder_));
  return upload;
}

Result<Upload> Uploads::read(std::string_view id) const {
  if (!is_id(id)) return no_upload(id);
  const auto text = read_file(folder_ / id / kDescription);
  if (!text) return no_upload(id);
  std::string_view lines = *text;
  if (http::take_until(lines, '\n') != "1") return no_upload(id);
  Upload upload;
  upload.id = id;
  upload.grant.project = number_of(http::take_until(lines, '\n'));
  upload.grant.agent = number_of(http::take_until(lines, '\n'));
  upload.grant.expires_at = {number_of(http::take_until(lines, '\n'))};
  upload.grant.key = http::take_until(lines, '\n');
  upload.content_type = http::take_until(lines, '\n');
  return upload;
}

Result<Upload> Uploads::find(std::string_view id, const UploadGrant& grant) const {
  Upload upload = TRY(read(id));
  if (upload.grant.key != grant.key || upload.grant.project != grant.project) return no_upload(id);
  return upload;
}

Result<std::unique_ptr<PartWriter>> Uploads::begin_part(const Upload& upload, int number) {
  const fs::path folder = folder_ / upload.id;
  TRY(expect_disk_space(folder_, free_bytes_min_));
  File file = TRY(File::open(folder / ("coming-" + to_hex(random_bytes(8))), File::Mode::kCreate));
  return std::make_unique<PartWriter>(mutex_, std::move(file), folder, number, free_bytes_min_);
}

Result<std::vector<Part>> Uploads::parts(const Upload& upload) const {
  const fs::path folder = folder_ / upload.id;
  std::lock_guard lock(mutex_);
  std::vector<Part> parts;
  for (const std::string& name : TRY(list_files(folder))) {
    auto part = parse_part(name);
    if (!part) continue;
    part->path = folder / name;
    std::error_code gone;
    part->bytes = fs::file_size(part->path, gone);
    if (!gone) parts.push_back(*std::move(part));
  }
  return parts;  // list_files sorts
}

Result<void> Uploads::remove(const Upload& upload) { return remove_folder(folder_ / upload.id); }

Result<size_t> Uploads::sweep(TimeNs now) {
  size_t removed = 0;
  for (const std::string& id : TRY(folders_in(folder_))) {
    const auto upload = read(id);
    if (!upload || upload->grant.expires_at > now) continue;
    const auto turn = take({id, {}, ""});
    if (!turn) continue;
    TRY(remove({id, {}, ""}));
    ++removed;
  }
  if (removed > 0) log_info("unfinished uploads have expired", kv("uploads", removed));
  return removed;
}

std::unique_ptr<Uploads::Turn> Uploads::take(const Upload& upload) {
  std::lock_guard lock(mutex_);
  if (!taken_.insert(upload.id).second) return nullptr;
  return std::make_unique<Turn>(*this, upload.id);
}

Uploads::Turn::~Turn() {
  std::lock_guard lock(uploads_.mutex_);
  uploads_.taken_.erase(id_);
}

}  // namespace callscope::receive::s3
