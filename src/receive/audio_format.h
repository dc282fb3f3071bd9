// What a file of audio is, told by its bytes: senders name types that are wrong.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace callscope::receive {

// How samples are written in a WAV file or without a container.
enum class SampleEncoding : uint8_t {
  kNone,  // in a format that says for itself
  kU8,
  kS16Le,
  kS24Le,
  kS32Le,
  kF32Le,
  kF64Le,
  kMulaw,
  kAlaw,
};
std::string_view to_string(SampleEncoding encoding);  // "s16le", "mulaw", …; "" for kNone
std::optional<SampleEncoding> parse_sample_encoding(std::string_view name);
int bytes_per_sample(SampleEncoding encoding);  // 0 for kNone

// Of samples without a container, as their sender states it.
struct RawFormat {
  SampleEncoding encoding = SampleEncoding::kS16Le;
  int64_t sample_rate_hz = 0;
  int64_t channels = 0;
};

// What the SDK uploads as audio/raw, with the caller on the left and the agent on the right.
inline constexpr RawFormat kSdkFormat{
    .encoding = SampleEncoding::kS16Le, .sample_rate_hz = 24'000, .channels = 2};
inline constexpr int64_t kSdkAgentChannel = 1;

struct AudioFormat {
  std::string format;        // "wav", "flac", "mp3", "ogg", "raw"
  std::string content_type;  // "audio/wav", …
  SampleEncoding encoding = SampleEncoding::kNone;
  std::string codec;  // in an Ogg file: "opus" or "vorbis"
  std::optional<int64_t> channels;
  std::optional<int64_t> sample_rate_hz;
  std::optional<int64_t> duration_ms;
  // Of a WAV or raw file: where its samples lie.
  uint64_t data_offset = 0;
  uint64_t data_bytes = 0;
};

using ReadBytes = std::function<Result<std::string>(uint64_t offset, size_t size)>;

// Looks at a file that comes in pieces. Holds its first and its last 64 KiB.
class AudioSniffer {
 public:
  // `raw` is what samples without a container are, where the sender says so.
  explicit AudioSniffer(std::optional<RawFormat> raw = std::nullopt);

  // kUnsupported as soon as the bytes can be no audio that we know.
  Result<void> write(std::string_view bytes);
  Result<AudioFormat> finish() const;

 private:
  friend Result<AudioFormat> look_at_audio(uint64_t, const ReadBytes&, std::optional<RawFormat>);
  Result<AudioFormat> recognise() const;

  const std::optional<RawFormat> raw_;
  std::string head_;          // from head_offset_ on
  uint64_t head_offset_ = 0;  // behind an ID3 tag
  std::string tail_;
  uint64_t bytes_ = 0;
  bool is_checked_ = false;
};

// The same of a file that lies somewhere: `read` gives bytes within it.
Result<AudioFormat> look_at_audio(uint64_t file_bytes, const ReadBytes& read,
                                  std::optional<RawFormat> raw);

// The format of a Content-Type such as "audio/L8; rate=8000; channels=2", or nullopt where it names
// no raw samples. Rate and channels are 0 where it does not say.
std::optional<RawFormat> raw_format_of(std::string_view content_type);

}  // namespace callscope::receive
