#include "audio/decode/extent.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "audio/source.h"
#include "base/file.h"

namespace callscope::audio {
namespace {

std::string recording(const std::string& name) {
  auto bytes = open_file_bytes(CALLSCOPE_SOURCE_DIR "/test/corpus/recording_fuzz/" + name);
  EXPECT_TRUE(bytes.has_value()) << name;
  return bytes_at(**bytes, 0, static_cast<size_t>((*bytes)->size()));
}

Extent of(std::string_view bytes) { return extent_of(*memory_bytes(bytes)); }

TEST(Extent, AWholeFileIsNotCutOff) {
  for (const char* name : {"pcm16", "mulaw", "alaw", "float", "adpcm", "gsm", "rf64", "w64", "aiff",
                           "au", "flac", "mp3", "vorbis", "opus"})
    EXPECT_EQ(of(recording(name)).cut_off, "") << name;
}

// FLAC is not among them: its frames have to be counted.
TEST(Extent, AFileThatIsCutOffSaysSo) {
  for (const char* name :
       {"pcm16", "mulaw", "adpcm", "rf64", "w64", "aiff", "au", "mp3", "vorbis", "opus"}) {
    const std::string whole = recording(name);
    for (const size_t left_out : {size_t{1}, size_t{200}, whole.size() / 3})
      EXPECT_NE(of(whole.substr(0, whole.size() - left_out)).cut_off, "")
          << name << " " << left_out;
  }
}

TEST(Extent, HeadersStateFrames) {
  EXPECT_EQ(of(recording("pcm16")).frames_stated, 1'600);
  EXPECT_EQ(of(recording("rf64")).frames_stated, 1'600);
  EXPECT_EQ(of(recording("flac")).frames_stated, 1'600);
  EXPECT_EQ(of(recording("two_hours_stated")).frames_stated, 7'200 * 8'000);
  // Blocks of 505 frames each.
  EXPECT_EQ(of(recording("adpcm")).frames_stated, 2'020);
}

// An encoder that writes to a pipe cannot go back to state the length.
TEST(Extent, AStreamOfFlacShowsByItsLastFrame) {
  std::string stream = recording("flac");
  for (size_t i = 22; i < 26; ++i) stream[i] = '\0';
  stream[21] = static_cast<char>(stream[21] & 0xF0);
  EXPECT_EQ(of(stream).frames_stated, std::nullopt);
  EXPECT_EQ(of(stream).cut_off, "");
  EXPECT_EQ(of(stream.substr(0, stream.size() - 40)).cut_off, "its last frame is incomplete");
}

std::unique_ptr<Source> opened(std::string_view bytes) {
  auto source = open_source(memory_bytes(bytes));
  EXPECT_TRUE(source.has_value()) << (source ? "" : source.error().message);
  return source ? std::move(*source) : nullptr;
}

int64_t frames_of(Source& source) {
  std::vector<float> block(4096 * static_cast<size_t>(source.info().channels));
  int64_t frames = 0;
  while (true) {
    const auto got = source.read(block);
    EXPECT_TRUE(got.has_value());
    if (!got || *got == 0) return frames;
    frames += static_cast<int64_t>(*got);
  }
}

TEST(Decoding, AnMp3WhoseBeginningIsMissingIsTaken) {
  const std::string once = recording("mp3");
  for (const size_t left_out : {size_t{300}, size_t{301}}) {
    const std::string rest = (once + once + once).substr(left_out);
    const auto source = opened(rest);
    ASSERT_NE(source, nullptr);
    EXPECT_NE(source->info().cut_off.find("beginning is missing"), std::string::npos);
    EXPECT_GT(frames_of(*source), 0);
  }
}

// Two pages of 240 ms are missing from two seconds.
TEST(Decoding, SilenceStandsForLostPages) {
  const std::string file = recording("opus_pages_lost");
  for (const bool for_analysis : {false, true}) {
    auto source = open_source(memory_bytes(file), {.for_analysis = for_analysis});
    ASSERT_TRUE(source.has_value());
    const AudioInfo& info = (*source)->info();
    EXPECT_NEAR(static_cast<double>(frames_of(**source)) / info.decoded_rate_hz,
                static_cast<double>(*info.frames_stated) / info.sample_rate_hz, 0.02);
    EXPECT_EQ((*source)->complaint(), "1 holes in the Ogg stream, 0.5 s of silence instead");
  }
}

TEST(Decoding, OfJoinedWavFilesTheFirstIsTaken) {
  const std::string whole = recording("pcm16");
  const std::string joined = whole + whole;
  const auto source = opened(joined);
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(frames_of(*source), 1'600);
  EXPECT_EQ(source->complaint(), "the WAV file that follows its end was not read");
}

TEST(Decoding, FloatsAsLargeAsWholeNumbersAreBroughtBack) {
  std::string file = recording("float");
  const size_t data = file.find("data") + 8;
  for (size_t at = data; at + 4 <= file.size(); at += 4) {
    float sample = 0;
    std::memcpy(&sample, file.data() + at, 4);
    sample *= 32'768;
    std::memcpy(file.data() + at, &sample, 4);
  }
  const std::string plain = recording("float");
  const auto large = opened(file), same = opened(plain);
  std::vector<float> a(1'000), b(1'000);
  ASSERT_EQ(*large->read(a), *same->read(b));
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-6);
  EXPECT_NE(large->complaint(), "");
}

// What writes WAV to a pipe leaves one of these lengths behind.
TEST(Extent, AStreamOfWavHasTheLengthOfItsFile) {
  const std::string whole = recording("pcm16");
  for (const std::string_view length :
       {std::string_view("\0\0\0\0", 4), std::string_view("\xFF\xFF\xFF\xFF"),
        std::string_view("\xDB\xFF\xFF\x7F"), std::string_view("\0\xF0\xFF\x7F", 4)}) {
    std::string stream = whole;
    stream.replace(4, 4, length);
    stream.replace(stream.find("data") + 4, 4, length);
    EXPECT_EQ(of(stream).frames_stated, std::nullopt);
    EXPECT_EQ(of(stream).cut_off, "");
    const auto source = open_source(memory_bytes(stream));
    ASSERT_TRUE(source.has_value());
    std::vector<float> samples(1 << 14);
    EXPECT_EQ(*(*source)->read(samples), 1'600);
  }
}

TEST(Extent, AWavFileWithoutSamplesHasNone) {
  std::string empty = recording("pcm16");
  const size_t data = empty.find("data");
  empty.resize(data + 4);
  empty += std::string("\0\0\0\0", 4) + std::string("LIST\4\0\0\0INFO", 12);
  EXPECT_EQ(of(empty).unset_length_at, 0);
}

TEST(Extent, AnOggStreamEndsWithAPageThatSaysSo) {
  std::string stream = recording("opus");
  stream[stream.rfind("OggS") + 5] = 0;
  EXPECT_EQ(of(stream).cut_off, "no page says that the stream ends");
}

TEST(Extent, AFileBehindAnotherIsToldOf) {
  for (const char* name : {"vorbis", "mp3"}) {
    std::string second = recording(name);
    EXPECT_EQ(of(second).unread, "") << name;
    for (size_t at = second.find("OggS"); at != second.npos; at = second.find("OggS", at + 1))
      second[at + 14] = static_cast<char>(second[at + 14] ^ 1);
    const std::string both = recording(name) + second;
    EXPECT_NE(of(both).unread, "") << name;
    const auto source = open_source(memory_bytes(both));
    ASSERT_TRUE(source.has_value()) << name;
    EXPECT_NE((*source)->complaint(), "") << name;
  }
}

TEST(Extent, NothingIsKnownOfOtherBytes) {
  for (const char* bytes :
       {"", "R", "RIFF", "OggS", "fLaC", "FORM", ".snd", "ID3", "some text that is no audio"}) {
    EXPECT_EQ(of(bytes).frames_stated, std::nullopt) << bytes;
  }
}

}  // namespace
}  // namespace callscope::audio
