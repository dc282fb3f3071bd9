// Keys pressed on a telephone (DTMF): two tones at once, one of four low and one of four high
// frequencies, and nothing else. The speech detector takes some of them for vowels.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "audio/speech_detector.h"

namespace callscope::audio {

class KeyTones {
 public:
  // Takes samples at 16 kHz and appends to `pressed` whether each chunk of 512 that is complete is
  // a key's sound.
  void push(std::span<const float> samples, std::vector<bool>& pressed);

 private:
  bool is_key() const;

  std::array<float, kSpeechChunkSamples> chunk_{};
  size_t filled_ = 0;  // of the chunk
};

}  // namespace callscope::audio
