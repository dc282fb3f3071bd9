#include "audio/activity.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace callscope::audio {
namespace {

constexpr double kMsPerS = 1000;
constexpr size_t kFramesPerSecond = 200;

// Pauses up to this are closed before edges are looked at: the network drops out for a chunk or two
// at stops inside words.
constexpr size_t kDropoutChunks = 3;

// Frames that have to be loud together, so that a click is no speech: 3 of 4, or 15 of 20 ms.
constexpr int kLoudOf = 4;
constexpr int kLoudMin = 3;

// Of speech, what stops take at least.
constexpr double kStopShare = 0.005;

struct Run {
  size_t first;  // chunk
  size_t end;    // one behind the last
};

std::vector<Run> speech_runs(const Track& track, const std::vector<bool>& masked,
                             const Settings& settings) {
  std::vector<Run> runs;
  bool speaking = false;
  double peak = 0;
  for (size_t chunk = 0; chunk <= track.speech.size(); ++chunk) {
    const bool over = chunk == track.speech.size();
    const double p = over || (!masked.empty() && masked[chunk]) ? 0 : track.probability(chunk);
    if (!speaking && p >= settings.vad_on_probability) {
      speaking = true;
      runs.push_back({chunk, chunk});
      peak = p;
    } else if (speaking && p < settings.vad_off_probability) {
      speaking = false;
      runs.back().end = chunk;
      if (peak < settings.vad_peak_probability_min) runs.pop_back();
    }
    peak = std::max(peak, p);
  }
  std::vector<Run> merged;
  for (const Run& run : runs) {
    if (!merged.empty() && run.first - merged.back().end <= kDropoutChunks) {
      merged.back().end = run.end;
    } else {
      merged.push_back(run);
    }
  }
  return merged;
}

size_t frame_at(double time_s) {
  return static_cast<size_t>(std::max(0.0, std::round(time_s / kFrameS)));
}

// The level below which `share` of the frames lie, of those for which `wanted` says so.
template <typename Wanted>
std::optional<double> level_quantile(const Track& track, size_t from, size_t to, double share,
                                     Wanted wanted) {
  std::array<uint32_t, 256> counts{};
  uint32_t total = 0;
  to = std::min(to, track.level.size());
  for (size_t frame = from; frame < to; ++frame) {
    if (!wanted(frame)) continue;
    ++counts[track.level[frame]];
    ++total;
  }
  if (total < 10) return std::nullopt;  // 50 ms
  const auto rank = static_cast<uint32_t>(share * (total - 1));
  uint32_t seen = 0;
  for (size_t level = 0; level < counts.size(); ++level) {
    seen += counts[level];
    if (seen > rank) return kSilenceDb + static_cast<double>(level) * 0.5;
  }
  return std::nullopt;
}

class Edges {
 public:
  Edges(const Track& track, const std::vector<bool>& masked, const std::vector<Run>& runs,
        const Settings& settings)
      : track_(track),
        masked_(masked),
        runs_(runs),
        settings_(settings),
        under_speech_db_(level_under_speech()) {}

  Interval refine(size_t i, Activity& counted) const {
    const double start_s = rise_s(runs_[i].first);
    const double end_s = std::min(fall_s(runs_[i].end), track_.duration_s());
    const double earliest_s = i == 0 ? 0 : middle_s(i - 1);
    const double latest_s = i + 1 == runs_.size() ? track_.duration_s() : middle_s(i);
    counted.edges += 2;
    const Levels onset = levels_at_onset(start_s, end_s, earliest_s);
    const Levels offset = levels_at_offset(start_s, end_s, latest_s);
    const auto sharp_start_s = find_onset(onset, start_s, end_s, earliest_s);
    const auto sharp_end_s = find_offset(offset, start_s, end_s, latest_s);
    counted.edges_refined += (sharp_start_s ? 1 : 0) + (sharp_end_s ? 1 : 0);
    const double late_start_s =
        bias_s(onset, settings_.edge_onset_bias_ms, settings_.edge_onset_bias_noisy_ms);
    const double late_end_s =
        bias_s(offset, settings_.edge_offset_bias_ms, settings_.edge_offset_bias_noisy_ms);
    const Interval refined{std::max(earliest_s, sharp_start_s.value_or(start_s - late_start_s)),
                           std::min(latest_s, sharp_end_s.value_or(end_s - late_end_s))};
    if (refined.end_s <= refined.start_s) return {start_s, end_s};
    return refined;
  }

