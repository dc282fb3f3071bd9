#include "audio/clock_alignment.h"

#include <algorithm>
#include <cmath>

namespace callscope::audio {
namespace {

// Of each list: more add nothing to an offset, and pairs grow with the square.
constexpr size_t kEventsMax = 400;
// A slope takes matches over at least this long.
constexpr double kDriftSpanS = 60;
constexpr size_t kDriftMatchesMin = 6;
// Another offset that explains nearly as much makes the best one a guess.
constexpr double kRivalShare = 0.8;
// Edges of speech and of spans are no better than this.
constexpr double kUncertaintyMinS = 0.01;

struct Match {
  double audio_s = 0;
  double difference_s = 0;  // span's time minus the recording's
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

std::vector<double> thinned(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  if (values.size() > kEventsMax) values.resize(kEventsMax);
  return values;
}

// One kind of event on both clocks.
struct Pair {
  std::vector<double> heard, spans;

  // Each span's event with the nearest that was heard, each used once, that fit the offset.
  void match(double offset_s, double within_s, std::vector<Match>& matches) const {
    size_t next = 0;
    for (const double span : spans) {
      const double wanted = span - offset_s;
      while (next < heard.size() && heard[next] < wanted - within_s) ++next;
      size_t best = next;
      for (size_t k = next; k < heard.size() && heard[k] <= wanted + within_s; ++k) {
        if (std::fabs(heard[k] - wanted) < std::fabs(heard[best] - wanted)) best = k;
      }
      if (best >= heard.size() || std::fabs(heard[best] - wanted) > within_s) continue;
      matches.push_back({heard[best], span - heard[best]});
      next = best + 1;
    }
  }
};

class Aligner {
 public:
  Aligner(const ClockEvidence& evidence, const Settings& settings)
      : stated_(evidence.stated_offset_s),
        stated_uncertainty_s_(evidence.stated_uncertainty_s),
        settings_(settings),
        agent_{thinned(evidence.heard_agent_starts_s), thinned(evidence.agent_starts_s)},
        caller_{thinned(evidence.heard_caller_ends_s), thinned(evidence.caller_ends_s)} {}

  ClockAlignment align() {
    const auto offset_s = best_offset();
    if (offset_s) {
      if (auto fitted = fit(*offset_s)) return *fitted;
    }
    ClockAlignment alignment;
    if (!stated_) return alignment;
    alignment.known = stated_uncertainty_s_ <= settings_.clock_uncertainty_ms_max / 1000;
    alignment.offset_s = *stated_;
    alignment.uncertainty_s = stated_uncertainty_s_;
    alignment.method = AlignmentMethod::kStated;
    return alignment;
  }

 private:
  double within_s() const { return settings_.clock_match_ms_max / 1000 / 2; }

  size_t matches_at(double offset_s) const {
    std::vector<Match> matches;
    agent_.match(offset_s, within_s(), matches);
    caller_.match(offset_s, within_s(), matches);
    return matches.size();
  }

  // The offset that the most events agree on.
  std::optional<double> best_offset() const {
    std::vector<double> differences;
    for (const Pair* const pair : {&agent_, &caller_}) {
      for (const double span : pair->spans) {
        for (const double heard : pair->heard) {
          const double difference = span - heard;
          if (!stated_ || std::fabs(difference - *stated_) <= settings_.clock_search_s)
            differences.push_back(difference);
        }
      }
    }
    if (differences.size() < 2) return std::nullopt;
    std::sort(differences.begin(), differences.end());
    // Candidates are the middles of the fullest windows; what was matched decides among them.
    struct Window {
      size_t count;
      double middle;
    };
    std::vector<Window> windows;
    size_t last = 0;
    for (size_t first = 0; first < differences.size(); ++first) {
      while (last < differences.size() && differences[last] - differences[first] <= 2 * within_s())
        ++last;
      windows.push_back({last - first, (differences[first] + differences[last - 1]) / 2});
    }
    std::sort(windows.begin(), windows.end(),
              [](const Window& a, const Window& b) { return a.count > b.count; });
    double best = 0;
    size_t most = 0, rival = 0;
    for (size_t i = 0; i < std::min<size_t>(windows.size(), 200); ++i) {
      const size_t matches = matches_at(windows[i].middle);
      const bool same = std::fabs(windows[i].middle - best) <= 2 * within_s();
      const bool nearer = stated_ && matches == most &&
                          std::fabs(windows[i].middle - *stated_) < std::fabs(best - *stated_);
      if (matches > most || (nearer && !same)) {
        if (!same) rival = most;
        most = matches;
        best = windows[i].middle;
      } else if (!same) {
        rival = std::max(rival, matches);
      }
    }
    if (static_cast<double>(most) < settings_.clock_matches_min) return std::nullopt;
    if (static_cast<double>(rival) >= kRivalShare * static_cast<double>(most)) {
      // Two offsets explain the same: only what was stated can tell them apart.
      if (!stated_ || std::fabs(best - *stated_) > std::max(1.0, 2 * stated_uncertainty_s_))
        return std::nullopt;
    }
    const size_t could = std::min(agent_.heard.size(), agent_.spans.size()) +
                         std::min(caller_.heard.size(), caller_.spans.size());
    if (!stated_ && 2 * most < could) return std::nullopt;
    return best;
  }

