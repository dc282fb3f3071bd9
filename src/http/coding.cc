#include "http/coding.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/check.h"
#include "http/headers.h"

namespace callscope::http {
namespace {

// zlib counts in 32 bits: larger inputs and outputs are fed to it in pieces.
constexpr size_t kPieceBytes = 1u << 30;
constexpr size_t kFirstOutputBytes = 64 * 1024;
constexpr size_t kStreamPieceBytes = 64 * 1024;
// 8 MiB, which RFC 9659 sets as the window that a sender of a zstd body may ask for.
constexpr int kZstdWindowLog = 23;

Error broken(std::string_view coding) {
  return {ErrorCode::kInvalidArgument, fmt::format("the body is not valid {}", coding),
          "Content-Encoding"};
}

Error too_large(size_t bytes_max) {
  return {ErrorCode::kTooLarge, fmt::format("the unpacked body is larger than {} bytes", bytes_max),
          "Content-Encoding"};
}

// Room to unpack into. It grows by doubling, but never past one byte more than the limit: the byte
// that tells a body of exactly the limit from one that is too large.
class Output {
 public:
  Output(size_t input_bytes, size_t bytes_max) : max_(bytes_max + 1) {
    bytes_.resize(std::min(max_, std::max(kFirstOutputBytes, input_bytes * 4)));
  }

  char* at() { return bytes_.data() + used_; }
  size_t room() {
    if (used_ == bytes_.size()) bytes_.resize(std::min(max_, bytes_.size() * 2));
    return bytes_.size() - used_;
  }
  void advance(size_t n) { used_ += n; }
  bool over_limit() const { return used_ == max_; }
  std::string take() && {
    bytes_.resize(used_);
    return std::move(bytes_);
  }

 private:
  const size_t max_;
  std::string bytes_;
  size_t used_ = 0;
};

class Inflater {
 public:
  explicit Inflater(int window_bits) {
    CHECK(inflateInit2(&stream_, window_bits) == Z_OK, "zlib has memory");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
};

Result<std::string> unpack_zlib(std::string_view name, int window_bits, std::string_view bytes,
                                size_t bytes_max) {
  Inflater inflater(window_bits);
  z_stream& z = inflater.stream();
  Output output(bytes.size(), bytes_max);
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (;;) {
    const auto in = static_cast<uInt>(std::min(left, kPieceBytes));
    const auto out = static_cast<uInt>(std::min(output.room(), kPieceBytes));
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(at));  // zlib reads through it only
    z.avail_in = in;
    z.next_out = reinterpret_cast<Bytef*>(output.at());
    z.avail_out = out;
    const int status = inflate(&z, Z_NO_FLUSH);
    at += in - z.avail_in;
    left -= in - z.avail_in;
    output.advance(out - z.avail_out);
    if (output.over_limit()) return too_large(bytes_max);
    if (status == Z_STREAM_END) {
      if (left == 0) return std::move(output).take();
      // RFC 1952 lets a gzip body be several members in a row; nothing else may follow.
      if (name != "gzip" || inflateReset(&z) != Z_OK) return broken(name);
      continue;
    }
    const bool ends_early = left == 0 && z.avail_out != 0;
    if (status != Z_OK || ends_early) return broken(name);
  }
}

// A zlib wrapper starts with the method 8 and a check of its first two bytes (RFC 1950).
bool has_zlib_wrapper(std::string_view bytes) {
  if (bytes.size() < 2) return false;
  const unsigned first = static_cast<unsigned char>(bytes[0]);
  const unsigned second = static_cast<unsigned char>(bytes[1]);
  return (first & 0x0F) == 8 && (first << 8 | second) % 31 == 0;
}

Result<std::string> unpack_zstd(std::string_view bytes, size_t bytes_max) {
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                   ZSTD_freeDCtx);
  CHECK(context != nullptr, "zstd has memory");
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdWindowLog);
  Output output(bytes.size(), bytes_max);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  for (;;) {
    const size_t room = output.room();
    ZSTD_outBuffer out{output.at(), room, 0};
    const size_t wanted = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(wanted)) return broken("zstd");
    output.advance(out.pos);
    if (output.over_limit()) return too_large(bytes_max);
    const bool all_read = in.pos == in.size;
    // Nothing more is wanted between frames, of which a body may have several.
    if (all_read && wanted == 0) return std::move(output).take();
    if (all_read && out.pos < out.size) return broken("zstd");
  }
}

}  // namespace

Result<Coding> parse_coding(std::string_view content_encoding) {
  const std::string name = media_type(content_encoding);  // trimmed and in lower case
  if (name.empty() || name == "identity") return Coding::kIdentity;
  if (name == "gzip" || name == "x-gzip") return Coding::kGzip;
  if (name == "deflate") return Coding::kDeflate;
  if (name == "zstd") return Coding::kZstd;
  return Error{ErrorCode::kUnsupported,
               "Content-Encoding must be one of identity, gzip, deflate and zstd, not " + name,
               "Content-Encoding"};
}

Result<std::string> decode(Coding coding, std::string_view bytes, size_t bytes_max) {
  switch (coding) {
    case Coding::kIdentity:
      break;
    case Coding::kGzip:
      return unpack_zlib("gzip", 15 + 16, bytes, bytes_max);
    case Coding::kDeflate:
      return unpack_zlib("deflate", has_zlib_wrapper(bytes) ? 15 : -15, bytes, bytes_max);
    case Coding::kZstd:
      return unpack_zstd(bytes, bytes_max);
  }
  if (bytes.size() > bytes_max) return too_large(bytes_max);
  return std::string(bytes);
}

