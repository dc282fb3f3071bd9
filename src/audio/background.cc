#include "audio/background.h"

#include <algorithm>
#include <array>

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
  std::vector<uint8_t> own(track.speech.size());
  for (size_t chunk = 0; chunk < own.size(); ++chunk) {
    const size_t from = chunk * kSpeechChunkSamples / kFrameSamples;
    const size_t to =
        std::min(track.level.size(), (chunk + 1) * kSpeechChunkSamples / kFrameSamples);
    uint8_t loudest = 0;
    for (size_t frame = from; frame < to; ++frame) {
      if (track.level[frame] > loudest) {
        own[chunk] = loudest;
        loudest = track.level[frame];
      } else {
        own[chunk] = std::max(own[chunk], track.level[frame]);
      }
    }
  }
  std::vector<uint8_t> around(own.size());
  for (size_t chunk = 0; chunk < own.size(); ++chunk) {
    const size_t from = chunk - std::min(chunk, kAroundChunks);
    const size_t to = std::min(own.size(), chunk + kAroundChunks + 1);
    around[chunk] = *std::max_element(own.begin() + static_cast<ptrdiff_t>(from),
                                      own.begin() + static_cast<ptrdiff_t>(to));
  }
  return around;
}

}  // namespace

std::optional<double> background_below_db(const Track& track, const std::vector<bool>& masked,
                                          const Settings& settings) {
  const std::vector<uint8_t> around = levels_around(track);
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

void mask_background(const Track& track, double below_db, const Settings& settings,
                     std::vector<bool>& masked) {
  const std::vector<uint8_t> around = levels_around(track);
  masked.resize(around.size());
  const auto is_speech = [&](size_t chunk) {
    return track.probability(chunk) >= settings.vad_off_probability && !masked[chunk];
  };
  const auto is_weak = [&](size_t chunk) { return kSilenceDb + around[chunk] * 0.5 < below_db; };
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
