#include "audio/decode/extent.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace callscope::audio {
namespace {

// Recorders put a handful of chunks before the samples; more is no WAV file.
constexpr int kWavChunksMax = 64;
// What stands where a length was not known when the header was written.
constexpr uint64_t kWavLengthOpen = 0xFFFFFF00;
constexpr uint64_t kWavLengthOpenSigned = 0x7FFFF000;  // up to 0x7FFFFFFF

std::string_view part(std::string_view bytes, size_t from, size_t size) {
  return from + size <= bytes.size() ? bytes.substr(from, size) : std::string_view();
}

Extent cut_before(uint64_t stated_bytes, uint64_t size) {
  if (stated_bytes <= size) return {};
  return {.frames_stated = {},
          .cut_off =
              fmt::format("of {} bytes that its header states {} are there", stated_bytes, size)};
}

// Frames in `data_bytes` of a WAV file's samples, by its format chunk.
std::optional<int64_t> wav_frames(std::string_view format, uint64_t data_bytes) {
  if (format.size() < 16) return std::nullopt;
  const uint64_t tag = little_endian(part(format, 0, 2));
  const uint64_t block_bytes = little_endian(part(format, 12, 2));
  if (block_bytes == 0) return std::nullopt;
  uint64_t block_frames = 1;
  // Microsoft's and IMA's ADPCM and GSM 6.10 code blocks, whose length in frames follows.
  if (tag == 0x02 || tag == 0x11 || tag == 0x31) {
    if (format.size() < 20) return std::nullopt;
    block_frames = little_endian(part(format, 18, 2));
  } else if (tag != 1 && tag != 3 && tag != 6 && tag != 7 && tag != 0xFFFE) {
    return std::nullopt;
  }
  const uint64_t blocks = data_bytes / block_bytes;
  if (blocks > uint64_t{1} << 47) return std::nullopt;
  return static_cast<int64_t>(blocks * block_frames);
}

bool is_open(uint64_t wav_length) {
  return wav_length >= kWavLengthOpen ||
         (wav_length >= kWavLengthOpenSigned && wav_length <= 0x7FFFFFFF);
}

// Whether a chunk that ends within the file begins there.
bool chunk_begins(const Bytes& bytes, uint64_t at) {
  const std::string head = bytes_at(bytes, at, 8);
  return head.size() == 8 &&
         std::all_of(head.begin(), head.begin() + 4, [](char c) { return c >= ' ' && c <= '~'; }) &&
         little_endian(part(head, 4, 4)) <= bytes.size() - at - 8;
}

Extent wav_extent(const Bytes& bytes) {
  std::string format;
  uint64_t long_data_bytes = 0;  // of RF64, whose data chunk has no room for it
  uint64_t at = 12;
  for (int chunk = 0; chunk < kWavChunksMax; ++chunk) {
    const std::string head = bytes_at(bytes, at, 8 + 40);
    if (head.size() < 8) return {};
    uint64_t size = little_endian(part(head, 4, 4));
    if (head.starts_with("fmt "))
      format = head.substr(8, static_cast<size_t>(std::min<uint64_t>(size, 40)));
    if (head.starts_with("ds64") && head.size() >= 24)
      long_data_bytes = little_endian(part(head, 16, 8));
    if (head.starts_with("data")) {
      if (long_data_bytes > 0 && size == 0xFFFFFFFF) {
        size = long_data_bytes;
      } else if (is_open(size)) {
        return {};
      } else if (size == 0) {
        const bool has_samples = bytes.size() > at + 8 && !chunk_begins(bytes, at + 8);
        return {.unset_length_at = has_samples ? at + 4 : 0};
      }
      if (size > UINT64_MAX - at - 8) return {};
      Extent extent = cut_before(at + 8 + size, bytes.size());
      extent.frames_stated = wav_frames(format, size);
      if (const uint64_t end = at + 8 + size + (size & 1);
          extent.cut_off.empty() && bytes_at(bytes, end, 4) == "RIFF") {
        extent.first_ends_at = end;
        extent.unread = "the WAV file that follows its end was not read";
      }
      return extent;
    }
    at += 8 + size + (size & 1);
  }
  return {};
}

Extent aiff_extent(std::string_view head, const Bytes& bytes) {
  const uint64_t size = big_endian(part(head, 4, 4));
  if (size == 0 || size >= kWavLengthOpen) return {};
  return cut_before(size + 8, bytes.size());
}

Extent au_extent(std::string_view head, const Bytes& bytes) {
  const uint64_t from = big_endian(part(head, 4, 4));
  const uint64_t size = big_endian(part(head, 8, 4));
  if (size == 0 || size == 0xFFFFFFFF) return {};
  return cut_before(from + size, bytes.size());
}

// --- FLAC (RFC 9639): every frame ends with the CRC of its bytes
// -------------------------------------------------------------------------------------

uint16_t flac_crc(std::string_view bytes) {
  uint32_t crc = 0;
  for (const char byte : bytes) {
    crc ^= static_cast<uint32_t>(static_cast<uint8_t>(byte)) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = crc << 1 ^ ((crc & 0x8000) != 0 ? 0x8005 : 0);
    crc &= 0xFFFF;
  }
  return static_cast<uint16_t>(crc);
}

Extent flac_extent(std::string_view head, const Bytes& bytes) {
  if (head.size() < 42) return {};
  Extent extent;
  const uint64_t frame_bytes_stated = big_endian(part(head, 15, 3));
  const uint64_t frames = big_endian(part(head, 21, 5)) & 0xF'FFFF'FFFF;
  if (frames > 0) {
    // Decoding tells whether as many are there.
    extent.frames_stated = static_cast<int64_t>(frames);
    return extent;
  }
  // The longest frame of the encoders' usual 4,608 samples of 8 channels is shorter than this.
  constexpr uint64_t kFrameBytesMax = 128 * 1024;
  const uint64_t reach =
      frame_bytes_stated == 0 ? kFrameBytesMax : std::min(frame_bytes_stated, kFrameBytesMax);
  const uint64_t from = bytes.size() > reach ? bytes.size() - reach : 42;
  const std::string end = bytes_at(bytes, from, static_cast<size_t>(reach));
  if (end.size() < 4) return extent;
  const auto crc = static_cast<uint16_t>(big_endian(std::string_view(end).substr(end.size() - 2)));
  for (size_t at = end.size() - 3; at-- > 0;) {
    if (static_cast<uint8_t>(end[at]) != 0xFF || (static_cast<uint8_t>(end[at + 1]) & 0xFE) != 0xF8)
      continue;
    if (flac_crc(std::string_view(end).substr(at, end.size() - 2 - at)) == crc) return extent;
  }
  extent.cut_off = "its last frame is incomplete";
  return extent;
}

// --- Ogg (RFC 3533): the last page says that the stream ends ----------------------------------

constexpr size_t kPageHeaderBytes = 27;
constexpr size_t kPageBytesMax = kPageHeaderBytes + 255 + 255 * 255;

Extent ogg_extent(const Bytes& bytes) {
  const uint64_t from = bytes.size() > kPageBytesMax ? bytes.size() - kPageBytesMax : 0;
  const std::string end = bytes_at(bytes, from, kPageBytesMax);
  const std::string_view page = [&] {
    const size_t at = end.rfind("OggS");
    return at == end.npos ? std::string_view() : std::string_view(end).substr(at);
  }();
  const size_t segments = page.size() < kPageHeaderBytes ? 0 : static_cast<uint8_t>(page[26]);
  size_t length = kPageHeaderBytes + segments;
  for (const char lacing : part(page, kPageHeaderBytes, segments))
    length += static_cast<uint8_t>(lacing);
  if (page.size() < kPageHeaderBytes + segments || page.size() < length)
    return {.frames_stated = {}, .cut_off = "its last page is incomplete"};
  Extent extent;
  const std::string first = bytes_at(bytes, 0, kPageHeaderBytes);
  if (part(first, 14, 4) != part(page, 14, 4)) extent.unread = "its second Ogg stream was not read";
  constexpr int kEndOfStream = 4;
  if ((page[5] & kEndOfStream) == 0) extent.cut_off = "no page says that the stream ends";
  return extent;
}

class Part : public Bytes {
 public:
  Part(std::unique_ptr<Bytes> whole, uint64_t offset, uint64_t size)
      : whole_(std::move(whole)), offset_(offset), size_(size) {}
  uint64_t size() const override { return size_; }
  Result<size_t> read_at(uint64_t offset, char* out, size_t size) const override {
    if (offset >= size_) return size_t{0};
    return whole_->read_at(offset_ + offset, out,
                           static_cast<size_t>(std::min<uint64_t>(size, size_ - offset)));
  }

