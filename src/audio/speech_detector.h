// The probability of speech in every 32 ms of one channel at 16 kHz, by the Silero network
// (version 6, its weights built in) run by our own code; silero/ has it. Its answers are those of
// ONNX Runtime to 1e-4. A 5-minute channel takes about 0.2 s of one core.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace callscope::audio {

namespace silero {
struct Network;
}

inline constexpr int kSpeechChunkSamples = 512;

class SpeechDetector {
 public:
  SpeechDetector();  // the fastest network that this processor can run
  explicit SpeechDetector(const silero::Network& network);  // silero/network.h
  SpeechDetector(SpeechDetector&&) noexcept;
  ~SpeechDetector();

  // Takes samples at 16 kHz and appends one probability for every chunk of 512 that is complete.
  // They come in batches of a second.
  void push(std::span<const float> samples, std::vector<float>& probabilities);
  // Ends the channel: the last chunk is filled up with silence.
  void finish(std::vector<float>& probabilities);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace callscope::audio
