#include "audio/clock_alignment.h"

#include <algorithm>
#include <cmath>

namespace callscope::audio {
namespace {

// Of each list: more add nothing to an offset, and pairs grow with the square.
constexpr size_t kEventsMax = 400;
// Offsets further from the stated one, or from 0, are not looked at.
constexpr double kOffsetMaxS = 4 * 3600;
// Offsets are counted in steps of this.
constexpr double kStepS = 0.05;
// Offsets that lie nearer to each other are told apart by how the signs lag, not by counting.
constexpr double kRivalApartS = 2;
// Another offset that explains nearly as much makes the best one a guess ...
constexpr double kRivalShare = 0.8;
// ... unless the best one says that the recording began with the call.
constexpr double kBeganWithCallS = 2;
// A slope takes matches over at least this long.
constexpr double kDriftSpanS = 60;
constexpr size_t kDriftMatchesMin = 6;
// Edges of speech and of spans are no better than this.
constexpr double kUncertaintyMinS = 0.01;
// Sound leaves no later than this after its first byte, or after a transcript said why.
constexpr double kBoundsApartMaxS = 0.4;
// A pipeline's detector closes a caller's speech after about this silence.
constexpr double kNoticedPauseS = 0.5;

// How a sign lags behind its sound: span's time minus the sound's, once the clocks agree.
struct Lag {
  double min_s, max_s;
  // What is left of the lag at its smallest: a constant, and a share of how much the lags vary.
  double rest_s, rest_share;
  // Which of the lags counts as the smallest, from the sound's side: signs that come at once are
  // early as often as late.
  double quantile;
  bool is_before;  // the sign precedes its sound
};
constexpr Lag kLags[kClockSigns] = {
    {-0.3, 0.2, 0, 0, 0.5, true},          // kAgentSpeech
    {-0.8, 0.1, 0.02, 0.7, 0.05, true},    // kAgentBytes
    {-1.5, 0.1, 0.05, 0.7, 0.05, true},    // kAgentRequest
    {-0.2, 0.4, 0.005, 0.3, 0.25, false},  // kCallerSpeechEnd
    {-0.05, 2.0, 0.2, 0.3, 0.05, false},   // kCallerUnderstood
    {-0.2, 0.5, 0.05, 0.3, 0.25, false},   // kCallerSpeechStart
};

struct Match {
  double audio_s = 0;
  double difference_s = 0;  // span's time minus the recording's
};

// The value below which that part of them lies; their order is lost.
double quantile(std::vector<double>& values, double part) {
  const double at = part * static_cast<double>(values.size() - 1);
  const auto low = static_cast<size_t>(at);
  const auto middle = values.begin() + static_cast<ptrdiff_t>(low);
  std::nth_element(values.begin(), middle, values.end());
  const double next =
      middle + 1 == values.end() ? *middle : *std::min_element(middle + 1, values.end());
  return *middle + (at - static_cast<double>(low)) * (next - *middle);
}
double median(std::vector<double> values) { return quantile(values, 0.5); }

std::vector<double> thinned(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  if (values.size() > kEventsMax) values.resize(kEventsMax);
  return values;
}

// One sign on both clocks.
struct Pair {
  ClockSign sign;
  std::vector<double> heard, shown;

  const Lag& lag() const { return kLags[static_cast<size_t>(sign)]; }
  bool is_agents() const { return lag().is_before; }
  size_t matches_max() const { return std::min(heard.size(), shown.size()); }

  // Each event shown with the nearest that was heard, each used once, that fit the difference.
  std::vector<Match> match(double difference_s, double within_s) const {
    std::vector<Match> matches;
    size_t next = 0;
    for (const double span : shown) {
      const double wanted = span - difference_s;
      while (next < heard.size() && heard[next] < wanted - within_s) ++next;
      size_t best = next;
      for (size_t k = next; k < heard.size() && heard[k] <= wanted + within_s; ++k) {
        if (std::fabs(heard[k] - wanted) < std::fabs(heard[best] - wanted)) best = k;
      }
      if (best >= heard.size() || std::fabs(heard[best] - wanted) > within_s) continue;
      matches.push_back({heard[best], span - heard[best]});
      next = best + 1;
    }
    return matches;
  }
};

// How many of a sign's events differ by about as much, for every difference in a range.
class DifferenceCount {
 public:
  DifferenceCount(const Pair& pair, double from_s, size_t steps, double within_s)
      : most_(static_cast<uint32_t>(pair.matches_max())),
        reach_(static_cast<size_t>(std::lround(within_s / kStepS))),
        sums_(steps + 1) {
    for (const double span : pair.shown) {
      for (const double heard : pair.heard) {
        const double at = (span - heard - from_s) / kStepS;
        if (at >= 0 && at < static_cast<double>(steps)) ++sums_[static_cast<size_t>(at) + 1];
      }
    }
    for (size_t i = 1; i < sums_.size(); ++i) sums_[i] += sums_[i - 1];
  }