 private:
  double middle_s(size_t before) const {
    return static_cast<double>(runs_[before].end + runs_[before + 1].first) / 2 * kChunkS;
  }

  // Whether the network hears no speech around that frame, and no key is pressed in it.
  bool is_noise(size_t frame) const {
    const size_t chunk = frame * kFrameSamples / kSpeechChunkSamples;
    return chunk < track_.speech.size() && !(chunk < track_.keys.size() && track_.keys[chunk]) &&
           track_.probability(chunk) < settings_.vad_off_probability;
  }
  bool is_masked(size_t chunk) const { return chunk < masked_.size() && masked_[chunk]; }

  // The network's edges lie between chunks; where its probability passes the threshold between the
  // middles of two is a little finer than the chunk.
  double rise_s(size_t first) const { return crossing_s(first, settings_.vad_on_probability); }
  double fall_s(size_t end) const { return crossing_s(end, settings_.vad_off_probability); }
  double crossing_s(size_t chunk, double threshold) const {
    const double edge_s = static_cast<double>(chunk) * kChunkS;
    if (chunk == 0 || chunk >= track_.speech.size()) return edge_s;
    const double before = track_.probability(chunk - 1);
    const double after = track_.probability(chunk);
    if (before == after) return edge_s;
    const double share = std::clamp((threshold - before) / (after - before), 0.0, 1.0);
    return edge_s + (share - 0.5) * kChunkS;
  }

  // The level in a talkspurt's stops: that of the noise while somebody speaks, which a line that
  // falls silent between words has there and, for a while, behind them.
  std::optional<double> level_under_speech() const {
    std::vector<bool> spoken(track_.level.size());
    for (const Run& run : runs_) {
      const size_t end = std::min(run.end * kSpeechChunkSamples / kFrameSamples, spoken.size());
      for (size_t frame = run.first * kSpeechChunkSamples / kFrameSamples; frame < end; ++frame)
        spoken[frame] = true;
    }
    return level_quantile(track_, 0, track_.level.size(), kStopShare,
                          [&](size_t frame) { return spoken[frame]; });
  }

  // What lies on either side of an edge; nullopt where there is too little of it.
  struct Levels {
    std::optional<double> speech_db;
    std::optional<double> noise_db;

    // Above digital silence everything stands out.
    double snr_db() const { return speech_db.value_or(0) - noise_db.value_or(kSilenceDb); }
  };

  Levels levels(size_t noise_from, size_t noise_to, size_t speech_from, size_t speech_to) const {
    const auto around =
        level_quantile(track_, noise_from, noise_to, 0.8, [&](size_t f) { return is_noise(f); });
    return {level_quantile(track_, speech_from, speech_to, 0.9, [](size_t) { return true; }),
            std::max(around, under_speech_db_)};
  }
  Levels levels_at_onset(double start_s, double end_s, double earliest_s) const {
    const double search_s = settings_.edge_search_ms / kMsPerS;
    return levels(frame_at(std::max(earliest_s, start_s - 1.0)),
                  frame_at(std::max(earliest_s, start_s - search_s * 2 / 3)), frame_at(start_s),
                  frame_at(std::min(end_s, start_s + 0.6)));
  }
  Levels levels_at_offset(double start_s, double end_s, double latest_s) const {
    return levels(frame_at(std::min(latest_s, end_s)), frame_at(std::min(latest_s, end_s + 1.0)),
                  frame_at(std::max(start_s, end_s - 0.6)), frame_at(end_s));
  }

