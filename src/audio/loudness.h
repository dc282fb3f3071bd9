// Integrated loudness by EBU R 128, of one channel at 16 kHz.
#pragma once

#include <memory>
#include <optional>
#include <span>

namespace callscope::audio {

class LoudnessMeter {
 public:
  LoudnessMeter();
  void push(std::span<const float> samples);
  // LUFS; nullopt where nothing was louder than the gate at -70.
  std::optional<double> integrated() const;

 private:
  struct Close {
    void operator()(void* state) const;
  };
  std::unique_ptr<void, Close> state_;
};

}  // namespace callscope::audio
