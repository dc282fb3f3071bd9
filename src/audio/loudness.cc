#include "audio/loudness.h"

#include <ebur128.h>

#include <cmath>

namespace callscope::audio {

void LoudnessMeter::Close::operator()(void* state) const {
  auto* typed = static_cast<ebur128_state*>(state);
  ebur128_destroy(&typed);
}

LoudnessMeter::LoudnessMeter(int channels)
    // The histogram keeps memory constant.
    : state_(ebur128_init(static_cast<unsigned>(channels), 16'000,
                          EBUR128_MODE_I | EBUR128_MODE_HISTOGRAM)),
      channels_(static_cast<size_t>(channels)) {}

void LoudnessMeter::push(std::span<const float> interleaved) {
  if (state_ == nullptr) return;
  ebur128_add_frames_float(static_cast<ebur128_state*>(state_.get()), interleaved.data(),
                           interleaved.size() / channels_);
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
