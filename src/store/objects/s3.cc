#include "store/objects/s3.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "base/log.h"
#include "base/xml.h"
#include "store/objects/s3_client.h"

namespace callscope::store {
namespace {

// Parts must have 5 MiB at least, and there may be 10,000: up to 80 GB.
constexpr size_t kPartBytes = 8u << 20;
// Of an object that is read, at once: a request takes tens of milliseconds whatever it asks for.
constexpr uint64_t kWindowBytes = 2u << 20;
constexpr size_t kListMax = 1'000;

class S3Writer final : public ObjectWriter {
 public:
  S3Writer(const S3Client& client, std::string key) : client_(client), key_(std::move(key)) {}
  ~S3Writer() override {
    if (committed_ || upload_.empty()) return;
    const auto aborted =
        client_.send({.method = "DELETE", .key = key_, .query = {{"uploadId", upload_}}});
    if (!aborted) log_warning("an upload was not aborted", kv("error", aborted.error().message));
  }

  Result<void> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const size_t taken = std::min(bytes.size(), kPartBytes - part_.size());
      part_ += bytes.substr(0, taken);
      bytes.remove_prefix(taken);
      if (part_.size() == kPartBytes) TRY(send_part());
    }
    return {};
  }

  Result<void> commit() override {
    if (upload_.empty()) {
      TRY(client_.send({.method = "PUT", .key = key_, .body = part_}));
    } else {
      if (!part_.empty()) TRY(send_part());
      std::string list;
      for (size_t i = 0; i < etags_.size(); ++i) {
        list += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1,
                            xml_escape(etags_[i]));
      }
      list = "<CompleteMultipartUpload>" + list + "</CompleteMultipartUpload>";
      TRY(client_.send(
          {.method = "POST", .key = key_, .query = {{"uploadId", upload_}}, .body = list}));
    }
    committed_ = true;
    return {};
  }

 private:
  Result<void> send_part() {
    if (upload_.empty()) {
      const S3Answer begun =
          TRY(client_.send({.method = "POST", .key = key_, .query = {{"uploads", ""}}}));
      upload_ = element(begun.body, "UploadId");
      if (upload_.empty())
        return Error{ErrorCode::kInternal, "the object store did not begin an upload"};
    }
    const S3Answer answer = TRY(client_.send(
        {.method = "PUT",
         .key = key_,
         .query = {{"partNumber", std::to_string(etags_.size() + 1)}, {"uploadId", upload_}},
         .body = part_}));
    etags_.push_back(answer.etag);
    part_.clear();
    return {};
  }

  const S3Client& client_;
  const std::string key_;
  std::string part_;
  std::string upload_;
  std::vector<std::string> etags_;
  bool committed_ = false;
};

class S3Reader final : public ObjectReader {
 public:
  S3Reader(const S3Client& client, std::string key, uint64_t size, std::string etag)
      : client_(client), key_(std::move(key)), size_(size), etag_(std::move(etag)) {}
  uint64_t size() const override { return size_; }

  Result<void> read(uint64_t offset, std::span<char> out) const override {
    std::lock_guard lock(mutex_);
    while (!out.empty()) {
      if (offset < window_begin_ || offset >= window_begin_ + window_.size())
        TRY(load(offset, out.size()));
      const auto from = static_cast<size_t>(offset - window_begin_);
      const size_t count = std::min(out.size(), window_.size() - from);
      std::copy_n(window_.data() + from, count, out.data());
      offset += count;
      out = out.subspan(count);
    }
    return {};
  }

 private:
  Result<void> load(uint64_t offset, uint64_t wanted) const {
    if (offset >= size_) return Error{ErrorCode::kDataLoss, "a read behind the end of an object"};
    const uint64_t end = std::min(size_, offset + std::max(wanted, kWindowBytes));
    // The object as it was opened: not one that has taken its place.
    S3Answer answer =
        TRY(client_.send({.method = "GET",
                          .key = key_,
                          .headers = {{"if-match", etag_},
                                      {"range", fmt::format("bytes={}-{}", offset, end - 1)}}}));
    if (answer.body.size() != end - offset) {
      return Error{ErrorCode::kDataLoss,
                   fmt::format("the object store gave {} bytes in place of {}", answer.body.size(),
                               end - offset)};
    }
    window_ = std::move(answer.body);
    window_begin_ = offset;
    return {};
  }

  const S3Client& client_;
  const std::string key_;
  const uint64_t size_;
  const std::string etag_;
  mutable std::mutex mutex_;
  mutable std::string window_;         // guarded by mutex_
  mutable uint64_t window_begin_ = 0;  // guarded by mutex_
};

class S3Objects final : public ObjectStore {
 public:
  S3Objects(const S3Location& location, const S3Credentials& credentials, const Clock& clock)
      : client_(location, credentials, clock) {}

  Result<std::unique_ptr<ObjectWriter>> put(std::string_view key) override {
    return std::unique_ptr<ObjectWriter>(std::make_unique<S3Writer>(client_, TRY(full(key))));
  }

  Result<std::shared_ptr<const ObjectReader>> get(std::string_view key) override {
    const std::string name = TRY(full(key));
    S3Answer head = TRY(client_.send({.method = "HEAD", .key = name}));
    return std::shared_ptr<const ObjectReader>(
        std::make_shared<S3Reader>(client_, name, head.content_length, std::move(head.etag)));
  }