 private:
  std::unique_ptr<Bytes> whole_;
  uint64_t offset_, size_;
};

}  // namespace

uint64_t big_endian(std::span<const char> bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

uint64_t little_endian(std::span<const char> bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

std::string bytes_at(const Bytes& bytes, uint64_t offset, size_t size) {
  if (offset >= bytes.size()) return {};
  std::string out(static_cast<size_t>(std::min<uint64_t>(size, bytes.size() - offset)), '\0');
  const auto got = bytes.read_at(offset, out.data(), out.size());
  out.resize(got ? *got : 0);
  return out;
}

std::unique_ptr<Bytes> part_of(std::unique_ptr<Bytes> whole, uint64_t offset, uint64_t size) {
  return std::make_unique<Part>(std::move(whole), offset, size);
}

Extent extent_of(const Bytes& bytes) {
  constexpr std::string_view kW64 = "riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1";
  const std::string head = bytes_at(bytes, 0, 48);
  const std::string_view form = part(head, 8, 4);
  if ((head.starts_with("RIFF") || head.starts_with("RF64")) && form == "WAVE")
    return wav_extent(bytes);
  if (head.starts_with(kW64)) return cut_before(little_endian(part(head, 16, 8)), bytes.size());
  if (head.starts_with("FORM") && form.starts_with("AIF")) return aiff_extent(head, bytes);
  if (head.starts_with(".snd")) return au_extent(head, bytes);
  if (head.starts_with("fLaC")) return flac_extent(head, bytes);
  if (head.starts_with("OggS")) return ogg_extent(bytes);
  return mp3_extent(bytes);
}

}  // namespace callscope::audio
