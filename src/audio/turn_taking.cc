#include "audio/turn_taking.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace callscope::audio {
namespace {

constexpr double kMsPerS = 1000;

struct Spurt : Interval {
  Speaker speaker = Speaker::kCaller;
  bool backchannel = false;
};
using Spurts = std::vector<Spurt>;

double overlap(const Interval& a, const Interval& b) {
  return std::max(0.0, std::min(a.end_s, b.end_s) - std::max(a.start_s, b.start_s));
}

bool covers(const Interval& interval, double at) {
  return interval.start_s <= at && at < interval.end_s;
}

// The one that is speaking at that time, or null.
const Spurt* speaking(const Spurts& spurts, double at) {
  auto it = std::upper_bound(spurts.begin(), spurts.end(), at,
                             [](double t, const Spurt& s) { return t < s.start_s; });
  if (it == spurts.begin()) return nullptr;
  --it;
  return covers(*it, at) ? &*it : nullptr;
}

class Walk {
 public:
  Walk(const Talk& talk, const Settings& settings)
      : duration_s_(talk.duration_s), settings_(settings) {
    for (const Speaker speaker : {Speaker::kCaller, Speaker::kAgent}) {
      for (const Interval& interval : talk.of(speaker)) {
        of(speaker).push_back({interval, speaker, false});
      }
    }
  }

