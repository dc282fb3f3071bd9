#include "receive/audio_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "http/headers.h"

namespace callscope::receive {
namespace {

constexpr size_t kHeadBytes = 64 * 1024;
constexpr size_t kTailBytes = 64 * 1024;  // an Ogg page is never larger
// With fewer bytes than this a file is only judged at its end.
constexpr size_t kEnoughBytes = 16 * 1024;

struct EncodingName {
  SampleEncoding encoding;
  std::string_view name;
  int bytes;
};
constexpr std::array<EncodingName, 9> kEncodings = {{{SampleEncoding::kNone, "", 0},
                                                     {SampleEncoding::kU8, "u8", 1},
                                                     {SampleEncoding::kS16Le, "s16le", 2},
                                                     {SampleEncoding::kS24Le, "s24le", 3},
                                                     {SampleEncoding::kS32Le, "s32le", 4},
                                                     {SampleEncoding::kF32Le, "f32le", 4},
                                                     {SampleEncoding::kF64Le, "f64le", 8},
                                                     {SampleEncoding::kMulaw, "mulaw", 1},
                                                     {SampleEncoding::kAlaw, "alaw", 1}}};

uint8_t byte_at(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

uint64_t little(std::string_view bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | byte_at(bytes, at + i);
  return value;
}

uint64_t big(std::string_view bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | byte_at(bytes, at + i);
  return value;
}

std::optional<int64_t> milliseconds(uint64_t count, uint64_t rate) {
  if (rate == 0 || count > UINT64_MAX / 1'000) return std::nullopt;
  return static_cast<int64_t>(count * 1'000 / rate);
}

// Of a `fmt ` chunk; kNone where we can't read it.
SampleEncoding wav_encoding(uint64_t tag, uint64_t bits) {
  if (tag == 1) {
    if (bits == 8) return SampleEncoding::kU8;
    if (bits == 16) return SampleEncoding::kS16Le;
    if (bits == 24) return SampleEncoding::kS24Le;
    if (bits == 32) return SampleEncoding::kS32Le;
  }
  if (tag == 3 && bits == 32) return SampleEncoding::kF32Le;
  if (tag == 3 && bits == 64) return SampleEncoding::kF64Le;
  if (tag == 6 && bits == 8) return SampleEncoding::kAlaw;
  if (tag == 7 && bits == 8) return SampleEncoding::kMulaw;
  return SampleEncoding::kNone;
}

Error broken(std::string_view what) {
  return {ErrorCode::kUnsupported, fmt::format("the recording is not a valid {} file", what), ""};
}

void set_samples(AudioFormat& out, uint64_t offset, uint64_t bytes) {
  out.data_offset = offset;
  const uint64_t frame =
      static_cast<uint64_t>(*out.channels) * static_cast<uint64_t>(bytes_per_sample(out.encoding));
  out.data_bytes = bytes / frame * frame;
  out.duration_ms =
      milliseconds(out.data_bytes / frame, static_cast<uint64_t>(*out.sample_rate_hz));
}

bool is_plausible(uint64_t rate, uint64_t channels) {
  return rate >= 1'000 && rate <= 768'000 && channels >= 1 && channels <= 64;
}

Result<AudioFormat> read_wav(std::string_view head, uint64_t file_bytes) {
  AudioFormat out{.format = "wav", .content_type = "audio/wav"};
  for (size_t at = 12; at + 8 <= head.size();) {
    const std::string_view id = head.substr(at, 4);
    const uint64_t size = little(head, at + 4, 4);
    const uint64_t body = at + 8;
    if (id == "fmt ") {
      if (size < 16 || body + 16 > head.size()) return broken("WAV");
      uint64_t tag = little(head, body, 2);
      const uint64_t channels = little(head, body + 2, 2);
      const uint64_t rate = little(head, body + 4, 4);
      const uint64_t bits = little(head, body + 14, 2);
      // In the extensible form the tag begins the sub-format.
      if (tag == 0xFFFE && size >= 40 && body + 40 <= head.size()) tag = little(head, body + 24, 2);
      if (!is_plausible(rate, channels)) return broken("WAV");
      out.encoding = wav_encoding(tag, bits);
      if (out.encoding == SampleEncoding::kNone) {
        return Error{ErrorCode::kUnsupported,
                     fmt::format("a WAV file with encoding {} and {} bits is not supported: send "
                                 "PCM, float, µ-law or A-law",
                                 tag, bits),
                     ""};
      }
      out.channels = static_cast<int64_t>(channels);
      out.sample_rate_hz = static_cast<int64_t>(rate);
    } else if (id == "data") {
      if (!out.channels) return broken("WAV");
      // A file that was written as a stream does not know its size.
      const uint64_t there = file_bytes - std::min(file_bytes, body);
      const bool is_unknown = size == 0 || size >= 0x7FFFFFFF;
      set_samples(out, body, is_unknown ? there : std::min(size, there));
      return out;
    }
    at = body + size + (size & 1);
  }
  return broken("WAV");
}

Result<AudioFormat> read_flac(std::string_view head) {
  // "fLaC", the head of a block, STREAMINFO: 10 bytes of sizes, then 64 bits of what we want.
  if (head.size() < 4 + 4 + 34 || (byte_at(head, 4) & 0x7F) != 0) return broken("FLAC");
  const uint64_t bits = big(head, 18, 8);
  const uint64_t rate = bits >> 44;
  const uint64_t channels = (bits >> 41 & 7) + 1;
  const uint64_t frames = bits & 0xFFFFFFFFF;
  if (!is_plausible(rate, channels)) return broken("FLAC");
  AudioFormat out{.format = "flac", .content_type = "audio/flac"};
  out.channels = static_cast<int64_t>(channels);
  out.sample_rate_hz = static_cast<int64_t>(rate);
  if (frames > 0) out.duration_ms = milliseconds(frames, rate);
  return out;
}

Result<AudioFormat> read_ogg(std::string_view head, std::string_view tail) {
  if (head.size() < 28) return broken("Ogg");
  const size_t body = 27 + byte_at(head, 26);
  if (head.size() < body + 19) return broken("Ogg");
  AudioFormat out{.format = "ogg", .content_type = "audio/ogg"};
  uint64_t granule_rate = 0;
  uint64_t skipped = 0;
  if (head.substr(body, 8) == "OpusHead") {
    out.codec = "opus";
    out.channels = byte_at(head, body + 9);
    out.sample_rate_hz = 48'000;  // at which Opus is always decoded
    granule_rate = 48'000;
    skipped = little(head, body + 10, 2);
  } else if (head.substr(body, 7) == "\x01vorbis") {
    out.codec = "vorbis";
    out.channels = byte_at(head, body + 11);
    granule_rate = little(head, body + 12, 4);
    out.sample_rate_hz = static_cast<int64_t>(granule_rate);
  } else {
    return Error{ErrorCode::kUnsupported, "an Ogg file must hold Opus or Vorbis", ""};
  }
  if (!is_plausible(granule_rate, static_cast<uint64_t>(*out.channels))) return broken("Ogg");
  // The last page says how many samples have gone before its end.
  const std::string_view serial = head.substr(14, 4);
  for (size_t at = tail.rfind("OggS"); at != std::string_view::npos && at + 27 <= tail.size();
       at = at == 0 ? std::string_view::npos : tail.rfind("OggS", at - 1)) {
    const uint64_t granule = little(tail, at + 6, 8);
    if (tail.substr(at + 14, 4) != serial || granule == UINT64_MAX) continue;
    if (granule >= skipped) out.duration_ms = milliseconds(granule - skipped, granule_rate);
    break;
  }
  return out;
}

struct Mp3Frame {
  uint64_t bytes = 0;
  uint64_t samples = 0;
  uint64_t rate = 0;
  uint64_t bits_per_second = 0;
  int64_t channels = 0;
  bool is_mpeg1 = false;
};

std::optional<Mp3Frame> read_mp3_frame(std::string_view bytes, size_t at) {
  if (at + 4 > bytes.size()) return std::nullopt;
  const uint64_t head = big(bytes, at, 4);
  const uint64_t version = head >> 19 & 3;  // 0: 2.5, 2: 2, 3: 1
  const uint64_t layer = head >> 17 & 3;    // 1: III
  const uint64_t bitrate = head >> 12 & 15;
  const uint64_t rate = head >> 10 & 3;
  const bool is_frame = (head >> 21) == 0x7FF && version != 1 && layer == 1 && bitrate != 0 &&
                        bitrate != 15 && rate != 3;
  if (!is_frame) return std::nullopt;
  static constexpr std::array<uint64_t, 16> kKbps1 = {0,   32,  40,  48,  56,  64,  80, 96,
                                                      112, 128, 160, 192, 224, 256, 320};
  static constexpr std::array<uint64_t, 16> kKbps2 = {0,  8,  16, 24,  32,  40,  48, 56,
                                                      64, 80, 96, 112, 128, 144, 160};
  static constexpr std::array<uint64_t, 3> kRates = {44'100, 48'000, 32'000};
  Mp3Frame frame;
  frame.is_mpeg1 = version == 3;
  frame.bits_per_second = (frame.is_mpeg1 ? kKbps1 : kKbps2)[bitrate] * 1'000;
  frame.rate = kRates[rate] / (version == 3 ? 1 : version == 2 ? 2 : 4);
  frame.samples = frame.is_mpeg1 ? 1'152 : 576;
  frame.bytes = frame.samples / 8 * frame.bits_per_second / frame.rate + (head >> 9 & 1);
  frame.channels = (head >> 6 & 3) == 3 ? 1 : 2;
  return frame;
}

// nullopt where no three frames follow each other at the start: fewer are a coincidence.
std::optional<AudioFormat> read_mp3(std::string_view head, uint64_t audio_bytes) {
  const auto first = read_mp3_frame(head, 0);
  if (!first) return std::nullopt;
  size_t at = 0;
  for (int i = 0; i < 3 && at < audio_bytes; ++i) {
    const auto frame = read_mp3_frame(head, at);
    if (!frame || frame->rate != first->rate) return std::nullopt;
    at += frame->bytes;
  }
  AudioFormat out{.format = "mp3", .content_type = "audio/mpeg"};
  out.channels = first->channels;
  out.sample_rate_hz = static_cast<int64_t>(first->rate);
  // A first frame without sound may say how many follow.
  const size_t side =
      first->is_mpeg1 ? (first->channels == 1 ? 17 : 32) : (first->channels == 1 ? 9 : 17);
  const size_t tag = 4 + side;
  const bool has_tag =
      head.size() >= tag + 12 && (head.substr(tag, 4) == "Xing" || head.substr(tag, 4) == "Info");
  if (has_tag && (big(head, tag + 4, 4) & 1) != 0) {
    out.duration_ms = milliseconds(big(head, tag + 8, 4) * first->samples, first->rate);
  } else {
    out.duration_ms = milliseconds(audio_bytes * 8, first->bits_per_second);
  }
  return out;
}

// Bytes of an ID3v2 tag at the start, 0 where there is none.
uint64_t id3_bytes(std::string_view head) {
  if (head.size() < 10 || !head.starts_with("ID3")) return 0;
  uint64_t size = 0;
  for (size_t i = 6; i < 10; ++i) size = size << 7 | (byte_at(head, i) & 0x7F);
  return size + 10;
}

AudioFormat read_raw(const RawFormat& raw, uint64_t bytes) {
  AudioFormat out{.format = "raw", .content_type = "audio/raw", .encoding = raw.encoding};
  out.channels = raw.channels;
  out.sample_rate_hz = raw.sample_rate_hz;
  set_samples(out, 0, bytes);
  return out;
}

}  // namespace

std::string_view to_string(SampleEncoding encoding) {
  return kEncodings[static_cast<size_t>(encoding)].name;
}

int bytes_per_sample(SampleEncoding encoding) {
  return kEncodings[static_cast<size_t>(encoding)].bytes;
}

std::optional<SampleEncoding> parse_sample_encoding(std::string_view name) {
  for (const EncodingName& known : kEncodings) {
    if (!name.empty() && known.name == name) return known.encoding;
  }
  return std::nullopt;
}

AudioSniffer::AudioSniffer(std::optional<RawFormat> raw) : raw_(raw) {}

Result<void> AudioSniffer::write(std::string_view bytes) {
  // Of an ID3 tag with a picture in it only the first bytes are kept, and what is behind it.
  if (head_.size() < kHeadBytes) {
    const uint64_t head_end = head_offset_ + head_.size();
    std::string_view fresh = bytes;
    if (head_end > bytes_) {
      fresh.remove_prefix(static_cast<size_t>(std::min<uint64_t>(head_end - bytes_, fresh.size())));
    }
    head_ += fresh.substr(0, kHeadBytes - head_.size());
    const uint64_t tag = head_offset_ == 0 ? id3_bytes(head_) : 0;
    if (tag > 0) {
      head_offset_ = tag;
      head_.erase(0, static_cast<size_t>(std::min<uint64_t>(tag, head_.size())));
    }
  }
  bytes_ += bytes.size();
  if (bytes.size() >= kTailBytes) {
    tail_ = bytes.substr(bytes.size() - kTailBytes);
  } else {
    if (tail_.size() + bytes.size() > 2 * kTailBytes) tail_.erase(0, tail_.size() - kTailBytes);
    tail_ += bytes;
  }
  if (is_checked_ || head_.size() < kEnoughBytes) return {};
  is_checked_ = true;
  TRY(recognise());
  return {};
}

Result<AudioFormat> AudioSniffer::finish() const {
  if (bytes_ == 0) return Error{ErrorCode::kInvalidArgument, "the recording is empty", ""};
  return recognise();
}

Result<AudioFormat> AudioSniffer::recognise() const {
  const std::string_view head = head_;
  const bool is_riff = head.starts_with("RIFF") || head.starts_with("RF64");
  if (is_riff && head.substr(8, 4) == "WAVE") return read_wav(head, bytes_);
  if (head.starts_with("fLaC")) return read_flac(head);
  if (head.starts_with("OggS")) return read_ogg(head, tail_);
  const uint64_t audio_bytes = bytes_ - std::min(bytes_, head_offset_);
  if (auto mp3 = read_mp3(head, audio_bytes)) return *std::move(mp3);
  if (raw_ && head_offset_ == 0) {
    if (raw_->encoding != SampleEncoding::kNone &&
        is_plausible(static_cast<uint64_t>(raw_->sample_rate_hz),
                     static_cast<uint64_t>(raw_->channels)))
      return read_raw(*raw_, bytes_);
    return Error{ErrorCode::kInvalidArgument,
                 "raw samples need a sample rate of 1000 to 768000 Hz and 1 to 64 channels",
                 "sample_rate"};
  }
  return Error{ErrorCode::kUnsupported,
               "the recording is no WAV, FLAC, MP3 or Ogg file; raw samples need sample_rate and "
               "channels",
               ""};
}

Result<AudioFormat> look_at_audio(uint64_t file_bytes, const ReadBytes& read,
                                  std::optional<RawFormat> raw) {
  AudioSniffer sniffer(raw);
  const auto bytes_at = [&](uint64_t offset, size_t wanted) -> Result<std::string> {
    if (offset >= file_bytes) return std::string();
    return read(offset, static_cast<size_t>(std::min<uint64_t>(wanted, file_bytes - offset)));
  };
  sniffer.head_ = TRY(bytes_at(0, kHeadBytes));
  if (const uint64_t tag = id3_bytes(sniffer.head_); tag > 0) {
    sniffer.head_offset_ = tag;
    sniffer.head_ = TRY(bytes_at(tag, kHeadBytes));
  }
  sniffer.tail_ =
      TRY(bytes_at(file_bytes - std::min<uint64_t>(file_bytes, kTailBytes), kTailBytes));
  sniffer.bytes_ = file_bytes;
  return sniffer.finish();
}

std::optional<RawFormat> raw_format_of(std::string_view content_type) {
  const std::string type = http::media_type(content_type);
  const auto number = [&](std::string_view name) -> int64_t {
    const auto text = http::header_parameter(content_type, name);
    return text ? std::atoll(text->c_str()) : 0;
  };
  RawFormat raw;
  raw.sample_rate_hz = number("rate");
  raw.channels = number("channels");
  if (type == "audio/raw" || type == "audio/pcm" || type == "audio/x-raw") return raw;
  if (type == "audio/pcmu" || type == "audio/x-mulaw") {
    raw.encoding = SampleEncoding::kMulaw;
  } else if (type == "audio/pcma" || type == "audio/x-alaw") {
    raw.encoding = SampleEncoding::kAlaw;
  } else if (type == "audio/basic") {
    raw.encoding = SampleEncoding::kMulaw;
  } else {
    return std::nullopt;
  }
  if (raw.sample_rate_hz == 0) raw.sample_rate_hz = 8'000;
  if (raw.channels == 0) raw.channels = 1;
  return raw;
}

}  // namespace callscope::receive
