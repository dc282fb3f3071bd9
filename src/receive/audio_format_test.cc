#include "receive/audio_format.h"

#include <gtest/gtest.h>

namespace callscope::receive {
namespace {

std::string le(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string wav(uint16_t tag, uint16_t channels, uint32_t rate, uint16_t bits, std::string data,
                std::optional<uint32_t> stated = std::nullopt, std::string_view before_data = "") {
  const uint32_t frame = channels * bits / 8u;
  return "RIFF" + le(0, 4) + "WAVEfmt " + le(16, 4) + le(tag, 2) + le(channels, 2) + le(rate, 4) +
         le(rate * frame, 4) + le(frame, 2) + le(bits, 2) + std::string(before_data) + "data" +
         le(stated.value_or(static_cast<uint32_t>(data.size())), 4) + data;
}

// "format encoding channels rate duration offset+bytes", or the error's code.
std::string sniff(std::string_view bytes, std::optional<RawFormat> raw = std::nullopt,
                  size_t step = 1'000) {
  AudioSniffer sniffer(raw);
  const std::string_view whole = bytes;
  while (!bytes.empty()) {
    const auto written = sniffer.write(bytes.substr(0, step));
    if (!written) return std::string(to_string(written.error().code));
    bytes.remove_prefix(std::min(step, bytes.size()));
  }
  const auto found = sniffer.finish();
  // The same as of a file that is there already.
  const auto looked_at = look_at_audio(
      whole.size(),
      [&](uint64_t offset, size_t size) {
        return Result<std::string>(std::string(whole.substr(offset, size)));
      },
      raw);
  EXPECT_EQ(looked_at.has_value(), found.has_value());
  if (!found) return std::string(to_string(found.error().code));
  EXPECT_EQ(looked_at->duration_ms, found->duration_ms);
  EXPECT_EQ(looked_at->format, found->format);
  return fmt::format("{} {} {} {} {} {}+{}", found->format,
                     found->codec.empty() ? to_string(found->encoding) : found->codec,
                     found->channels.value_or(-1), found->sample_rate_hz.value_or(-1),
                     found->duration_ms.value_or(-1), found->data_offset, found->data_bytes);
}

TEST(AudioSniffer, ReadsWav) {
  const std::string second(16'000, '\0');
  EXPECT_EQ(sniff(wav(1, 1, 8'000, 16, second)), "wav s16le 1 8000 1000 44+16000");
  EXPECT_EQ(sniff(wav(1, 2, 8'000, 16, second), {}, 1), "wav s16le 2 8000 500 44+16000");
  EXPECT_EQ(sniff(wav(7, 2, 8'000, 8, second)), "wav mulaw 2 8000 1000 44+16000");
  EXPECT_EQ(sniff(wav(6, 1, 8'000, 8, second)), "wav alaw 1 8000 2000 44+16000");
  EXPECT_EQ(sniff(wav(3, 1, 8'000, 32, second)), "wav f32le 1 8000 500 44+16000");
  EXPECT_EQ(sniff(wav(1, 1, 8'000, 24, second)), "wav s24le 1 8000 666 44+15999");
  // Written as a stream, cut off, and with another chunk in between.
  EXPECT_EQ(sniff(wav(1, 1, 8'000, 16, second, 0)), "wav s16le 1 8000 1000 44+16000");
  EXPECT_EQ(sniff(wav(1, 1, 8'000, 16, second, 0xFFFFFFFF)), "wav s16le 1 8000 1000 44+16000");
  EXPECT_EQ(sniff(wav(1, 1, 8'000, 16, second, 99'999)), "wav s16le 1 8000 1000 44+16000");
  EXPECT_EQ(sniff(wav(1, 1, 8'000, 16, second, {}, "LIST" + le(3, 4) + "abc" + le(0, 1))),
            "wav s16le 1 8000 1000 56+16000");
  EXPECT_EQ(sniff(wav(2, 1, 8'000, 4, second)), "unsupported");
  EXPECT_EQ(sniff(wav(1, 0, 8'000, 16, second)), "unsupported");
  EXPECT_EQ(sniff("RIFF" + le(4, 4) + "WAVE"), "unsupported");
  EXPECT_EQ(sniff("RIFF" + le(4, 4) + "AVI "), "unsupported");
}

TEST(AudioSniffer, ReadsFlacAndOgg) {
  const uint64_t bits = uint64_t{16'000} << 44 | uint64_t{1} << 41 | uint64_t{15} << 36 | 48'000;
  std::string info(10, '\0');
  for (int i = 7; i >= 0; --i) info += static_cast<char>(bits >> (8 * i));
  info.resize(34);
  EXPECT_EQ(sniff("fLaC" + std::string("\0\0\0\x22", 4) + info), "flac  2 16000 3000 0+0");

  const auto page = [](uint64_t granule, std::string_view body) {
    return "OggS" + std::string(2, '\0') + le(granule, 8) + le(7, 4) + le(0, 8) + '\1' +
           static_cast<char>(body.size()) + std::string(body);
  };
  const std::string head = "OpusHead" + le(1, 1) + le(2, 1) + le(312, 2) + le(48'000, 4) + le(0, 3);
  EXPECT_EQ(sniff(page(0, head) + std::string(200'000, 'x') + page(96'312, "last")),
            "ogg opus 2 48000 2000 0+0");
  EXPECT_EQ(sniff(page(0, head)), "ogg opus 2 48000 -1 0+0");
  EXPECT_EQ(sniff(page(0, "Speex   and more and more")), "unsupported");
}

TEST(AudioSniffer, ReadsMp3) {
  // 64 kbit/s at 16 kHz, mono (MPEG 2): 288 bytes a frame, 36 ms.
  const std::string frame = "\xFF\xF3\x88\xC4" + std::string(284, '\0');
  std::string file;
  for (int i = 0; i < 100; ++i) file += frame;
  EXPECT_EQ(sniff(file), "mp3  1 16000 3600 0+0");
  const std::string tag = std::string("ID3\x04\0\0\0\x0F\0\0", 10) + std::string(0x0F << 14, 'p');
  EXPECT_EQ(sniff(tag + file), "mp3  1 16000 3600 0+0");
  EXPECT_EQ(sniff(tag + file, {}, 7), "mp3  1 16000 3600 0+0");
  std::string with_count = frame;
  with_count.replace(13, 12, "Xing" + std::string("\0\0\0\1\0\0\0\x64", 8));
  EXPECT_EQ(sniff(with_count + frame + frame), "mp3  1 16000 3600 0+0");
  EXPECT_EQ(sniff(frame + "no frame"), "unsupported");
}

TEST(AudioSniffer, ReadsRawSamplesWhereTheSenderSaysSo) {
  const std::string samples(96'000, '\1');
  EXPECT_EQ(sniff(samples), "unsupported");
  const RawFormat sdk{.sample_rate_hz = 24'000, .channels = 2};
  EXPECT_EQ(sniff(samples, sdk), "raw s16le 2 24000 1000 0+96000");
  EXPECT_EQ(sniff(samples + "x", sdk), "raw s16le 2 24000 1000 0+96000");
  EXPECT_EQ(sniff(samples, RawFormat{SampleEncoding::kMulaw, 8'000, 1}),
            "raw mulaw 1 8000 12000 0+96000");
  // What it is counts, not what it is called.
  EXPECT_EQ(sniff(wav(1, 1, 8'000, 16, samples), sdk), "wav s16le 1 8000 6000 44+96000");
  EXPECT_EQ(sniff(samples, RawFormat{SampleEncoding::kS16Le, 0, 1}), "invalid_argument");
  EXPECT_EQ(sniff("", sdk), "invalid_argument");
  // Noise that begins like a frame of MP3.
  EXPECT_EQ(sniff("\xFF\xF3\x88\xC4" + samples, sdk), "raw s16le 2 24000 1000 0+96004");
}

TEST(AudioSniffer, RefusesEarly) {
  AudioSniffer sniffer;
  EXPECT_EQ(sniffer.write(std::string(20'000, 'x')).error().code, ErrorCode::kUnsupported);
}

TEST(RawFormatOf, ReadsContentTypes) {
  EXPECT_FALSE(raw_format_of("audio/wav"));
  const auto raw = raw_format_of("audio/pcm; rate=16000; channels=1");
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->sample_rate_hz, 16'000);
  EXPECT_EQ(raw->channels, 1);
  EXPECT_EQ(raw_format_of("audio/PCMU")->encoding, SampleEncoding::kMulaw);
  EXPECT_EQ(raw_format_of("audio/pcma")->sample_rate_hz, 8'000);
}

}  // namespace
}  // namespace callscope::receive