  TurnTaking done() {
    find_backchannels();
    for (const Speaker speaker : {Speaker::kCaller, Speaker::kAgent}) make_turns(speaker);
    std::sort(turns_.begin(), turns_.end(), [](const Turn& a, const Turn& b) {
      return std::tie(a.start_s, a.end_s) < std::tie(b.start_s, b.end_s);
    });
    transfer_floor();
    find_unanswered();
    list_talk();
    list_overlaps();
    list_interruptions();
    list_dead_air();
    std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
      return std::tie(a.start_s, a.end_s) < std::tie(b.start_s, b.end_s);
    });
    return {std::move(turns_), std::move(events_)};
  }

 private:
  Spurts& of(Speaker speaker) { return spurts_[static_cast<size_t>(speaker)]; }

  bool is_isolated(const Spurts& own, size_t i) const {
    const Spurt& spurt = own[i];
    if (i > 0 &&
        spurt.start_s - own[i - 1].end_s < settings_.backchannel_silence_before_ms / kMsPerS) {
      return false;
    }
    return i + 1 == own.size() ||
           own[i + 1].start_s - spurt.end_s >= settings_.backchannel_silence_after_ms / kMsPerS;
  }

  // A short, isolated token beside speech of the other, who goes on after it.
  void find_backchannels() {
    const double kept_s = settings_.backchannel_floor_kept_ms / kMsPerS;
    for (const Speaker speaker : {Speaker::kCaller, Speaker::kAgent}) {
      Spurts& own = of(speaker);
      const Spurts& others = of(other(speaker));
      for (size_t i = 0; i < own.size(); ++i) {
        Spurt& spurt = own[i];
        if (spurt.length_s() > settings_.backchannel_ms_max / kMsPerS || !is_isolated(own, i))
          continue;
        const Spurt* const holder = holder_after(others, spurt);
        if (holder == nullptr || holder->backchannel) continue;
        spurt.backchannel = keeps_until_s(others, *holder, spurt) - spurt.end_s >= kept_s &&
                            holder->length_s() > spurt.length_s() &&
                            held_before(others, *holder, spurt);
      }
    }
  }

  // Until when the holder goes on, over pauses in which nobody would have answered. Where the token
  // lies wholly inside its talkspurt a pause may be twice as long.
  double keeps_until_s(const Spurts& others, const Spurt& holder, const Spurt& token) const {
    const bool inside = holder.start_s <= token.start_s && token.end_s <= holder.end_s;
    const double pause_s = settings_.backchannel_resume_ms_max / kMsPerS * (inside ? 2 : 1);
    const Spurt* last = &holder;
    while (last != &others.back() && last[1].start_s - last->end_s <= pause_s) ++last;
    return last->end_s;
  }

  // Who speaks at the token's end, or, having spoken at its start, goes on so soon after it that it
  // can be no answer.
  const Spurt* holder_after(const Spurts& others, const Spurt& token) const {
    if (const Spurt* const now = speaking(others, token.end_s)) return now;
    const Spurt* const before = speaking(others, token.start_s);
    if (before == nullptr || before == &others.back()) return nullptr;
    const Spurt* const next = before + 1;
    return next->start_s - token.end_s <= settings_.backchannel_resume_ms_max / kMsPerS ? next
                                                                                        : nullptr;
  }

  // Whether the holder spoke when the token began, or had only paused.
  bool held_before(const Spurts& others, const Spurt& holder, const Spurt& token) const {
    if (holder.start_s <= token.start_s) return true;
    const auto index = static_cast<size_t>(&holder - others.data());
    return index > 0 &&
           token.start_s - others[index - 1].end_s < 2 * settings_.speech_merge_ms / kMsPerS;
  }

  // Whether the other took the floor between two spurts of a speaker.
  bool floor_was_taken(const Spurt& before, const Spurt& after, const Spurts& others) const {
    const Interval gap{before.end_s, after.start_s};
    if (gap.length_s() >= settings_.turn_pause_ms_max / kMsPerS) return true;
    auto it = std::partition_point(others.begin(), others.end(),
                                   [&](const Spurt& s) { return s.end_s <= gap.start_s; });
    for (; it != others.end() && it->start_s < gap.end_s; ++it) {
      if (it->backchannel || overlap(*it, gap) < settings_.floor_taken_ms_min / kMsPerS) continue;
      const bool began_since = it->start_s > before.start_s;
      if (began_since || gap.length_s() >= settings_.failed_interruption_pause_ms_max / kMsPerS)
        return true;
    }
    return false;
  }

  void make_turns(Speaker speaker) {
    const Spurts& others = of(other(speaker));
    const Spurt* last = nullptr;
    for (const Spurt& spurt : of(speaker)) {
      if (spurt.backchannel) continue;
      if (last != nullptr && !floor_was_taken(*last, spurt, others)) {
        turns_.back().end_s = spurt.end_s;
        events_.push_back({EventType::kPause, last->end_s, spurt.start_s, speaker});
      } else {
        turns_.push_back({.speaker = speaker, .start_s = spurt.start_s, .end_s = spurt.end_s});
      }
      last = &spurt;
    }
  }

  void transfer_floor() {
    std::array<const Turn*, 2> last{};  // turn of each speaker
    for (Turn& turn : turns_) {
      const Turn* const own = std::exchange(last[static_cast<size_t>(turn.speaker)], &turn);
      const Turn* const before = last[static_cast<size_t>(other(turn.speaker))];
      // What the speaker has answered already is not answered again.
      if (before == nullptr || (own != nullptr && own->end_s > before->end_s)) continue;
      if (before->end_s > turn.end_s) {
        turn.within_other = true;
        continue;
      }
      const double offset_s = turn.start_s - before->end_s;
      turn.floor_transfer_offset_s = offset_s;
      if (turn.speaker == Speaker::kAgent && offset_s >= 0) turn.response_latency_s = offset_s;
      const double from = std::min(turn.start_s, before->end_s);
      const double to = std::max(turn.start_s, before->end_s);
      events_.push_back({.type = EventType::kFloorTransfer,
                         .start_s = from,
                         .end_s = to,
                         .speaker = turn.speaker,
                         .offset_s = offset_s});
      if (offset_s > 0) {
        events_.push_back({.type = EventType::kGap,
                           .start_s = from,
                           .end_s = to,
                           .speaker = turn.speaker,
                           .offset_s = offset_s});
      }
    }
  }

  // A caller's turn has no answer where the caller speaks next, or nobody does.
  void find_unanswered() {
    for (size_t i = 0; i < turns_.size(); ++i) {
      Turn& turn = turns_[i];
      if (turn.speaker == Speaker::kAgent || turn.within_other) continue;
      size_t next = i + 1;
      while (next < turns_.size() && turns_[next].end_s <= turn.end_s) ++next;
      const bool ended = next == turns_.size();
      if (!ended && turns_[next].speaker == Speaker::kAgent) continue;
      turn.unanswered = true;
      events_.push_back({EventType::kUnanswered, turn.end_s,
                         std::max(ended ? duration_s_ : turns_[next].start_s, turn.end_s),
                         Speaker::kAgent});
    }
  }

  void list_talk() {
    for (const Speaker speaker : {Speaker::kCaller, Speaker::kAgent}) {
      for (const Spurt& spurt : of(speaker)) {
        events_.push_back({spurt.backchannel ? EventType::kBackchannel : EventType::kTalkspurt,
                           spurt.start_s, spurt.end_s, speaker});
      }
    }
  }

  void list_overlaps() {
    const Spurts& agents = of(Speaker::kAgent);
    size_t first = 0;
    for (const Spurt& caller : of(Speaker::kCaller)) {
      while (first < agents.size() && agents[first].end_s <= caller.start_s) ++first;
      for (size_t k = first; k < agents.size() && agents[k].start_s < caller.end_s; ++k) {
        const Spurt& agent = agents[k];
        const Spurt& later = agent.start_s >= caller.start_s ? agent : caller;
        const Spurt& earlier = &later == &agent ? caller : agent;
        Event event{.type = EventType::kOverlap,
                    .start_s = later.start_s,
                    .end_s = std::min(agent.end_s, caller.end_s),
                    .speaker = later.speaker,
                    .within_other = later.end_s <= earlier.end_s};
        event.offset_s = event.start_s - event.end_s;
        events_.push_back(event);
      }
    }
  }

  void list_interruptions() {
    for (const Speaker speaker : {Speaker::kCaller, Speaker::kAgent}) {
      const Spurts& own = of(speaker);
      const Spurts& others = of(other(speaker));
      for (size_t i = 0; i < own.size(); ++i) {
        const Spurt& spurt = own[i];
        const Spurt* const holder = speaking(others, spurt.start_s);
        if (holder == nullptr || holder->start_s == spurt.start_s) continue;
        const double yield_s = holder->end_s - spurt.start_s;
        const double both_s = overlap(spurt, *holder);
        Event event{.type = EventType::kInterruption,
                    .start_s = spurt.start_s,
                    .end_s = spurt.start_s + both_s,
                    .speaker = speaker,
                    .yield_s = yield_s,
                    .yielded = yield_s <= settings_.yield_ms_max / kMsPerS,
                    .within_other = spurt.end_s <= holder->end_s,
                    .counted = !spurt.backchannel && !holder->backchannel &&
                               both_s >= settings_.interruption_overlap_ms_min / kMsPerS};
        events_.push_back(event);
        if (speaker == Speaker::kCaller && !holder->backchannel &&
            spurt.length_s() <= settings_.false_yield_token_ms_max / kMsPerS &&
            is_isolated(own, i) && yield_s <= settings_.false_yield_stop_ms_max / kMsPerS &&
            both_s >= settings_.interruption_overlap_ms_min / kMsPerS) {
          events_.push_back({.type = EventType::kFalseYield,
                             .start_s = spurt.start_s,
                             .end_s = holder->end_s,
                             .speaker = Speaker::kAgent,
                             .yield_s = yield_s});
        }
      }
    }
  }

  void list_dead_air() {
    Spurts all = of(Speaker::kCaller);
    all.insert(all.end(), of(Speaker::kAgent).begin(), of(Speaker::kAgent).end());
    std::sort(all.begin(), all.end(),
              [](const Spurt& a, const Spurt& b) { return a.start_s < b.start_s; });
    double silent_since_s = 0;
    // Before anybody has spoken it is the agent's to answer the call.
    Speaker owes = Speaker::kAgent;
    const auto end_silence = [&](double until_s) {
      const double length_s = until_s - silent_since_s;
      if (length_s < settings_.dead_air_warn_s) return;
      events_.push_back({.type = EventType::kDeadAir,
                         .start_s = silent_since_s,
                         .end_s = until_s,
                         .speaker = owes,
                         .failed = length_s >= settings_.dead_air_fail_s});
    };
    for (const Spurt& spurt : all) {
      end_silence(spurt.start_s);
      if (spurt.end_s <= silent_since_s) continue;
      silent_since_s = spurt.end_s;
      // A backchannel hands nothing over.
      owes = spurt.backchannel ? spurt.speaker : other(spurt.speaker);
    }
    if (!all.empty()) end_silence(duration_s_);
  }

  double duration_s_;
  const Settings& settings_;
  std::array<Spurts, 2> spurts_;
  std::vector<Turn> turns_;
  std::vector<Event> events_;
};

}  // namespace

std::string_view to_string(Speaker speaker) {
  return speaker == Speaker::kCaller ? "caller" : "agent";
}

std::string_view to_string(EventType type) {
  switch (type) {
    case EventType::kTalkspurt:
      return "talkspurt";
    case EventType::kPause:
      return "pause";
    case EventType::kGap:
      return "gap";
    case EventType::kOverlap:
      return "overlap";
    case EventType::kFloorTransfer:
      return "floor_transfer";
    case EventType::kBackchannel:
      return "backchannel";
    case EventType::kInterruption:
      return "interruption";
    case EventType::kFalseYield:
      return "false_yield";
    case EventType::kUnanswered:
      return "unanswered";
    case EventType::kDeadAir:
      return "dead_air";
  }
  return "";
}

TurnTaking take_turns(const Talk& talk, const Settings& settings) {
  return Walk(talk, settings).done();
}

}  // namespace callscope::audio
