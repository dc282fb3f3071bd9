// What the structure of a file says of its length, without decoding it: how long the recording is
// by its header, and whether the file ends where its format says that it does.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "audio/bytes.h"

namespace callscope::audio {

struct Extent {
  // Absent where the header leaves it open, as one written to a stream does.
  std::optional<int64_t> frames_stated;
  // Why the file must have been cut off, such as "its last page is incomplete"; empty where nothing
  // says so.
  std::string cut_off;
  // Where a WAV file states that it has no samples although there are some: what wrote it could not
  // go back. 0 in any other file.
  uint64_t unset_length_at = 0;
  // What libsndfile leaves unread: files of these formats can be put one behind the other, and it
  // stops after the first. Empty where there is but one.
  std::string unread = {};
  // Where the first of several WAV files does, which libsndfile would not take; 0 otherwise.
  uint64_t first_ends_at = 0;
};

// WAV, RF64, W64, AIFF, AU, FLAC, MP3 (layer III) and Ogg; of anything else nothing is known.
Extent extent_of(const Bytes& bytes);

Extent mp3_extent(const Bytes& bytes);  // mp3_extent.cc

// Where MP3's frames begin in a file that begins amid them, or with something else: behind at most
// 64 KB. Nullopt where no row of frames follows, or where the file begins with one.
std::optional<uint64_t> mp3_begins_late(const Bytes& bytes);

// Big- and little-endian numbers of one to eight bytes.
uint64_t big_endian(std::span<const char> bytes);
uint64_t little_endian(std::span<const char> bytes);

// The bytes from `offset`, as many as there are up to `size`; none where they cannot be read, which
// the decoder will say.
std::string bytes_at(const Bytes& bytes, uint64_t offset, size_t size);

// A piece of the bytes, which stands for a file of its own.
std::unique_ptr<Bytes> part_of(std::unique_ptr<Bytes> whole, uint64_t offset, uint64_t size);

}  // namespace callscope::audio
