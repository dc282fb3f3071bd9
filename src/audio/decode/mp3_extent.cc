// MPEG audio, layer III (ISO 11172-3, 13818-3): a row of frames, each with its own header, mostly
// with ID3 tags around it. Most encoders put a first frame without sound that states how many
// follow ("Xing", "Info").
#include <algorithm>
#include <array>
#include <string_view>

#include "audio/decode/extent.h"

namespace callscope::audio {
namespace {

constexpr size_t kHeaderBytes = 4;
// Frames in a row that are no accident.
constexpr int kRowMin = 3;
// More than any encoder's frame, and than ID3's first version behind the last.
constexpr size_t kTailBytes = 16 * 1024;
constexpr size_t kId3v1Bytes = 128;
constexpr size_t kId3v2HeaderBytes = 10;

struct Frame {
  size_t bytes = 0;
  int samples = 0;        // of each channel
  size_t side_bytes = 0;  // between the header and the samples' codes
};

std::optional<Frame> frame_at(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  const auto header = static_cast<uint32_t>(big_endian(bytes.substr(0, kHeaderBytes)));
  const uint32_t version = header >> 19 & 3;  // 0: 2.5, 2: 2, 3: 1
  const uint32_t layer = header >> 17 & 3;    // 1: III
  const uint32_t rate_index = header >> 12 & 15;
  const uint32_t hertz_index = header >> 10 & 3;
  if (header >> 21 != 0x7FF || version == 1 || layer != 1 || rate_index == 0 || rate_index == 15 ||
      hertz_index == 3)
    return std::nullopt;
  constexpr std::array<int, 15> kKilobits1 = {0,   32,  40,  48,  56,  64,  80, 96,
                                              112, 128, 160, 192, 224, 256, 320};
  constexpr std::array<int, 15> kKilobits2 = {0,  8,  16, 24,  32,  40,  48, 56,
                                              64, 80, 96, 112, 128, 144, 160};
  constexpr std::array<int, 3> kHertz = {44'100, 48'000, 32'000};
  const bool first_version = version == 3;
  const int kilobits = (first_version ? kKilobits1 : kKilobits2)[rate_index];
  const int hertz = kHertz[hertz_index] / (first_version ? 1 : version == 2 ? 2 : 4);
  const int samples = first_version ? 1152 : 576;
  const int padding = static_cast<int>(header >> 9 & 1);
  const bool mono = (header >> 6 & 3) == 3;
  const bool guarded = (header >> 16 & 1) == 0;
  const size_t side = first_version ? (mono ? 17 : 32) : (mono ? 9 : 17);
  return Frame{.bytes = static_cast<size_t>(samples / 8 * kilobits * 1000 / hertz + padding),
               .samples = samples,
               .side_bytes = side + (guarded ? 2 : 0)};
}

// Where the frames begin: behind ID3's second version, whose length has seven bits a byte.
uint64_t frames_begin(const Bytes& bytes) {
  const std::string tag = bytes_at(bytes, 0, kId3v2HeaderBytes);
  if (tag.size() < kId3v2HeaderBytes || !tag.starts_with("ID3")) return 0;
  uint64_t size = 0;
  for (size_t i = 6; i < 10; ++i) size = size << 7 | (static_cast<uint8_t>(tag[i]) & 0x7F);
  const bool has_footer = (tag[5] & 0x10) != 0;
  return kId3v2HeaderBytes + size + (has_footer ? kId3v2HeaderBytes : 0);
}

// What the first frame, at `begin`, states of those that follow.
Extent stated(std::string_view first, const Frame& frame, const Bytes& bytes, uint64_t begin) {
  const size_t at = kHeaderBytes + frame.side_bytes;
  if (first.size() < at + 16) return {};
  const std::string_view tag = first.substr(at);
  if (!tag.starts_with("Xing") && !tag.starts_with("Info")) return {};
  const uint64_t fields = big_endian(tag.substr(4, 4));
  constexpr uint64_t kFrames = 1, kBytes = 2, kAll = 15;
  Extent extent;
  if ((fields & kFrames) != 0) {
    auto samples = static_cast<int64_t>(big_endian(tag.substr(8, 4))) * frame.samples;
    // The encoder's delay and padding, which decoders leave out.
    if (fields == kAll && tag.size() >= 144 && tag.substr(120, 4) == "LAME") {
      const uint64_t silence = big_endian(tag.substr(141, 3));
      samples -= static_cast<int64_t>((silence >> 12) + (silence & 0xFFF));
    }
    extent.frames_stated = std::max<int64_t>(samples, 0);
  }
  if ((fields & (kFrames | kBytes)) != (kFrames | kBytes)) return extent;
  const uint64_t end = begin + big_endian(tag.substr(12, 4));
  if (end > bytes.size()) extent.cut_off = "it has fewer bytes than its first frame states";
  const std::string behind = bytes_at(bytes, end, kId3v2HeaderBytes);
  if (behind.starts_with("ID3") || frame_at(behind))
    extent.unread = "the file that follows its end was not read";
  return extent;
}

// How many frames follow each other, and where they end.
struct Row {
  int frames = 0;
  size_t end = 0;
};
Row row_at(std::string_view bytes, size_t at) {
  Row row{0, at};
  while (row.end < bytes.size()) {
    const auto frame = frame_at(bytes.substr(row.end));
    if (!frame) break;
    row.end += frame->bytes;
    ++row.frames;
  }
  return row;
}

// Whether a row of frames at the file's end leaves its last one incomplete.
bool ends_amid_a_frame(std::string_view tail) {
  for (size_t start = 0; start + kHeaderBytes < tail.size(); ++start) {
    const auto [frames, at] = row_at(tail, start);
    if (frames < kRowMin) continue;
    const bool amid_a_header =
        at < tail.size() && at + kHeaderBytes > tail.size() && tail[at] == '\xFF';
    return at > tail.size() || amid_a_header;
  }
  return false;
}

}  // namespace

std::optional<uint64_t> mp3_begins_late(const Bytes& bytes) {
  constexpr size_t kReach = 64 * 1024;
  const std::string start = bytes_at(bytes, 0, kReach + kTailBytes);
  for (size_t at = 0; at < std::min(start.size(), kReach); ++at) {
    if (start[at] == '\xFF' && row_at(start, at).frames >= 2 * kRowMin)
      return at == 0 ? std::nullopt : std::optional<uint64_t>(at);
  }
  return std::nullopt;
}

Extent mp3_extent(const Bytes& bytes) {
  const uint64_t begin = frames_begin(bytes);
  const std::string first = bytes_at(bytes, begin, 256);
  const auto frame = frame_at(first);
  if (!frame) return {};
  const std::string end =
      bytes_at(bytes, bytes.size() > kTailBytes ? bytes.size() - kTailBytes : begin, kTailBytes);
  std::string_view tail = end;
  if (tail.size() >= kId3v1Bytes && tail.substr(tail.size() - kId3v1Bytes).starts_with("TAG"))
    tail.remove_suffix(kId3v1Bytes);
  Extent extent = stated(first, *frame, bytes, begin);
  if (extent.cut_off.empty() && ends_amid_a_frame(tail))
    extent.cut_off = "its last frame is incomplete";
  return extent;
}

}  // namespace callscope::audio