  uint32_t at(ptrdiff_t step) const {
    const auto bounded = [&](ptrdiff_t i) {
      return static_cast<size_t>(std::clamp<ptrdiff_t>(i, 0, std::ssize(sums_) - 1));
    };
    const auto reach = static_cast<ptrdiff_t>(reach_);
    const uint32_t pairs = sums_[bounded(step + reach + 1)] - sums_[bounded(step - reach)];
    return std::min(pairs, most_);
  }

 private:
  uint32_t most_;
  size_t reach_;
  std::vector<uint32_t> sums_;  // of the pairs below each step
};

class Aligner {
 public:
  Aligner(const ClockEvidence& evidence, const Settings& settings)
      : stated_(evidence.stated_offset_s),
        stated_uncertainty_s_(evidence.stated_uncertainty_s),
        settings_(settings) {
    for (size_t i = 0; i < kClockSigns; ++i) {
      const auto sign = static_cast<ClockSign>(i);
      const auto& heard = sign == ClockSign::kCallerSpeechStart ? evidence.heard_caller_starts_s
                          : kLags[i].is_before                  ? evidence.heard_agent_starts_s
                                                                : evidence.heard_caller_ends_s;
      Pair pair{sign, thinned(heard), thinned(evidence.shown_s[i])};
      if (pair.matches_max() > 0) pairs_.push_back(std::move(pair));
    }
  }

