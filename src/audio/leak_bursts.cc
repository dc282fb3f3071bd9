#include "audio/leak_bursts.h"

#include <algorithm>
#include <cmath>

#include "audio/leak.h"

namespace callscope::audio {
namespace {

constexpr size_t kFramesMin = 200;     // 1 s of bursts tell
constexpr size_t kFramesMax = 60'000;  // and five minutes are enough
constexpr size_t kBurstFramesMin = 10;
// A burst's frames are those that stand out of the rest by 6 dB and lie within 30 dB of its
// loudest: what fades behind it is no longer the other's.
constexpr int kAboveRest = 12;
constexpr int kBelowLoudest = 60;
// Of independent voices the levels over a second or more correlate less at any delay.
constexpr double kAllMin = 0.7;
constexpr double kBurstMin = 0.6;
// How far a burst's levels may stray from the other's, in half decibels.
constexpr double kStrayMax = 10;
constexpr double kSameMax = 6;

struct Burst {
  size_t first, end;  // chunks
  size_t from, to;    // frames, ...
  int least;          // ... of which those above this level stand out of the rest
  size_t frames = 0;  // so many do
};

// How the levels of both go together, as sums over frames.
struct Likeness {
  double n = 0, own = 0, other = 0, own2 = 0, other2 = 0, both = 0;

  void add(int a, int b) {
    n += 1;
    own += a;
    other += b;
    own2 += a * a;
    other2 += b * b;
    both += a * b;
  }
  double own_variance() const { return own2 - own * own / n; }
  double other_variance() const { return other2 - other * other / n; }
  double covariance() const { return both - own * other / n; }
  double correlation() const {
    return covariance() / std::sqrt(std::max(own_variance() * other_variance(), 1e-9));
  }
  double difference() const { return (own - other) / n; }
  // The standard deviation of that difference.
  double stray() const {
    return std::sqrt(std::max(0.0, (own_variance() + other_variance() - 2 * covariance()) / n));
  }
};

Likeness compare(const Burst& burst, const Track& own, const Track& other, size_t lag) {
  Likeness likeness;
  for (size_t frame = burst.from; frame < burst.to; ++frame) {
    if (own.level[frame] > burst.least) likeness.add(own.level[frame], other.level[frame - lag]);
  }
  return likeness;
}

// Speech on `own` in which the other speaks too, or has just spoken.
std::vector<Burst> bursts_of(const Track& own, const Track& other, const std::vector<bool>& masked,
                             size_t lag_max, const Settings& settings) {
  const int rest = resting_level(own);
  const size_t frames = std::min(own.level.size(), other.level.size());
  std::vector<Burst> bursts;
  for (size_t chunk = 0; chunk < own.speech.size(); ++chunk) {
    const auto heard = [&](size_t at, double least) {
      return at < own.speech.size() && own.probability(at) >= least &&
             !(at < masked.size() && masked[at]);
    };
    if (!heard(chunk, settings.vad_on_probability)) continue;
    Burst burst{.first = chunk, .end = chunk, .from = 0, .to = 0, .least = 0};
    while (heard(burst.end, settings.vad_off_probability)) ++burst.end;
    chunk = burst.end;
    burst.from = std::max(lag_max, burst.first * kSpeechChunkSamples / kFrameSamples);
    burst.to = std::min(frames, burst.end * kSpeechChunkSamples / kFrameSamples);
    bool other_speaks = false;
    int loudest = 0;
    for (size_t frame = burst.from; frame < burst.to; ++frame)
      loudest = std::max<int>(loudest, own.level[frame]);
    burst.least = std::max(rest + kAboveRest, loudest - kBelowLoudest);
    for (size_t frame = burst.from; frame < burst.to; ++frame) {
      const size_t other_chunk = (frame - lag_max / 4) * kFrameSamples / kSpeechChunkSamples;
      other_speaks = other_speaks || other.probability(other_chunk) >= settings.vad_on_probability;
      if (own.level[frame] > burst.least) ++burst.frames;
    }
    if (other_speaks && burst.frames >= kBurstFramesMin) bursts.push_back(burst);
  }
  return bursts;
}

}  // namespace

std::optional<Leak> mask_leaked_bursts(const Track& own, const Track& other,
                                       const Settings& settings, std::vector<bool>& masked) {
  const auto lag_max = static_cast<size_t>(settings.leak_delay_max_ms / 1000 / kFrameS);
  const std::vector<Burst> bursts = bursts_of(own, other, masked, lag_max, settings);
  const double difference_max = -2 * settings.leak_below_speech_db;
  double best = 0;
  size_t best_lag = 0;
  for (size_t lag = 0; lag <= lag_max; ++lag) {
    double own_variance = 0, other_variance = 0, covariance = 0;
    size_t frames = 0;
    for (const Burst& burst : bursts) {
      const Likeness likeness = compare(burst, own, other, lag);
      if (likeness.difference() > difference_max) continue;
      own_variance += likeness.own_variance();
      other_variance += likeness.other_variance();
      covariance += likeness.covariance();
      if ((frames += burst.frames) > kFramesMax) break;
    }
    if (frames < kFramesMin) continue;
    const double correlation =
        covariance / std::sqrt(std::max(own_variance * other_variance, 1e-9));
    if (correlation > best) {
      best = correlation;
      best_lag = lag;
    }
  }
  if (best < kAllMin) return std::nullopt;

  // What follows the other's levels closely tells how much quieter the leak is; what is as much
  // quieter is part of it even where its level hardly changes.
  std::vector<double> differences;
  for (const Burst& burst : bursts) {
    const Likeness likeness = compare(burst, own, other, best_lag);
    if (likeness.difference() <= difference_max && likeness.stray() <= kStrayMax &&
        likeness.correlation() >= kBurstMin)
      differences.push_back(likeness.difference());
  }
  if (differences.empty()) return std::nullopt;
  const auto middle = differences.begin() + static_cast<ptrdiff_t>(differences.size() / 2);
  std::nth_element(differences.begin(), middle, differences.end());

  masked.resize(own.speech.size());
  size_t chunks = 0;
  for (const Burst& burst : bursts) {
    const Likeness likeness = compare(burst, own, other, best_lag);
    const bool as_quiet = std::fabs(likeness.difference() - *middle) <= kSameMax;
    if (likeness.difference() > difference_max || likeness.stray() > kStrayMax ||
        (likeness.correlation() < kBurstMin && !as_quiet))
      continue;
    std::fill(masked.begin() + static_cast<ptrdiff_t>(burst.first),
              masked.begin() + static_cast<ptrdiff_t>(burst.end), true);
    chunks += burst.end - burst.first;
  }
  return Leak{.level_db = *middle * 0.5,
              .delay_ms = static_cast<double>(best_lag) * kFrameS * 1000,
              .correlation = best,
              .masked_s = static_cast<double>(chunks) * kChunkS};
}

}  // namespace callscope::audio