  // How late the network is, from what it is where speech stands out to where it barely does.
  double bias_s(const Levels& around, double clean_ms, double noisy_ms) const {
    const double span_db = settings_.edge_bias_clean_db - settings_.edge_bias_noisy_db;
    const double share = std::clamp(
        (settings_.edge_bias_clean_db - around.snr_db()) / std::max(span_db, 1.0), 0.0, 1.0);
    return (clean_ms + share * (noisy_ms - clean_ms)) / kMsPerS;
  }

  // The level that parts speech from what is around it, where the two lie far enough apart.
  std::optional<double> threshold(const Levels& around) const {
    if (!around.speech_db || around.snr_db() < settings_.edge_snr_min_db) return std::nullopt;
    return std::max(around.noise_db.value_or(kSilenceDb) + settings_.edge_above_noise_db,
                    *around.speech_db - settings_.edge_below_speech_db);
  }

  bool loud(size_t frame, double level) const {
    return frame < track_.level.size() && track_.level_db(frame) >= level &&
           !is_masked(frame * kFrameSamples / kSpeechChunkSamples);
  }

  int loud_around(size_t from, double level) const {
    int count = 0;
    for (size_t frame = from; frame < from + kLoudOf; ++frame) count += loud(frame, level) ? 1 : 0;
    return count;
  }

  std::optional<double> find_onset(const Levels& around, double start_s, double end_s,
                                   double earliest_s) const {
    const double search_s = settings_.edge_search_ms / kMsPerS;
    const double from_s = std::max(earliest_s, start_s - search_s);
    const auto level = threshold(around);
    if (!level) return std::nullopt;
    // The first of the frames, from the outside in, at which it is loud for a while.
    const size_t last = frame_at(std::min(end_s, start_s + search_s));
    for (size_t frame = frame_at(from_s); frame < last; ++frame) {
      if (loud(frame, *level) && loud_around(frame, *level) >= kLoudMin)
        return static_cast<double>(frame) * kFrameS;
    }
    return std::nullopt;
  }

  std::optional<double> find_offset(const Levels& around, double start_s, double end_s,
                                    double latest_s) const {
    const double search_s = settings_.edge_search_ms / kMsPerS;
    const double to_s = std::min(latest_s, end_s + search_s / 3);
    const auto level = threshold(around);
    if (!level) return std::nullopt;
    const size_t first = frame_at(std::max(start_s, end_s - search_s * 1.5));
    for (size_t frame = frame_at(to_s); frame-- > first;) {
      if (loud(frame, *level) && frame + 1 >= kLoudOf &&
          loud_around(frame + 1 - kLoudOf, *level) >= kLoudMin) {
        return static_cast<double>(frame + 1) * kFrameS;
      }
    }
    return std::nullopt;
  }

  const Track& track_;
  const std::vector<bool>& masked_;
  const std::vector<Run>& runs_;
  const Settings& settings_;
  const std::optional<double> under_speech_db_;
};

}  // namespace

Activity find_speech(const Track& track, const std::vector<bool>& masked,
                     const Settings& settings) {
  Activity found;
  const std::vector<Run> runs = speech_runs(track, masked, settings);
  const Edges edges(track, masked, runs, settings);
  for (size_t i = 0; i < runs.size(); ++i) {
    const Interval spurt = edges.refine(i, found);
    auto& spurts = found.talkspurts;
    if (!spurts.empty() &&
        spurt.start_s - spurts.back().end_s < settings.speech_merge_ms / kMsPerS) {
      spurts.back().end_s = std::max(spurts.back().end_s, spurt.end_s);
    } else {
      spurts.push_back(spurt);
    }
  }
  std::erase_if(found.talkspurts, [&](const Interval& spurt) {
    return spurt.length_s() < settings.speech_min_ms / kMsPerS;
  });
  return found;
}

}  // namespace callscope::audio
