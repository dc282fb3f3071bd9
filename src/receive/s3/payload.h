// The body of a request to S3, out of its framing: plain, or "aws-chunked" with or without a
// signature of each chunk; and its checksums.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "receive/s3/authorize.h"

namespace callscope::receive::s3 {

class Payload {
 public:
  // Reads what the request says of its body.
  static Result<Payload> open(const http::Request& request, Authorized authorized,
                              uint64_t bytes_max);

  using Out = std::function<Result<void>(std::string_view)>;
  Result<void> write(std::string_view bytes, const Out& out);

  struct Summary {
    uint64_t bytes = 0;
    std::string sha256;  // 32 bytes
    // What the client wants to read back: "x-amz-checksum-crc32" and its value.
    std::string checksum_name;
    std::string checksum;
  };
  // The error says which of length, checksums and signatures is wrong.
  Result<Summary> finish();

 private:
  enum class Framing { kPlain, kUnsignedChunks, kSignedChunks };
  enum class State { kSize, kData, kDataEnd, kTrailer, kDone };
  enum class Check { kNone, kCrc32, kCrc32c, kCrc64, kSha1, kSha256 };

  Payload(Authorized authorized, uint64_t bytes_max)
      : authorized_(std::move(authorized)), bytes_max_(bytes_max) {}

  Result<void> open_checksum(const http::Request& request);
  Result<void> write_chunked(std::string_view bytes, const Out& out);
  Result<void> read_size(std::string_view line);
  Result<void> end_chunk();
  Result<void> read_trailer(std::string_view line);
  Result<void> end_trailer();
  Result<void> take(std::string_view bytes, const Out& out);
  std::string computed_checksum(const std::string& sha256);

  Authorized authorized_;
  uint64_t bytes_max_;
  Framing framing_ = Framing::kPlain;
  bool has_trailer_ = false;
  bool is_hash_signed_ = false;
  std::optional<uint64_t> decoded_length_;

  State state_ = State::kSize;
  std::string line_;
  uint64_t chunk_left_ = 0;
  bool is_last_chunk_ = false;
  std::string chunk_signature_;     // as sent
  std::string previous_signature_;  // of the chunk before
  Digest chunk_hash_;
  size_t trailer_bytes_ = 0;
  std::string trailer_text_;  // as it is signed
  std::string trailer_signature_;

  uint64_t bytes_ = 0;
  Digest hash_;
  Check check_ = Check::kNone;
  std::string checksum_name_;  // "x-amz-checksum-crc32"
  std::string checksum_;       // as sent, base64
  uint32_t crc32_ = 0;
  uint64_t crc64_ = 0;
  std::optional<Digest> sha1_;
  std::string md5_wanted_;  // of Content-MD5; empty for none
  std::optional<Digest> md5_;
};

}  // namespace callscope::receive::s3
