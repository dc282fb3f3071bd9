#include "audio/background.h"

#include <algorithm>
#include <array>
#include <optional>

namespace callscope::audio {
namespace {

// Vowels come this often: within so many chunks of any sound of speech lies a loud one.
constexpr size_t kAroundChunks = 2;
constexpr uint32_t kSpeechChunksMin = 60;  // 2 s
// A voice dies away: what is weak is another's only where it goes on for half a second, or where
// nothing else lies within so few chunks.
constexpr size_t kWeakChunksMin = 16;
constexpr size_t kPauseChunks = 3;
// Of the speech on a channel, the part that is louder than its talker's usual level. Others may
// talk for most of the time.
constexpr double kLouderShare = 0.15;

// The loudest level of the frames around each chunk, but for one frame: a click is no voice.
std::vector<uint8_t> levels_around(const Track& track) {
  const std::vector<uint8_t>& level = track.level;
  std::vector<uint8_t> around(track.speech.size());
  for (size_t chunk = 0; chunk < around.size(); ++chunk) {
    const size_t first = chunk - std::min(chunk, kAroundChunks);
    const size_t from = first * kSpeechChunkSamples / kFrameSamples;
    const size_t to = (chunk + kAroundChunks + 1) * kSpeechChunkSamples / kFrameSamples;
    uint8_t loudest = 0, second = 0;
    for (size_t frame = from; frame < std::min(to, level.size()); ++frame) {
      second = std::max(second, std::min(loudest, level[frame]));
      loudest = std::max(loudest, level[frame]);
    }
    around[chunk] = second;
  }
  return around;
}

// The level below which the channel's speech is not that of the one who speaks on it; nullopt where
// there is too little speech to tell.
std::optional<double> weak_below_db(const Track& track, const std::vector<uint8_t>& around,
                                    const std::vector<bool>& masked, const Settings& settings) {
  std::array<uint32_t, 256> counts{};
  uint32_t speech = 0;
  for (size_t chunk = 0; chunk < around.size(); ++chunk) {
    if (track.probability(chunk) < settings.vad_on_probability ||
        (!masked.empty() && masked[chunk]))
      continue;
    ++counts[around[chunk]];
    ++speech;
  }
  if (speech < kSpeechChunksMin) return std::nullopt;
  size_t level = counts.size();
  uint32_t louder = 0;
  while (level > 0 && louder <= kLouderShare * speech) louder += counts[--level];
  return kSilenceDb + static_cast<double>(level) * 0.5 - settings.background_below_voice_db;
}

}  // namespace

void mask_background(const Track& track, const Settings& settings, std::vector<bool>& masked) {
  const std::vector<uint8_t> around = levels_around(track);
  const auto below_db = weak_below_db(track, around, masked, settings);
  if (!below_db) return;
  masked.resize(around.size());
  const auto is_speech = [&](size_t chunk) {
    return track.probability(chunk) >= settings.vad_off_probability && !masked[chunk];
  };
  const auto is_weak = [&](size_t chunk) { return kSilenceDb + around[chunk] * 0.5 < *below_db; };
  for (size_t first = 0; first < around.size(); ++first) {
    if (!is_speech(first)) continue;
    size_t end = first + 1;  // of the speech, behind its last chunk
    for (size_t at = end; at < around.size() && at - end <= kPauseChunks; ++at) {
      if (is_speech(at)) end = at + 1;
    }
    for (size_t from = first; from < end;) {
      size_t to = from;
      while (to < end && is_weak(to)) ++to;
      if ((from == first && to == end) || to - from >= kWeakChunksMin)
        std::fill(masked.begin() + static_cast<ptrdiff_t>(from),
                  masked.begin() + static_cast<ptrdiff_t>(to), true);
      from = to + 1;
    }
    first = end;
  }
}

}  // namespace callscope::audio