  std::optional<ClockAlignment> fit(double offset_s) const {
    std::vector<Match> matches;
    // The agent's onsets are sharp on both clocks; the caller's ends lag behind by the detector's
    // wait, and count only where the others are too few.
    agent_.match(offset_s, within_s(), matches);
    if (static_cast<double>(matches.size()) < settings_.clock_matches_min) {
      caller_.match(offset_s, within_s(), matches);
    }
    if (static_cast<double>(matches.size()) < settings_.clock_matches_min) return std::nullopt;
    ClockAlignment alignment{
        .method = stated_ ? AlignmentMethod::kStatedAndMatched : AlignmentMethod::kMatched,
        .matches = static_cast<int64_t>(matches.size())};
    alignment.drift_ppm = drift(matches) * 1e6;
    std::vector<double> offsets, spread;
    for (const Match& match : matches) {
      offsets.push_back(match.difference_s - match.audio_s * alignment.drift_ppm / 1e6);
    }
    alignment.offset_s = median(offsets);
    for (const double each : offsets) spread.push_back(std::fabs(each - alignment.offset_s));
    // 1.4826 times the median deviation is a standard deviation; 1.2533 more is the median's.
    const double deviation = 1.4826 * median(spread);
    alignment.uncertainty_s =
        std::max(kUncertaintyMinS,
                 1.96 * 1.2533 * deviation / std::sqrt(static_cast<double>(offsets.size())));
    alignment.known = alignment.uncertainty_s <= settings_.clock_uncertainty_ms_max / 1000;
    return alignment;
  }

  // The median of the slopes between all pairs of matches that lie far apart (Theil and Sen).
  double drift(const std::vector<Match>& matches) const {
    const auto [first, last] =
        std::minmax_element(matches.begin(), matches.end(),
                            [](const Match& a, const Match& b) { return a.audio_s < b.audio_s; });
    const double span_s = last->audio_s - first->audio_s;
    if (matches.size() < kDriftMatchesMin || span_s < kDriftSpanS) return 0;
    std::vector<double> slopes;
    for (size_t i = 0; i < matches.size(); ++i) {
      for (size_t k = i + 1; k < matches.size(); ++k) {
        const double apart = matches[k].audio_s - matches[i].audio_s;
        if (std::fabs(apart) < span_s / 3) continue;
        slopes.push_back((matches[k].difference_s - matches[i].difference_s) / apart);
      }
    }
    if (slopes.empty()) return 0;
    const double slope = median(slopes);
    std::vector<double> spread;
    for (const double each : slopes) spread.push_back(std::fabs(each - slope));
    // A slope that its own spread swallows is none; a clock's is small.
    const double error = 1.4826 * median(spread) / std::sqrt(static_cast<double>(matches.size()));
    if (std::fabs(slope) < 2 * error || std::fabs(slope) * 1e6 > settings_.clock_drift_ppm_max)
      return 0;
    return slope;
  }

  std::optional<double> stated_;
  double stated_uncertainty_s_;
  const Settings& settings_;
  Pair agent_, caller_;
};

}  // namespace

void add_heard(ClockEvidence& evidence, const std::vector<Turn>& turns) {
  for (const Turn& turn : turns) {
    if (turn.speaker == Speaker::kAgent) {
      evidence.heard_agent_starts_s.push_back(turn.start_s);
    } else {
      evidence.heard_caller_ends_s.push_back(turn.end_s);
    }
  }
}

std::string_view to_string(AlignmentMethod method) {
  switch (method) {
    case AlignmentMethod::kNone:
      return "";
    case AlignmentMethod::kStated:
      return "stated";
    case AlignmentMethod::kMatched:
      return "matched";
    case AlignmentMethod::kStatedAndMatched:
      return "stated+matched";
  }
  return "";
}

ClockAlignment align_clocks(const ClockEvidence& evidence, const Settings& settings) {
  return Aligner(evidence, settings).align();
}

}  // namespace callscope::audio
