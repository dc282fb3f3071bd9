#include "receive/s3/payload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "receive/s3/error.h"

namespace callscope::receive::s3 {
namespace {

namespace sigv4 = store::sigv4;

// "size;chunk-signature=" and 64 digits take 100.
constexpr size_t kLineBytesMax = 1'024;
constexpr size_t kTrailerBytesMax = 4'096;
constexpr std::string_view kChecksumPrefix = "x-amz-checksum-";

std::optional<uint64_t> parse_number(std::string_view text, int base) {
  uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string big_endian(uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  return out;
}

Error bad_chunks(std::string_view what) {
  return error("IncompleteBody", fmt::format("the body is not aws-chunked: {}", what));
}

Error too_large(uint64_t bytes_max) {
  return error("EntityTooLarge", fmt::format("the body has more than {} bytes", bytes_max));
}

}  // namespace

Result<Payload> Payload::open(const http::Request& request, Authorized authorized,
                              uint64_t bytes_max) {
  Payload payload(std::move(authorized), bytes_max);
  const std::string& hash = payload.authorized_.request.payload_hash;
  if (hash == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    payload.framing_ = Framing::kUnsignedChunks;
    payload.has_trailer_ = true;
  } else if (hash == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" ||
             hash == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") {
    payload.framing_ = Framing::kSignedChunks;
    payload.has_trailer_ = hash.ends_with("-TRAILER");
    payload.previous_signature_ = payload.authorized_.signature;
  } else if (hash != "UNSIGNED-PAYLOAD") {
    if (hash.size() != 64 || !from_hex(hash)) {
      return error("InvalidRequest",
                   "x-amz-content-sha256 must be a hash in hex, UNSIGNED-PAYLOAD or one of "
                   "STREAMING-UNSIGNED-PAYLOAD-TRAILER and STREAMING-AWS4-HMAC-SHA256-PAYLOAD(-"
                   "TRAILER)");
    }
    payload.is_hash_signed_ = true;
  }
  if (payload.framing_ != Framing::kPlain) {
    payload.decoded_length_ = parse_number(request.headers.get("x-amz-decoded-content-length"), 10);
    if (!payload.decoded_length_)
      return error("InvalidRequest", "the header x-amz-decoded-content-length is missing");
    if (*payload.decoded_length_ > bytes_max) return too_large(bytes_max);
  }
  TRY(payload.open_checksum(request));
  return payload;
}

// Its value is a header, or is named by x-amz-trailer and comes behind the body.
Result<void> Payload::open_checksum(const http::Request& request) {
  if (const auto md5 = request.headers.find("Content-MD5")) {
    const auto wanted = from_base64(*md5);
    if (!wanted || wanted->size() != 16)
      return error("InvalidDigest", "Content-MD5 is no digest in base64");
    md5_wanted_ = *wanted;
    md5_.emplace(DigestKind::kMd5);
  }
  std::string_view algorithm;
  if (const auto trailer = request.headers.find("x-amz-trailer")) {
    if (trailer->starts_with(kChecksumPrefix)) algorithm = trailer->substr(kChecksumPrefix.size());
  }
  for (const std::string_view known : {"crc32", "crc32c", "crc64nvme", "sha1", "sha256"}) {
    if (const auto value =
            request.headers.find(std::string(kChecksumPrefix) + std::string(known))) {
      algorithm = known;
      checksum_ = *value;
    }
  }
  if (algorithm.empty()) return {};
  checksum_name_ = std::string(kChecksumPrefix) + std::string(algorithm);
  if (algorithm == "crc32") {
    check_ = Check::kCrc32;
  } else if (algorithm == "crc32c") {
    check_ = Check::kCrc32c;
  } else if (algorithm == "crc64nvme") {
    check_ = Check::kCrc64;
  } else if (algorithm == "sha1") {
    check_ = Check::kSha1;
    sha1_.emplace(DigestKind::kSha1);
  } else if (algorithm == "sha256") {
    check_ = Check::kSha256;
  } else {
    return error("InvalidRequest", fmt::format("{} is not supported", checksum_name_));
  }
  return {};
}

Result<void> Payload::write(std::string_view bytes, const Out& out) {
  return framing_ == Framing::kPlain ? take(bytes, out) : write_chunked(bytes, out);
}

Result<void> Payload::take(std::string_view bytes, const Out& out) {
  if (bytes.size() > bytes_max_ - bytes_) return too_large(bytes_max_);
  bytes_ += bytes.size();
  hash_.update(bytes);
  if (framing_ == Framing::kSignedChunks) chunk_hash_.update(bytes);
  if (check_ == Check::kCrc32) crc32_ = crc32_ieee(crc32_, bytes);
  if (check_ == Check::kCrc32c) crc32_ = crc32c(bytes, crc32_);
  if (check_ == Check::kCrc64) crc64_ = crc64_nvme(crc64_, bytes);
  if (sha1_) sha1_->update(bytes);
  if (md5_) md5_->update(bytes);
  return out(bytes);
}

Result<void> Payload::write_chunked(std::string_view bytes, const Out& out) {
  while (!bytes.empty()) {
    if (state_ == State::kDone) return bad_chunks("something follows its end");
    if (state_ == State::kData) {
      const std::string_view piece =
          bytes.substr(0, static_cast<size_t>(std::min<uint64_t>(chunk_left_, bytes.size())));
      TRY(take(piece, out));
      bytes.remove_prefix(piece.size());
      chunk_left_ -= piece.size();
      if (chunk_left_ == 0) state_ = State::kDataEnd;
      continue;
    }
    const size_t end = bytes.find('\n');
    line_ += bytes.substr(0, end);
    if (line_.size() > kLineBytesMax) return bad_chunks("a line is too long");
    if (end == std::string_view::npos) return {};
    bytes.remove_prefix(end + 1);
    if (!line_.ends_with('\r')) return bad_chunks("a line does not end with CR LF");
    line_.pop_back();
    const std::string line = std::exchange(line_, {});
    if (state_ == State::kSize) {
      TRY(read_size(line));
    } else if (state_ == State::kDataEnd) {
      if (!line.empty()) return bad_chunks("a chunk is longer than it says");
      TRY(end_chunk());
    } else {
      TRY(read_trailer(line));
    }
  }
  return {};
}

Result<void> Payload::read_size(std::string_view line) {
  constexpr std::string_view kSignature = ";chunk-signature=";
  const size_t semicolon = line.find(';');
  const auto size = parse_number(line.substr(0, semicolon), 16);
  if (!size) return bad_chunks("a chunk has no size");
  if (*size > *decoded_length_ - std::min(*decoded_length_, bytes_)) {
    return error("IncompleteBody",
                 "the chunks have more bytes than x-amz-decoded-content-length says");
  }
  chunk_signature_.clear();
  if (semicolon != std::string_view::npos && line.substr(semicolon).starts_with(kSignature))
    chunk_signature_ = line.substr(semicolon + kSignature.size());
  chunk_left_ = *size;
  if (*size > 0) {
    state_ = State::kData;
    return {};
  }
  TRY(end_chunk());
  state_ = State::kTrailer;
  return {};
}

Result<void> Payload::end_chunk() {
  state_ = State::kSize;
  if (framing_ != Framing::kSignedChunks) return {};
  const std::string hash = to_hex(std::exchange(chunk_hash_, Digest()).finish());
  const std::string expected = sigv4::chunk_signature(authorized_.signing_key, authorized_.request,
                                                      previous_signature_, hash);
  if (!equal_in_constant_time(expected, chunk_signature_))
    return error("SignatureDoesNotMatch", "the signature of a chunk does not match");
  previous_signature_ = expected;
  return {};
}

Result<void> Payload::read_trailer(std::string_view line) {
  if (line.empty()) return end_trailer();
  trailer_bytes_ += line.size();
  if (trailer_bytes_ > kTrailerBytesMax) return bad_chunks("its trailer is too long");
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return bad_chunks("its trailer has a line without a colon");
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  if (http::equal_ignoring_case(name, "x-amz-trailer-signature")) {
    trailer_signature_ = value;
    return {};
  }
  trailer_text_ += fmt::format("{}:{}\n", name, value);
  if (http::equal_ignoring_case(name, checksum_name_)) checksum_ = value;
  return {};
}

Result<void> Payload::end_trailer() {
  state_ = State::kDone;
  if (framing_ != Framing::kSignedChunks || !has_trailer_) return {};
  const std::string expected =
      sigv4::trailer_signature(authorized_.signing_key, authorized_.request, previous_signature_,
                               to_hex(sha256(trailer_text_)));
  if (equal_in_constant_time(expected, trailer_signature_)) return {};
  return error("SignatureDoesNotMatch", "the signature of the trailer does not match");
}

std::string Payload::computed_checksum(const std::string& sha256) {
  switch (check_) {
    case Check::kNone:
      break;
    case Check::kCrc32:
    case Check::kCrc32c:
      return big_endian(crc32_, 4);
    case Check::kCrc64:
      return big_endian(crc64_, 8);
    case Check::kSha1:
      return sha1_->finish();
    case Check::kSha256:
      return sha256;
  }
  return {};
}

Result<Payload::Summary> Payload::finish() {
  if (framing_ != Framing::kPlain) {
    // The last empty line may be missing where there is no trailer.
    const bool is_done = state_ == State::kDone || (state_ == State::kTrailer && !has_trailer_);
    if (!is_done) return bad_chunks("it ends early");
    if (bytes_ != *decoded_length_) {
      return error("IncompleteBody",
                   fmt::format("the body has {} bytes, and x-amz-decoded-content-length is {}",
                               bytes_, *decoded_length_));
    }
  }
  Summary summary;
  summary.bytes = bytes_;
  summary.sha256 = hash_.finish();
  if (is_hash_signed_ && to_hex(summary.sha256) != authorized_.request.payload_hash)
    return error("XAmzContentSHA256Mismatch", "the body is not what x-amz-content-sha256 says");
  if (md5_ && md5_->finish() != md5_wanted_)
    return error("BadDigest", "the body is not what Content-MD5 says");
  if (check_ == Check::kNone) return summary;
  if (checksum_.empty())
    return error("InvalidRequest", fmt::format("the trailer {} did not come", checksum_name_));
  const auto sent = from_base64(checksum_);
  if (!sent || *sent != computed_checksum(summary.sha256))
    return error("BadDigest", fmt::format("the body is not what {} says", checksum_name_));
  summary.checksum_name = checksum_name_;
  summary.checksum = checksum_;
  return summary;
}

}  // namespace callscope::receive::s3
