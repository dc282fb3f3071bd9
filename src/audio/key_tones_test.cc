#include "audio/key_tones.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "audio/source.h"

namespace callscope::audio {
namespace {

std::vector<float> tones(std::initializer_list<double> hertz) {
  std::vector<float> samples(4 * kSpeechChunkSamples);
  for (size_t i = 0; i < samples.size(); ++i) {
    for (const double f : hertz)
      samples[i] +=
          static_cast<float>(0.1 * std::sin(2 * M_PI * f * static_cast<double>(i) / 16'000));
  }
  return samples;
}

int64_t chunks_of_keys(std::span<const float> samples) {
  KeyTones keys;
  std::vector<bool> pressed;
  // In pieces that fit no chunk.
  for (size_t at = 0; at < samples.size(); at += 300)
    keys.push(samples.subspan(at, std::min<size_t>(300, samples.size() - at)), pressed);
  EXPECT_EQ(pressed.size(), samples.size() / kSpeechChunkSamples);
  return std::count(pressed.begin(), pressed.end(), true);
}

TEST(KeyTones, AKeyIsTwoTones) {
  EXPECT_EQ(chunks_of_keys(tones({770, 1336})), 4);
  EXPECT_EQ(chunks_of_keys(tones({941, 1633})), 4);
  EXPECT_EQ(chunks_of_keys(tones({770})), 0);
  EXPECT_EQ(chunks_of_keys(tones({440, 480})), 0);  // ringing
  EXPECT_EQ(chunks_of_keys(tones({770, 1336, 2000})), 0);
  EXPECT_EQ(chunks_of_keys(std::vector<float>(4 * kSpeechChunkSamples)), 0);
}

TEST(KeyTones, SpeechIsNone) {
  auto source = open_audio(CALLSCOPE_SOURCE_DIR "/src/audio/testing/speech.flac");
  ASSERT_TRUE(source.has_value());
  const auto channels = static_cast<size_t>((*source)->info().channels);
  std::vector<float> block(channels * 16'000), samples;
  while (const size_t frames = (*source)->read(block).value()) {
    for (size_t i = 0; i < frames; ++i) samples.push_back(block[i * channels]);
  }
  samples.resize(samples.size() / kSpeechChunkSamples * kSpeechChunkSamples);
  EXPECT_EQ(chunks_of_keys(samples), 0);
}

}  // namespace
}  // namespace callscope::audio
