// How many times faster than real time one channel's speech is detected, by each network that this
// processor can run.
#include "audio/speech_detector.h"

#include <benchmark/benchmark.h>

#include "audio/silero/network.h"
#include "audio/source.h"

namespace callscope::audio {
namespace {

constexpr int kSampleRateHz = 16'000;
constexpr size_t kSeconds = 60;

// A minute of speech: the test's two seconds and a half, again and again.
std::vector<float> minute_of_speech() {
  std::vector<float> samples(kSeconds * kSampleRateHz);
  auto source = open_audio(CALLSCOPE_SOURCE_DIR "/src/audio/testing/speech.flac");
  if (!source) return {};
  size_t read = 0;
  while (const auto got = (*source)->read(std::span(samples).subspan(read))) {
    if (*got == 0) break;
    read += *got;
  }
  for (size_t i = read; i < samples.size(); ++i) samples[i] = samples[i - read];
  return samples;
}

void detect_speech(benchmark::State& state, const silero::Network& network) {
  const std::vector<float> samples = minute_of_speech();
  if (samples.empty()) state.SkipWithError("the speech of the tests is missing");
  SpeechDetector detector(network);
  std::vector<float> probabilities;
  for (auto _ : state) {
    probabilities.clear();
    detector.push(samples, probabilities);
    benchmark::DoNotOptimize(probabilities.data());
  }
  // By CPU time, as all rates of this library.
  state.counters["x_real_time"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * kSeconds, benchmark::Counter::kIsRate);
}

const bool kRegistered = [] {
  for (const silero::Network* const network : silero::networks())
    benchmark::RegisterBenchmark(network->name, detect_speech, *network)
        ->Unit(benchmark::kMillisecond);
  return true;
}();

}  // namespace
}  // namespace callscope::audio
