#include "audio/speech_detector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "audio/silero/network.h"
#include "audio/source.h"

namespace callscope::audio {
namespace {

constexpr const char* kFolder = CALLSCOPE_SOURCE_DIR "/src/audio/testing/";

std::vector<float> samples_of(const std::string& name) {
  auto source = open_audio(kFolder + name);
  EXPECT_TRUE(source) << source.error().message;
  std::vector<float> samples(16'000 * 10);
  size_t count = 0;
  while (true) {
    const auto got = (*source)->read(std::span(samples).subspan(count));
    EXPECT_TRUE(got);
    if (*got == 0) break;
    count += *got;
  }
  samples.resize(count);
  return samples;
}

std::vector<float> probabilities(const silero::Network& network, std::span<const float> samples,
                                 size_t at_once) {
  SpeechDetector detector(network);
  std::vector<float> out;
  while (!samples.empty()) {
    const size_t taken = std::min(at_once, samples.size());
    detector.push(samples.first(taken), out);
    samples = samples.subspan(taken);
  }
  detector.finish(out);
  return out;
}

// testing/speech.probabilities.txt has ONNX Runtime's answers for testing/speech.flac.
TEST(SpeechDetector, AgreesWithOnnxRuntime) {
  std::ifstream in(std::string(kFolder) + "speech.probabilities.txt");
  std::vector<float> expected;
  for (float p = 0; in >> p;) expected.push_back(p);
  ASSERT_GT(expected.size(), 70U);
  const std::vector<float> samples = samples_of("speech.flac");
  for (const silero::Network* const network : silero::networks()) {
    const auto found = probabilities(*network, samples, samples.size());
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i)
      EXPECT_NEAR(found[i], expected[i], 1e-4) << network->name << ", chunk " << i;
  }
}

TEST(SpeechDetector, BlocksOfAnySizeGiveTheSame) {
  const std::vector<float> samples = samples_of("speech.flac");
  const silero::Network& network = *silero::networks().front();
  const auto whole = probabilities(network, samples, samples.size());
  for (const size_t at_once : {1U, 100U, 512U, 5000U}) {
    EXPECT_EQ(probabilities(network, samples, at_once), whole);
  }
}

TEST(SpeechDetector, SilenceIsNoSpeech) {
  const silero::Network& network = *silero::networks().front();
  const std::vector<float> silence(16'000);
  for (const float p : probabilities(network, silence, 4096)) EXPECT_LT(p, 0.1);
  EXPECT_TRUE(probabilities(network, {}, 1).empty());
}

}  // namespace
}  // namespace callscope::audio
