#include "audio/leak.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace callscope::audio {
namespace {

// Frames to look at: five minutes of speech tell, and a day's would take minutes.
constexpr size_t kFramesMax = 60'000;
constexpr size_t kFramesMin = 400;  // 2 s of speech
// What the room adds behind the delay.
constexpr int kTailFrames = 16;  // 80 ms
constexpr int kEarlyFrames = 3;  // and how early a frame's edge may show it
// The detector still hears speech this long after it has ended.
constexpr int kHangoverFrames = 24;  // 120 ms
// A level this close to the channel's rest is nobody's speech: 3 dB.
constexpr int kRestMargin = 6;
// A stretch of sound that stands out of a leak for less than this is the leak's own roughness.
constexpr size_t kOwnChunksMin = 3;

size_t chunk_of(size_t frame) { return frame * kFrameSamples / kSpeechChunkSamples; }

bool speaks(const Track& track, size_t frame) {
  const size_t chunk = chunk_of(frame);
  return chunk < track.speech.size() && track.probability(chunk) >= 0.5;
}

struct Fit {
  double correlation = 0;
  int lag = 0;
};

}  // namespace

uint8_t resting_level(const Track& track) {
  std::array<uint64_t, 256> counts{};
  for (const uint8_t level : track.level) ++counts[level];
  uint64_t seen = 0;
  for (size_t level = 0; level < counts.size(); ++level) {
    seen += counts[level];
    if (seen * 4 >= track.level.size()) return static_cast<uint8_t>(level);
  }
  return 0;
}

std::optional<Leak> find_leak(const Track& own, const Track& other, const Settings& settings) {
  const size_t frames = std::min(own.level.size(), other.level.size());
  const auto lag_max = static_cast<int>(settings.leak_delay_max_ms / 1000 / kFrameS);
  const auto below =
      static_cast<int>(2 * settings.leak_below_speech_db);  // levels are half decibels
  const uint8_t rest = resting_level(own);

  // Frames in which the other speaks, spread over the recording: whole seconds are kept and others
  // left out, so that neighbours stay together.
  size_t speaking = 0;
  for (size_t frame = static_cast<size_t>(lag_max); frame < frames; ++frame)
    speaking += speaks(other, frame) ? 1 : 0;
  if (speaking < kFramesMin) return std::nullopt;
  const size_t step = speaking / kFramesMax + 1;
  std::vector<size_t> chosen;
  for (size_t frame = static_cast<size_t>(lag_max); frame < frames; ++frame) {
    if (frame / 200 % step == 0 && speaks(other, frame)) chosen.push_back(frame);
  }

  Fit best;
  for (int lag = 0; lag <= lag_max; ++lag) {
    double n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (const size_t frame : chosen) {
      const int theirs = other.level[frame - static_cast<size_t>(lag)];
      const int ours = std::max(own.level[frame], rest);
      if (ours + below > theirs) continue;  // this channel's own speech
      n += 1;
      a += ours;
      b += theirs;
      aa += ours * ours;
      bb += theirs * theirs;
      ab += ours * theirs;
    }
    if (n < kFramesMin) continue;
    const double variance = (aa - a * a / n) * (bb - b * b / n);
    if (variance <= 0) continue;
    const double correlation = (ab - a * b / n) / std::sqrt(variance);
    if (correlation > best.correlation) best = {correlation, lag};
  }
  if (best.correlation < settings.leak_correlation_min) return std::nullopt;

  // How much quieter: the median where it stands out of this channel's rest.
  std::vector<int> differences;
  for (const size_t frame : chosen) {
    const int theirs = other.level[frame - static_cast<size_t>(best.lag)];
    const int ours = own.level[frame];
    if (ours + below <= theirs && ours > rest + 12) differences.push_back(ours - theirs);
  }
  if (differences.size() < kFramesMin / 4) return std::nullopt;
  const auto middle = differences.begin() + static_cast<ptrdiff_t>(differences.size() / 2);
  std::nth_element(differences.begin(), middle, differences.end());
  return Leak{.level_db = *middle * 0.5,
              .delay_ms = best.lag * kFrameS * 1000,
              .correlation = best.correlation};
}

std::vector<bool> leaked_chunks(const Track& own, const Track& other, const Leak& leak,
                                const Settings& settings) {
  const int lag = static_cast<int>(std::lround(leak.delay_ms / 1000 / kFrameS));
  const int offset = static_cast<int>(std::lround(2 * (leak.level_db + settings.leak_margin_db)));
  const int rest = resting_level(own);
  std::vector<bool> leaked(own.speech.size());
  const auto frames = static_cast<int64_t>(std::min(own.level.size(), other.level.size()));
  for (size_t chunk = 0; chunk < leaked.size(); ++chunk) {
    const auto first = static_cast<int64_t>(chunk * kSpeechChunkSamples / kFrameSamples);
    const auto end = std::min<int64_t>(
        frames, static_cast<int64_t>((chunk + 1) * kSpeechChunkSamples / kFrameSamples));
    int explained = 0, all = 0;
    bool other_speaks = false;
    for (int64_t frame = first; frame < end; ++frame) {
      const int64_t hung_over = frame - lag - kTailFrames - kHangoverFrames;
      other_speaks =
          other_speaks || (hung_over >= 0 && speaks(other, static_cast<size_t>(hung_over)));
      int loudest = 0;
      for (int64_t at = frame - lag - kTailFrames; at <= frame - lag + kEarlyFrames; ++at) {
        if (at < 0 || at >= frames) continue;
        loudest = std::max<int>(loudest, other.level[static_cast<size_t>(at)]);
        other_speaks = other_speaks || speaks(other, static_cast<size_t>(at));
      }
      ++all;
      const int ours = own.level[static_cast<size_t>(frame)];
      if (ours <= std::max(loudest + offset, rest + kRestMargin)) ++explained;
    }
    leaked[chunk] = other_speaks && all > 0 && explained * 10 >= all * 8;
  }
  // What stands out only briefly, between leaked chunks, is part of them.
  for (size_t chunk = 0; chunk < leaked.size();) {
    if (leaked[chunk]) {
      ++chunk;
      continue;
    }
    size_t end = chunk;
    while (end < leaked.size() && !leaked[end]) ++end;
    if (chunk > 0 && end < leaked.size() && end - chunk < kOwnChunksMin) {
      std::fill(leaked.begin() + static_cast<ptrdiff_t>(chunk),
                leaked.begin() + static_cast<ptrdiff_t>(end), true);
    }
    chunk = end;
  }
  return leaked;
}

}  // namespace callscope::audio