struct StreamDecoder::State {
  std::unique_ptr<Inflater> zlib;
  std::string first_bytes;   // of a deflate stream, until there are enough to tell its wrapper
  bool is_complete = false;  // nothing more is wanted; gzip and zstd may go on
  std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> zstd{nullptr, ZSTD_freeDCtx};
  std::string piece;
};

StreamDecoder::StreamDecoder(Coding coding, size_t bytes_max)
    : coding_(coding), bytes_max_(bytes_max), state_(std::make_unique<State>()) {
  if (coding == Coding::kIdentity) return;
  state_->piece.resize(kStreamPieceBytes);
  if (coding == Coding::kGzip) state_->zlib = std::make_unique<Inflater>(15 + 16);
  if (coding == Coding::kZstd) {
    state_->zstd.reset(ZSTD_createDCtx());
    CHECK(state_->zstd != nullptr, "zstd has memory");
    ZSTD_DCtx_setParameter(state_->zstd.get(), ZSTD_d_windowLogMax, kZstdWindowLog);
  }
}

StreamDecoder::~StreamDecoder() = default;

Result<void> StreamDecoder::pass_on(std::string_view bytes, const Out& out) {
  if (bytes.size() > bytes_max_ - bytes_) return too_large(bytes_max_);
  bytes_ += bytes.size();
  if (bytes.empty()) return {};
  return out(bytes);
}

Result<void> StreamDecoder::write(std::string_view bytes, const Out& out) {
  switch (coding_) {
    case Coding::kIdentity:
      return pass_on(bytes, out);
    case Coding::kZstd:
      return write_zstd(bytes, out);
    case Coding::kGzip:
      return write_zlib(bytes, out);
    case Coding::kDeflate:
      break;
  }
  if (state_->zlib) return write_zlib(bytes, out);
  state_->first_bytes += bytes;
  if (state_->first_bytes.size() < 2) return {};
  state_->zlib = std::make_unique<Inflater>(has_zlib_wrapper(state_->first_bytes) ? 15 : -15);
  return write_zlib(std::exchange(state_->first_bytes, {}), out);
}

Result<void> StreamDecoder::write_zlib(std::string_view bytes, const Out& out) {
  const std::string_view name = coding_ == Coding::kGzip ? "gzip" : "deflate";
  z_stream& z = state_->zlib->stream();
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib reads only
  z.avail_in = static_cast<uInt>(bytes.size());
  for (bool more = true; more;) {
    if (z.avail_in > 0 && state_->is_complete && coding_ != Coding::kGzip) return broken(name);
    if (z.avail_in > 0) state_->is_complete = false;
    z.next_out = reinterpret_cast<Bytef*>(state_->piece.data());
    z.avail_out = static_cast<uInt>(state_->piece.size());
    const int status = inflate(&z, Z_NO_FLUSH);
    const size_t unpacked = state_->piece.size() - z.avail_out;
    TRY(pass_on({state_->piece.data(), unpacked}, out));
    if (status == Z_STREAM_END) {
      state_->is_complete = true;
      if (coding_ == Coding::kGzip && inflateReset(&z) != Z_OK) return broken(name);
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      return broken(name);
    }
    more = z.avail_in > 0 || (status == Z_OK && z.avail_out == 0);
  }
  return {};
}

Result<void> StreamDecoder::write_zstd(std::string_view bytes, const Out& out) {
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  for (bool more = in.size > 0; more;) {
    ZSTD_outBuffer unpacked{state_->piece.data(), state_->piece.size(), 0};
    const size_t wanted = ZSTD_decompressStream(state_->zstd.get(), &unpacked, &in);
    if (ZSTD_isError(wanted)) return broken("zstd");
    TRY(pass_on({state_->piece.data(), unpacked.pos}, out));
    state_->is_complete = wanted == 0;
    more = in.pos < in.size || (wanted != 0 && unpacked.pos == unpacked.size);
  }
  return {};
}

Result<void> StreamDecoder::finish() const {
  if (coding_ == Coding::kIdentity) return {};
  if (state_->is_complete) return {};
  return broken(coding_ == Coding::kGzip ? "gzip" : coding_ == Coding::kZstd ? "zstd" : "deflate");
}

std::string gzip(std::string_view bytes) {
  z_stream z{};
  CHECK(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib has memory");
  std::string out;
  out.resize(deflateBound(&z, bytes.size()));
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  size_t left = bytes.size();
  size_t room = out.size();
  int status = Z_OK;
  z.next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib reads through it only
  while (status == Z_OK) {
    const auto in = static_cast<uInt>(std::min(left, kPieceBytes));
    const auto piece = static_cast<uInt>(std::min(room, kPieceBytes));
    z.avail_in = in;
    z.avail_out = piece;
    status = deflate(&z, in == left ? Z_FINISH : Z_NO_FLUSH);
    left -= in - z.avail_in;
    room -= piece - z.avail_out;
  }
  CHECK(status == Z_STREAM_END, "deflateBound bounds the output");
  deflateEnd(&z);
  out.resize(out.size() - room);
  return out;
}

}  // namespace callscope::http
