// Content codings of bodies: what a sender compressed is unpacked under a limit that holds while
// unpacking, and answers are compressed for clients that take it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace callscope::http {

enum class Coding { kIdentity, kGzip, kDeflate, kZstd };

// Reads a Content-Encoding; an absent or empty one is identity. kUnsupported for an unknown coding
// and for several at once.
Result<Coding> parse_coding(std::string_view content_encoding);

// The unpacked bytes. kTooLarge as soon as they would exceed `bytes_max`, kInvalidArgument for a
// stream that is broken, ends early or has bytes behind its end. "deflate" is taken with the zlib
// wrapper that its specification asks for and without it, as some senders do.
Result<std::string> decode(Coding coding, std::string_view bytes, size_t bytes_max);

// The same for a body that comes in pieces; what is unpacked of one piece is handed on in pieces
// too, so that no more than a few of them are in memory.
class StreamDecoder {
 public:
  StreamDecoder(Coding coding, size_t bytes_max);
  ~StreamDecoder();

  // `out` takes what was unpacked; its error ends the work and is returned.
  using Out = std::function<Result<void>(std::string_view)>;
  Result<void> write(std::string_view bytes, const Out& out);
  // kInvalidArgument where the stream ends early.
  Result<void> finish() const;

 private:
  struct State;
  Result<void> write_zlib(std::string_view bytes, const Out& out);
  Result<void> write_zstd(std::string_view bytes, const Out& out);
  Result<void> pass_on(std::string_view bytes, const Out& out);

  const Coding coding_;
  const size_t bytes_max_;
  size_t bytes_ = 0;  // unpacked so far
  std::unique_ptr<State> state_;
};

// One gzip member, at the fastest level.
std::string gzip(std::string_view bytes);

}  // namespace callscope::http