  Result<uint64_t> size(std::string_view key) override {
    return TRY(client_.send({.method = "HEAD", .key = TRY(full(key))})).content_length;
  }

  Result<void> remove(std::string_view key) override {
    const std::string name = TRY(full(key));
    TRY(accept_missing(client_.send({.method = "DELETE", .key = name})));
    // Parts of an upload that a crash left are bytes of it too.
    const S3Answer open = TRY(
        client_.send({.method = "GET", .key = "", .query = {{"uploads", ""}, {"prefix", name}}}));
    size_t at = 0;
    while (const auto upload = take_element(open.body, at, "Upload")) {
      if (element(*upload, "Key") != name) continue;
      TRY(accept_missing(
          client_.send({.method = "DELETE",
                        .key = name,
                        .query = {{"uploadId", std::string(element(*upload, "UploadId"))}}})));
    }
    return {};
  }

  Result<std::vector<ObjectEntry>> list(std::string_view prefix, std::string_view after,
                                        size_t limit) override {
    std::vector<ObjectEntry> found;
    std::string start(after);
    while (found.size() < limit) {
      const size_t wanted = std::min(limit - found.size(), kListMax);
      const std::string& base = client_.location().prefix;
      sigv4::Pairs query = {{"list-type", "2"},
                            {"max-keys", std::to_string(wanted)},
                            {"prefix", base + std::string(prefix)}};
      if (!start.empty()) query.emplace_back("start-after", base + start);
      const S3Answer answer =
          TRY(client_.send({.method = "GET", .key = "", .query = std::move(query)}));
      const size_t before = found.size();
      size_t at = 0;
      while (const auto entry = take_element(answer.body, at, "Contents")) {
        const std::string_view key = element(*entry, "Key");
        if (!key.starts_with(base)) continue;
        found.push_back({std::string(key.substr(base.size())),
                         std::strtoull(std::string(element(*entry, "Size")).c_str(), nullptr, 10)});
      }
      if (found.size() == before || element(answer.body, "IsTruncated") != "true") break;
      start = found.back().key;
    }
    return found;
  }

 private:
  Result<std::string> full(std::string_view key) const {
    if (is_object_key(key)) return client_.location().prefix + std::string(key);
    return Error{ErrorCode::kInvalidArgument, fmt::format("not the key of an object: {}", key),
                 "key"};
  }
  static Result<void> accept_missing(const Result<S3Answer>& answer) {
    if (answer || answer.error().code == ErrorCode::kNotFound) return {};
    return answer.error();
  }

  const S3Client client_;
};

std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    out += static_cast<char>(std::strtoul(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
    i += 2;
  }
  return out;
}

}  // namespace

Result<S3Location> parse_s3_url(std::string_view url) {
  const Error wrong{ErrorCode::kInvalidArgument,
                    "must be s3://BUCKET/PREFIX?endpoint=URL&region=REGION, where all but the "
                    "bucket may be left out",
                    "objects"};
  constexpr std::string_view kScheme = "s3://";
  if (!url.starts_with(kScheme)) return wrong;
  url.remove_prefix(kScheme.size());
  const size_t mark = url.find('?');
  std::string_view place = url.substr(0, mark);
  std::string_view query = mark == std::string_view::npos ? "" : url.substr(mark + 1);
  S3Location location;
  const size_t slash = place.find('/');
  location.bucket = place.substr(0, slash);
  if (slash != std::string_view::npos) location.prefix = place.substr(slash + 1);
  while (location.prefix.ends_with('/')) location.prefix.pop_back();
  const bool is_prefix = location.prefix.empty() || is_object_key(location.prefix);
  if (location.bucket.empty() || !is_object_key(location.bucket) || !is_prefix) return wrong;
  if (!location.prefix.empty()) location.prefix += '/';
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? "" : query.substr(end + 1);
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return wrong;
    const auto value = decode(pair.substr(equals + 1));
    if (!value || value->empty()) return wrong;
    if (pair.substr(0, equals) == "endpoint") {
      location.endpoint = *value;
    } else if (pair.substr(0, equals) == "region") {
      location.region = *value;
    } else {
      return wrong;
    }
  }
  if (location.endpoint.empty())
    location.endpoint = fmt::format("https://s3.{}.amazonaws.com", location.region);
  while (location.endpoint.ends_with('/')) location.endpoint.pop_back();
  const bool is_url =
      location.endpoint.starts_with("http://") || location.endpoint.starts_with("https://");
  if (!is_url || location.endpoint.find_first_of("?# ") != std::string::npos) return wrong;
  return location;
}

std::unique_ptr<ObjectStore> s3_objects(const S3Location& location,
                                        const S3Credentials& credentials, const Clock& clock) {
  return std::make_unique<S3Objects>(location, credentials, clock);
}

Result<std::unique_ptr<ObjectStore>> open_s3_objects(const S3Location& location,
                                                     const S3Credentials& credentials,
                                                     const Clock& clock) {
  if (credentials.access_key.empty() || credentials.secret_key.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "an object store in S3 needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the "
                 "environment",
                 "objects"};
  }
  auto objects = s3_objects(location, credentials, clock);
  auto listed = objects->list("", "", 1);
  if (!listed) return std::move(listed).error().within("--objects");
  return objects;
}

}  // namespace callscope::store
