#include "audio/source.h"

#include <algorithm>
#include <array>

#include "audio/decode/decoders.h"

namespace callscope::audio {
namespace {

// Containers that people send and that we do not decode, by how they begin.
struct Foreign {
  size_t offset;
  std::string_view magic;
  const char* name;
};
constexpr Foreign kForeign[] = {
    {0, "\x1A\x45\xDF\xA3", "WebM or Matroska"},
    {4, "ftyp", "MP4 or M4A"},
    {0, "#!AMR", "AMR"},
    {0, "%PDF", "PDF"},
    {0, "PK\x03\x04", "ZIP"},
    {0, "\x1F\x8B", "gzip"},
    {0, "{", "JSON or text"},
    {0, "<", "XML or HTML"},
};

}  // namespace

std::optional<RawEncoding> raw_encoding(std::string_view name) {
  if (name == "s16le") return RawEncoding::kPcm16Le;
  if (name == "s16be") return RawEncoding::kPcm16Be;
  if (name == "mulaw") return RawEncoding::kMulaw;
  if (name == "alaw") return RawEncoding::kAlaw;
  if (name == "f32le") return RawEncoding::kFloat32Le;
  return std::nullopt;
}

void make_finite(std::span<float> samples) {
  // 60 dB above full scale: what is louder is damage, and sums of it would overflow.
  constexpr float kMagnitudeMax = 1000;
  // Whole vectors at a time: the difference is 0 for what is finite and not a number otherwise.
  for (float& sample : samples) {
    const float finite = sample - sample == 0 ? sample : 0;
    sample = std::clamp(finite, -kMagnitudeMax, kMagnitudeMax);
  }
}

Result<std::unique_ptr<Source>> open_source(std::unique_ptr<Bytes> bytes,
                                            const SourceHints& hints) {
  if (bytes->size() == 0) return Error{ErrorCode::kInvalidArgument, "the recording is empty"};
  std::array<char, 64> head{};
  const size_t size = TRY(bytes->read_at(0, head.data(), head.size()));
  const std::string_view start(head.data(), size);
  std::unique_ptr<Source> source;
  if (!hints.raw && start.starts_with("OggS") && start.find("OpusHead") != start.npos) {
    source = TRY(open_opus(std::move(bytes), hints));
  } else {
    auto opened = open_sndfile(std::move(bytes), hints);
    if (!opened) {
      for (const Foreign& foreign : kForeign) {
        if (start.size() > foreign.offset &&
            start.substr(foreign.offset).starts_with(foreign.magic)) {
          return Error{
              ErrorCode::kUnsupported,
              std::string("the recording is no audio that can be decoded: it looks like ") +
                  foreign.name};
        }
      }
      return std::move(opened).error();
    }
    source = std::move(*opened);
  }
  const AudioInfo& info = source->info();
  if (info.channels < 1 || info.channels > kChannelsMax) {
    return Error{ErrorCode::kUnsupported,
                 "a recording has 1 to 16 channels, not " + std::to_string(info.channels)};
  }
  if (info.sample_rate_hz < kSampleRateMin || info.sample_rate_hz > kSampleRateMax) {
    return Error{ErrorCode::kUnsupported, "a recording has 2000 to 384000 samples a second, not " +
                                              std::to_string(info.sample_rate_hz)};
  }
  return source;
}

Result<std::unique_ptr<Source>> open_audio(const std::filesystem::path& path,
                                           const SourceHints& hints) {
  auto opened = open_source(TRY(open_file_bytes(path)), hints);
  if (!opened) return std::move(opened).error().within(path.string());
  return opened;
}

}  // namespace callscope::audio
