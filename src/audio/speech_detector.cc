#include "audio/speech_detector.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>

#include "audio/silero/network.h"
#include "base/check.h"

namespace callscope::embedded {
std::string_view silero_vad();
}  // namespace callscope::embedded

namespace callscope::audio {
namespace {

using namespace silero;

const Weights& built_in_weights() {
  static const Weights weights = [] {
    auto parsed = parse_weights(embedded::silero_vad());
    CHECK(parsed.has_value(), "the weights that were built in are whole");
    return *parsed;
  }();
  return weights;
}

// The built-in weights as that network reads them, which all detectors share.
const Packed& packed_weights(const Network& network) {
  static std::mutex mutex;
  static std::map<const Network*, std::unique_ptr<const Packed>> made;
  const std::lock_guard lock(mutex);
  auto& packed = made[&network];
  if (!packed) {
    auto fresh = std::make_unique<Packed>();
    network.pack(built_in_weights(), *fresh);
    packed = std::move(fresh);
  }
  return *packed;
}

}  // namespace

struct SpeechDetector::Impl {
  explicit Impl(const Network& chosen) : network(chosen), packed(packed_weights(chosen)) {}

  void run(int chunks, std::vector<float>& probabilities) {
    const size_t at = probabilities.size();
    probabilities.resize(at + static_cast<size_t>(chunks));
    network.run(weights, packed, scratch, state, samples.data(), chunks, probabilities.data() + at);
    // The end of these samples is the context of the next.
    const auto used = static_cast<ptrdiff_t>(chunks) * kChunkSamples;
    std::copy_n(samples.begin() + used, kContextSamples, samples.begin());
    filled = 0;
  }

  const Weights& weights = built_in_weights();
  const Network& network;
  const Packed& packed;
  Scratch scratch;
  State state;
  // The context, then a batch.
  std::array<float, kContextSamples + kBatch * kChunkSamples> samples{};
  size_t filled = 0;  // of the batch
};

SpeechDetector::SpeechDetector() : SpeechDetector(*networks().front()) {}
SpeechDetector::SpeechDetector(const Network& network) : impl_(std::make_unique<Impl>(network)) {}
SpeechDetector::SpeechDetector(SpeechDetector&&) noexcept = default;
SpeechDetector::~SpeechDetector() = default;

void SpeechDetector::push(std::span<const float> samples, std::vector<float>& probabilities) {
  constexpr size_t kBatchSamples = size_t{kBatch} * kChunkSamples;
  while (!samples.empty()) {
    const size_t taken = std::min(samples.size(), kBatchSamples - impl_->filled);
    std::copy_n(samples.begin(), taken,
                impl_->samples.begin() + kContextSamples + static_cast<ptrdiff_t>(impl_->filled));
    impl_->filled += taken;
    samples = samples.subspan(taken);
    if (impl_->filled == kBatchSamples) impl_->run(kBatch, probabilities);
  }
}

void SpeechDetector::finish(std::vector<float>& probabilities) {
  if (impl_->filled == 0) return;
  const size_t chunks = (impl_->filled + kChunkSamples - 1) / kChunkSamples;
  std::fill(
      impl_->samples.begin() + kContextSamples + static_cast<ptrdiff_t>(impl_->filled),
      impl_->samples.begin() + kContextSamples + static_cast<ptrdiff_t>(chunks * kChunkSamples),
      0.0F);
  impl_->run(static_cast<int>(chunks), probabilities);
}

}  // namespace callscope::audio
