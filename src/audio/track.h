// What is kept of one channel after its samples have gone by: the probability of speech every 32 ms
// and the level every 5 ms, a byte each. An hour takes 833 KB.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "audio/key_tones.h"
#include "audio/settings.h"
#include "audio/speech_detector.h"

namespace callscope::audio {

inline constexpr double kChunkS = 0.032;  // of speech probabilities
inline constexpr double kFrameS = 0.005;  // of levels
inline constexpr int kFrameSamples = 80;
inline constexpr double kSilenceDb = -120;  // the lowest level kept

struct Track {
  std::vector<uint8_t> speech;  // probability · 255, by chunk; 0 where keys are pressed
  std::vector<bool> keys;       // by chunk: whether they are
  std::vector<uint8_t> level;   // dB relative to full scale above -120, in half dB, by frame
  int64_t samples = 0;          // at 16 kHz

  double duration_s() const { return static_cast<double>(samples) / 16'000; }
  double probability(size_t chunk) const { return speech[chunk] / 255.0; }
  double level_db(size_t frame) const { return kSilenceDb + level[frame] * 0.5; }
};

// Makes a Track of a channel's samples at 16 kHz. Levels are those of the signal above 120 Hz,
// which a constant offset, hum and rumble do not reach.
//
// The network misses words of a voice below -45 dB or so. Until a channel has been loud, a second
// detector listens to it amplified; what either hears counts where the channel stays quiet.
class TrackBuilder {
 public:
  explicit TrackBuilder(const Settings& settings);
  // Makes room for that many samples, so that it is not moved as it grows.
  void reserve(int64_t samples);
  void push(std::span<const float> samples);
  Track finish();

 private:
  // A detector, what it said since it was asked last, and all that it said before.
  struct Listener {
    SpeechDetector detector;
    std::vector<float> probabilities;
    std::vector<uint8_t> speech;
  };

  void listen(std::span<const float> samples);
  void take_probabilities();
  bool is_quiet() const;

  Listener plain_;
  std::optional<Listener> amplified_ = Listener();
  const float gain_;
  const double loud_db_;
  std::vector<float> amplified_samples_;
  int64_t loud_frames_ = 0;
  KeyTones keys_;
  std::vector<bool> pressed_;  // by chunk: of those whose probability is to come, ...
  size_t behind_ = 0;          // ... and of so many before them
  Track track_;
  // The high-pass filter, of second order, and the frame being summed.
  double x1_ = 0, x2_ = 0, y1_ = 0, y2_ = 0;
  double energy_ = 0;
  int in_frame_ = 0;
};

}  // namespace callscope::audio
