#include "audio/resample.h"

#include <soxr.h>

namespace callscope::audio {

void Resampler::Close::operator()(void* soxr) const { soxr_delete(static_cast<soxr_t>(soxr)); }

Result<Resampler> Resampler::create(int from_hz, int to_hz) {
  Resampler made;
  made.ratio_ = static_cast<double>(to_hz) / from_hz;
  if (from_hz == to_hz) return made;
  soxr_error_t error = nullptr;
  const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  const soxr_runtime_spec_t one_thread = soxr_runtime_spec(1);
  made.soxr_.reset(soxr_create(from_hz, to_hz, 1, &error, &io, &quality, &one_thread));
  if (error != nullptr || made.soxr_ == nullptr) {
    return Error{ErrorCode::kUnsupported,
                 "cannot resample from " + std::to_string(from_hz) + " Hz"};
  }
  return made;
}

std::span<const float> Resampler::push(std::span<const float> samples) {
  if (soxr_ == nullptr) return samples;
  // Room for what the block gives and for what the filter held back.
  out_.resize(static_cast<size_t>(static_cast<double>(samples.size()) * ratio_) + 4096);
  size_t used = 0;
  size_t made = 0;
  size_t total = 0;
  while (!samples.empty()) {
    soxr_process(static_cast<soxr_t>(soxr_.get()), samples.data(), samples.size(), &used,
                 out_.data() + total, out_.size() - total, &made);
    samples = samples.subspan(used);
    total += made;
    if (used == 0 && made == 0) break;
    if (total == out_.size()) out_.resize(2 * total);
  }
  return std::span(out_).first(total);
}

std::span<const float> Resampler::finish() {
  if (soxr_ == nullptr) return {};
  out_.resize(8192);
  size_t total = 0;
  while (true) {
    size_t made = 0;
    soxr_process(static_cast<soxr_t>(soxr_.get()), nullptr, 0, nullptr, out_.data() + total,
                 out_.size() - total, &made);
    if (made == 0) break;
    total += made;
    if (total == out_.size()) out_.resize(2 * total);
  }
  return std::span(out_).first(total);
}

}  // namespace callscope::audio
