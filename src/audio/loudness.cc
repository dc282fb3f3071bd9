#include "audio/loudness.h"

#include <ebur128.h>

#include <cmath>

namespace callscope::audio {

void LoudnessMeter::Close::operator()(void* state) const {
  auto* typed = static_cast<ebur128_state*>(state);
  ebur128_destroy(&typed);
}

LoudnessMeter::LoudnessMeter()
    // The histogram keeps memory constant.
    : state_(ebur128_init(1, 16'000, EBUR128_MODE_I | EBUR128_MODE_HISTOGRAM)) {}

void LoudnessMeter::push(std::span<const float> samples) {
  if (state_ == nullptr) return;
  ebur128_add_frames_float(static_cast<ebur128_state*>(state_.get()), samples.data(),
                           samples.size());
}

std::optional<double> LoudnessMeter::integrated() const {
  double loudness = 0;
  if (state_ == nullptr ||
      ebur128_loudness_global(static_cast<ebur128_state*>(state_.get()), &loudness) !=
          EBUR128_SUCCESS ||
      !std::isfinite(loudness)) {
    return std::nullopt;
  }
  return loudness;
}

}  // namespace callscope::audio