  ClockAlignment align() const {
    if (const auto offset_s = best_offset()) {
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

  // The range of offsets to look at.
  std::optional<Interval> range() const {
    double low = kOffsetMaxS, high = -kOffsetMaxS;
    for (const Pair& pair : pairs_) {
      low = std::min(low, pair.shown.front() - pair.heard.back());
      high = std::max(high, pair.shown.back() - pair.heard.front());
    }
    const double middle = stated_.value_or(0);
    const double reach = stated_ ? settings_.clock_search_s : kOffsetMaxS;
    low = std::max(low, middle - reach) - kRivalApartS;
    high = std::min(high, middle + reach) + kRivalApartS;
    if (low >= high) return std::nullopt;
    return Interval{low, high};
  }

  // The offset that the most events agree on, each sign lagging as much as it likes within its
  // bounds, but by about the same throughout the call.
  std::optional<double> best_offset() const {
    const auto range = this->range();
    if (!range) return std::nullopt;
    const auto steps = static_cast<size_t>(range->length_s() / kStepS) + 1;
    std::vector<uint32_t> score(steps);
    size_t could = 0;
    for (const Pair& pair : pairs_) {
      could += pair.matches_max();
      const DifferenceCount count(pair, range->start_s, steps, within_s());
      const auto first = static_cast<ptrdiff_t>(std::lround(pair.lag().min_s / kStepS));
      const auto last = static_cast<ptrdiff_t>(std::lround(pair.lag().max_s / kStepS));
      for (size_t i = 0; i < steps; ++i) {
        uint32_t most = 0;
        for (ptrdiff_t lag = first; lag <= last; ++lag)
          most = std::max(most, count.at(static_cast<ptrdiff_t>(i) + lag));
        score[i] += most;
      }
    }
    const auto offset_at = [&](size_t i) {
      return range->start_s + static_cast<double>(i) * kStepS;
    };
    const double likely = stated_.value_or(0);
    size_t best = 0;
    for (size_t i = 0; i < steps; ++i) {
      const bool nearer = std::fabs(offset_at(i) - likely) < std::fabs(offset_at(best) - likely);
      if (score[i] > score[best] || (score[i] == score[best] && nearer)) best = i;
    }
    const auto far = [&](size_t i) {
      return std::fabs(offset_at(i) - offset_at(best)) > kRivalApartS;
    };
    uint32_t rival = 0;
    for (size_t i = 0; i < steps; ++i) {
      if (far(i)) rival = std::max(rival, score[i]);
    }
    if (static_cast<double>(rival) >= kRivalShare * score[best]) {
      // Two offsets explain the same: only what was stated can tell them apart, or that one of them
      // is where recordings mostly begin.
      const double allowed = stated_ ? std::max(1.0, 2 * stated_uncertainty_s_) : kBeganWithCallS;
      if (std::fabs(offset_at(best) - likely) > allowed || rival > score[best]) return std::nullopt;
    }
    if (!stated_ && 2 * score[best] < could) return std::nullopt;
    // The signs' lags leave some room; its middle is safe from its edges.
    std::vector<double> equals;
    for (size_t i = 0; i < steps; ++i) {
      if (!far(i) && score[i] == score[best]) equals.push_back(offset_at(i));
    }
    return median(std::move(equals));
  }

  struct Fitted {
    const Pair* pair;
    std::vector<Match> matches;
  };

  // Each sign's matches at its own lag.
  std::vector<Fitted> matches_at(double offset_s) const {
    std::vector<Fitted> fitted;
    for (const Pair& pair : pairs_) {
      std::vector<Match> best;
      for (double lag = pair.lag().min_s; lag <= pair.lag().max_s; lag += kStepS) {
        std::vector<Match> matches = pair.match(offset_s + lag, within_s());
        if (matches.size() > best.size()) best = std::move(matches);
      }
      if (best.empty()) continue;
      // The first lag that catches them all lies at their side; from the middle it is seen better.
      std::vector<double> differences;
      for (const Match& match : best) differences.push_back(match.difference_s);
      std::vector<Match> again = pair.match(median(differences), within_s());
      fitted.push_back({&pair, again.size() >= best.size() ? std::move(again) : std::move(best)});
    }
    return fitted;
  }

  std::optional<ClockAlignment> fit(double offset_s) const {
    const std::vector<Fitted> fitted = matches_at(offset_s);
    size_t agent = 0, caller = 0;
    for (const Fitted& each : fitted) {
      size_t& most = each.pair->is_agents() ? agent : caller;
      most = std::max(most, each.matches.size());
    }
    if (static_cast<double>(agent + caller) < settings_.clock_matches_min) return std::nullopt;
    ClockAlignment alignment{
        .method = stated_ ? AlignmentMethod::kStatedAndMatched : AlignmentMethod::kMatched,
        .matches = static_cast<int64_t>(agent + caller)};
    const double slope = drift(fitted);
    alignment.drift_ppm = slope * 1e6;
    place(fitted, slope, alignment);
    alignment.known = alignment.uncertainty_s <= settings_.clock_uncertainty_ms_max / 1000;
    return alignment;
  }

  // What one sign says of the offset: what is left when its smallest lag is taken away.
  struct Bound {
    double at_s = 0;
    double rest_s = 0;  // the lag that may be left
    double error_s = 0;
    size_t matches = 0;
  };
  static Bound bound_of(const Fitted& fitted, double slope) {
    std::vector<double> offsets, spread;
    for (const Match& match : fitted.matches)
      offsets.push_back(match.difference_s - match.audio_s * slope);
    const Lag& lag = fitted.pair->lag();
    const double middle = median(offsets);
    for (const double each : offsets) spread.push_back(std::fabs(each - middle));
    // 1.4826 times the median deviation is a standard deviation; 1.2533 more is the median's.
    const double deviation = 1.4826 * median(spread);
    const double varies = quantile(offsets, 0.75) - quantile(offsets, 0.25);
    Bound bound;
    bound.at_s = quantile(offsets, lag.is_before ? 1 - lag.quantile : lag.quantile);
    bound.rest_s = lag.rest_s + lag.rest_share * varies;
    bound.error_s = 1.96 * 1.2533 * deviation / std::sqrt(static_cast<double>(offsets.size()));
    bound.matches = offsets.size();
    return bound;
  }

  // Signs before their sound say "not before this", signs after it "not after this"; the offset
  // lies between the narrowest of both, nearer to the one that lags less.
  void place(const std::vector<Fitted>& fitted, double slope, ClockAlignment& alignment) const {
    std::optional<Bound> low, high;
    for (const Fitted& each : fitted) {
      const Bound bound = bound_of(each, slope);
      if (each.pair->sign == ClockSign::kAgentSpeech && bound.matches >= kSharpMatches) {
        alignment.offset_s = bound.at_s;
        alignment.uncertainty_s = std::max(kUncertaintyMinS, bound.error_s);
        return;
      }
      // A few stragglers of a sign say less than all of another.
      if (bound.matches < 2) continue;
      auto& side = each.pair->is_agents() ? low : high;
      const bool narrower =
          !side || (each.pair->is_agents() ? bound.at_s > side->at_s : bound.at_s < side->at_s);
      if (narrower) side = bound;
    }
    double uncertainty_s = 0;
    if (low && high) {
      const double apart = std::min(high->at_s - low->at_s, kBoundsApartMaxS);
      const double share = apart > 0 ? low->rest_s / (low->rest_s + high->rest_s) : 0.5;
      alignment.offset_s = low->at_s + apart * share;
      uncertainty_s = std::fabs(apart) / 2;
    } else if (low || high) {
      const Bound& only = low ? *low : *high;
      alignment.offset_s = only.at_s + (low ? only.rest_s : -only.rest_s);
      uncertainty_s = only.rest_s + only.error_s;
    } else {
      uncertainty_s = kOffsetMaxS;
    }
    alignment.uncertainty_s = std::max(kUncertaintyMinS, uncertainty_s);
    if (!stated_ || std::fabs(*stated_ - alignment.offset_s) > 2 * stated_uncertainty_s_) return;
    // What was stated has its say by how exact it is.
    const double ours = 1 / (alignment.uncertainty_s * alignment.uncertainty_s);
    const double theirs = 1 / (stated_uncertainty_s_ * stated_uncertainty_s_);
    alignment.offset_s = (alignment.offset_s * ours + *stated_ * theirs) / (ours + theirs);
  }

  // The median of the slopes between all pairs of a sign's matches that lie far apart (Theil and
  // Sen).
  double drift(const std::vector<Fitted>& fitted) const {
    std::vector<double> slopes;
    size_t matches = 0;
    for (const Fitted& each : fitted) {
      if (each.matches.size() < 2) continue;
      const double span_s = each.matches.back().audio_s - each.matches.front().audio_s;
      if (span_s < kDriftSpanS) continue;
      matches = std::max(matches, each.matches.size());
      for (size_t i = 0; i < each.matches.size(); ++i) {
        for (size_t k = i + 1; k < each.matches.size(); ++k) {
          const double apart = each.matches[k].audio_s - each.matches[i].audio_s;
          if (apart < span_s / 3) continue;
          slopes.push_back((each.matches[k].difference_s - each.matches[i].difference_s) / apart);
        }
      }
    }
    if (slopes.empty() || matches < kDriftMatchesMin) return 0;
    const double slope = median(slopes);
    std::vector<double> spread;
    for (const double each : slopes) spread.push_back(std::fabs(each - slope));
    // A slope that its own spread swallows is none; a clock's is small.
    const double error = 1.4826 * median(spread) / std::sqrt(static_cast<double>(matches));
    if (std::fabs(slope) < 2 * error || std::fabs(slope) * 1e6 > settings_.clock_drift_ppm_max)
      return 0;
    return slope;
  }

  // That many of the agent's own speaking spans settle it alone.
  static constexpr size_t kSharpMatches = 3;

  std::optional<double> stated_;
  double stated_uncertainty_s_;
  const Settings& settings_;
  std::vector<Pair> pairs_;
};

}  // namespace

void add_heard(ClockEvidence& evidence, const Talk& talk) {
  const auto begins = [](const std::vector<Interval>& spurts, std::vector<double>& starts) {
    for (size_t i = 0; i < spurts.size(); ++i) {
      if (i == 0 || spurts[i].start_s - spurts[i - 1].end_s >= kNoticedPauseS)
        starts.push_back(spurts[i].start_s);
    }
  };
  begins(talk.agent, evidence.heard_agent_starts_s);
  begins(talk.caller, evidence.heard_caller_starts_s);
  for (size_t i = 0; i < talk.caller.size(); ++i) {
    if (i + 1 == talk.caller.size() ||
        talk.caller[i + 1].start_s - talk.caller[i].end_s >= kNoticedPauseS)
      evidence.heard_caller_ends_s.push_back(talk.caller[i].end_s);
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
