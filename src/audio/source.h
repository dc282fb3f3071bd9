// A recording as it is decoded, front to back: WAV, FLAC, MP3, Ogg (Opus, Vorbis) and others of
// libsndfile, and raw samples whose format is stated. Memory does not grow with the length.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "audio/bytes.h"
#include "base/result.h"

namespace callscope::audio {

inline constexpr int kChannelsMax = 16;         // more is no recording of a call
inline constexpr int kSampleRateMax = 384'000;  // the highest that converters are sold with
inline constexpr int kSampleRateMin = 2'000;    // below it there is no speech left

enum class RawEncoding { kPcm16Le, kPcm16Be, kMulaw, kAlaw, kFloat32Le };
// "s16le", "s16be", "mulaw", "alaw", "f32le"; nullopt for anything else.
std::optional<RawEncoding> raw_encoding(std::string_view name);

// Samples without a header.
struct RawFormat {
  RawEncoding encoding = RawEncoding::kPcm16Le;
  int channels = 1;
  int sample_rate_hz = 16'000;
};

struct SourceHints {
  std::optional<RawFormat> raw;  // set where the bytes have no header; otherwise the bytes decide
  // Nothing but the analysis reads it: what need not be decoded above kAnalysisRate is not.
  bool for_analysis = false;
};

struct AudioInfo {
  std::string format;    // "wav", "flac", "mp3", "ogg", "raw", …
  std::string encoding;  // "pcm_s16", "mulaw", "opus", …
  int channels = 0;
  int sample_rate_hz = 0;   // of the recording
  int decoded_rate_hz = 0;  // of what read() gives; the same but for_analysis
  // What the header states; absent where it leaves the length open. What is decoded differs where
  // a file was cut off, or its header never finished.
  std::optional<int64_t> frames_stated;
  // Why the file must have been cut off, by how it ends; empty where nothing says so.
  std::string cut_off;
  // The largest magnitude that the encoding can express, 1 for most: µ-law ends at 0.98.
  float full_scale = 1.0F;
  // What browsers play as it is.
  bool browser_plays = false;
  // An estimate from the bytes' number, for progress only; 0 where unknown.
  int64_t frames_expected = 0;
};

class Source {
 public:
  virtual ~Source() = default;
  const AudioInfo& info() const { return info_; }

  // Decodes into `interleaved`, whose size is a multiple of the channels. Returns the number of
  // frames, 0 at the end. Values lie within ±1 for whole-number formats; those of float formats may
  // lie outside, up to ±1000, and what is not finite is 0.
  virtual Result<size_t> read(std::span<float> interleaved) = 0;
  // Continues at that frame of the recording's own rate; not to be used where another is decoded.
  // Exact in all formats.
  virtual Result<void> seek(int64_t frame) = 0;
  // What was wrong with the data read so far, such as lost pages; empty where nothing was.
  virtual std::string complaint() const { return {}; }

 protected:
  AudioInfo info_;
};

// Opens what the bytes are. kUnsupported names a format that we do not decode, kInvalidArgument
// says why the bytes are no audio.
Result<std::unique_ptr<Source>> open_source(std::unique_ptr<Bytes> bytes,
                                            const SourceHints& hints = {});
Result<std::unique_ptr<Source>> open_audio(const std::filesystem::path& path,
                                           const SourceHints& hints = {});

}  // namespace callscope::audio
