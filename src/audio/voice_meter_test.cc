#include "audio/voice_meter.h"

#include <gtest/gtest.h>

#include <cmath>

namespace callscope::audio {
namespace {

// A buzz with that many overtones, as a voice has.
std::vector<float> buzz(double hz, int overtones, double seconds = 10) {
  std::vector<float> samples(static_cast<size_t>(seconds * 16'000));
  for (size_t i = 0; i < samples.size(); ++i) {
    double sum = 0;
    for (int k = 1; k <= overtones; ++k)
      sum += std::cos(2 * M_PI * hz * k * static_cast<double>(i) / 16'000) / k;
    samples[i] = static_cast<float>(0.05 * sum);
  }
  return samples;
}

TEST(VoiceMeter, FindsPitchAndBandwidth) {
  for (const double hz : {60.0, 110.0, 220.0, 400.0}) {
    VoiceMeter meter;
    meter.push(buzz(hz, static_cast<int>(3'400 / hz)));
    ASSERT_TRUE(meter.pitch_hz()) << hz;
    EXPECT_NEAR(*meter.pitch_hz(), hz, hz * 0.03);
    EXPECT_NEAR(*meter.bandwidth_hz(), 3'400, 350) << hz;
  }
}

TEST(VoiceMeter, SilenceAndNoiseHaveNone) {
  VoiceMeter meter;
  meter.push(std::vector<float>(160'000));
  EXPECT_FALSE(meter.pitch_hz());
  uint32_t seed = 5;
  std::vector<float> noise(160'000);
  for (float& sample : noise)
    sample = static_cast<float>((seed = seed * 1664525 + 1013904223) >> 8) / 1e8F;
  meter.push(noise);
  EXPECT_FALSE(meter.bandwidth_hz());
}

}  // namespace
}  // namespace callscope::audio
