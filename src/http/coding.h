// Content codings of bodies: what a sender compressed is unpacked under a limit that holds while
// unpacking, and answers are compressed for clients that take it.
#pragma once

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

// One gzip member, at the fastest level.
std::string gzip(std::string_view bytes);

}  // namespace callscope::http
