#include "audio/panels.h"

#include <algorithm>
#include <cmath>

namespace callscope::audio {
namespace {

constexpr double kMsPerS = 1000;

std::optional<double> mean(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::optional<double> rate(int64_t part, int64_t whole, double events_min) {
  if (whole == 0 || static_cast<double>(whole) < events_min) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

bool speaks_at(const std::vector<Interval>& talk, double at_s) {
  const auto it = std::partition_point(talk.begin(), talk.end(),
                                       [&](const Interval& i) { return i.end_s <= at_s; });
  return it != talk.end() && it->start_s <= at_s;
}

// Straight between (from, at_from) and (to, at_to), level outside.
double ramp(double x, double from, double to, double at_from, double at_to) {
  if (from == to) return x < from ? at_from : at_to;
  const double share = std::clamp((x - from) / (to - from), 0.0, 1.0);
  return at_from + share * (at_to - at_from);
}

// One answer of the agent as EVA sees it.
struct EvaTurn {
  double latency_ms = 0;
  bool tool = false;
  int64_t barge_ins = 0;  // of the agent into the caller's turn
  double overlap_ms = 0;
  std::optional<double> yield_ms;  // of the agent to the caller
};

double latency_score(const EvaTurn& turn, const Settings& s) {
  const double full_until = turn.tool ? s.eva_full_until_tool_ms : s.eva_full_until_ms;
  const double zero = turn.tool ? s.eva_late_zero_tool_ms : s.eva_late_zero_ms;
  if (turn.latency_ms <= full_until)
    return ramp(turn.latency_ms, s.eva_early_zero_ms, s.eva_full_from_ms, 0, 1);
  return ramp(turn.latency_ms, full_until, zero, 1, 0);
}

double turn_score(const EvaTurn& turn, const Settings& s) {
  double score = 1;
  if (turn.barge_ins > 0) {
    const double overlap = 0.5 * ramp(turn.overlap_ms, 0, s.eva_overlap_zero_ms, 1, 0);
    const double count = 0.5 * std::max(0.0, 1 - static_cast<double>(turn.barge_ins - 1) / 2);
    score = std::min({score, overlap, count, latency_score(turn, s)});
  }
  if (turn.yield_ms) score = std::min(score, ramp(*turn.yield_ms, 0, s.eva_yield_zero_ms, 1, 0));
  return turn.barge_ins > 0 || turn.yield_ms ? score : latency_score(turn, s);
}

}  // namespace

TauVoice tau_voice_panel(const Talk& talk, const TurnTaking& turn_taking,
                         const Settings& settings) {
  TauVoice panel;
  std::vector<double> latencies, yields;
  int64_t unanswered = 0, agent_starts = 0, yielded = 0, ignored = 0;
  for (const Turn& turn : turn_taking.turns) {
    if (turn.speaker == Speaker::kAgent) {
      // A turn at whose end the agent was speaking is left out by its rule: its offset is negative.
      if (turn.response_latency_s) latencies.push_back(*turn.response_latency_s);
      continue;
    }
    if (turn.within_other) continue;
    ++panel.turns;
    if (turn.unanswered) ++unanswered;
  }
  for (const Event& event : turn_taking.events) {
    const bool by_agent = event.speaker == Speaker::kAgent;
    if (event.type == EventType::kInterruption && by_agent) ++agent_starts;
    if (event.type == EventType::kInterruption && !by_agent && event.counted &&
        event.end_s - event.start_s >= settings.tau_last_segment_ms_min / kMsPerS) {
      ++panel.interruptions;
      const double yield_s = event.yield_s.value_or(settings.tau_yield_ms_max);
      if (yield_s > settings.tau_yield_ms_max / kMsPerS) continue;
      ++yielded;
      yields.push_back(yield_s);
    }
    if (event.type == EventType::kBackchannel && !by_agent) {
      ++panel.backchannels;
      // While the agent speaks it must go on; while it is silent it must not answer.
      const double watched_s = settings.tau_backchannel_yield_ms_max / kMsPerS;
      const auto speaking =
          std::partition_point(talk.agent.begin(), talk.agent.end(),
                               [&](const Interval& i) { return i.end_s <= event.start_s; });
      const bool agent_spoke = speaks_at(talk.agent, event.start_s);
      const bool stopped = agent_spoke && speaking->end_s - event.start_s < watched_s;
      const bool answered =
          !agent_spoke && speaking != talk.agent.end() &&
          speaking->start_s - event.end_s < settings.tau_response_ms_max / kMsPerS;
      if (!stopped && !answered) ++ignored;
    }
  }
  panel.responses = static_cast<int64_t>(latencies.size());
  panel.response_latency_s = mean(latencies);
  panel.yield_latency_s = mean(yields);
  panel.response_rate = rate(panel.turns - unanswered, panel.turns, settings.rate_events_min);
  panel.yield_rate = rate(yielded, panel.interruptions, settings.rate_events_min);
  panel.agent_interruptions = rate(agent_starts, panel.turns, settings.rate_events_min);
  panel.backchannels_ignored = rate(ignored, panel.backchannels, settings.rate_events_min);
  return panel;
}

Eva eva_panel(const TurnTaking& turn_taking, const Settings& settings,
              const MetricsContext& context) {
  Eva panel;
  std::vector<double> scores;
  int64_t early = 0, late = 0, by_agent = 0, by_caller = 0;
  const auto& events = turn_taking.events;
  double caller_end_before_s = 0;
  double asked_s = 0;  // where the caller's turn begins that is answered
  bool asked = false;
  auto event = events.begin();
  for (const Turn& turn : turn_taking.turns) {
    if (turn.speaker == Speaker::kCaller) {
      if (!asked) asked_s = turn.start_s;
      asked = !turn.within_other || asked;
      caller_end_before_s = std::max(caller_end_before_s, turn.end_s);
      continue;
    }
    if (!asked || !turn.floor_transfer_offset_s) continue;  // a greeting, or the agent goes on
    asked = false;
    EvaTurn answer{.latency_ms = *turn.floor_transfer_offset_s * kMsPerS};
    if (context.tools) {
      answer.tool =
          std::any_of(context.tools->begin(), context.tools->end(), [&](const Interval& tool) {
            return tool.start_s < turn.start_s &&
                   tool.end_s > turn.start_s - *turn.floor_transfer_offset_s;
          });
    }
    // What happened from the start of the caller's turn to the start of this one.
    while (event != events.end() && event->start_s < asked_s) ++event;
    for (auto at = event; at != events.end() && at->start_s <= turn.start_s; ++at) {
      if (at->type != EventType::kInterruption || !at->counted) continue;
      if (at->speaker == Speaker::kAgent) {
        ++answer.barge_ins;
        answer.overlap_ms += (at->end_s - at->start_s) * kMsPerS;
      } else {
        answer.yield_ms = std::max(answer.yield_ms.value_or(0), at->yield_s.value_or(0) * kMsPerS);
      }
    }
    if (answer.barge_ins > 0) ++by_agent;
    if (answer.yield_ms) ++by_caller;
    if (answer.latency_ms < settings.eva_early_ms) ++early;
    if (answer.latency_ms >= (answer.tool ? settings.eva_late_tool_ms : settings.eva_late_ms))
      ++late;
    scores.push_back(turn_score(answer, settings));
  }
  const auto last_caller =
      std::find_if(turn_taking.turns.rbegin(), turn_taking.turns.rend(),
                   [](const Turn& t) { return t.speaker == Speaker::kCaller; });
  panel.last_turn_unanswered = last_caller != turn_taking.turns.rend() && last_caller->unanswered;
  panel.turns = static_cast<int64_t>(scores.size());
  panel.score = mean(scores);
  if (panel.last_turn_unanswered) panel.score = 0;
  panel.passed = panel.score.value_or(0) >= settings.eva_pass_score;
  if (scores.empty()) return panel;
  const auto n = static_cast<double>(scores.size());
  panel.early_rate = static_cast<double>(early) / n;
  panel.late_rate = static_cast<double>(late) / n;
  panel.on_time_rate = 1 - panel.early_rate - panel.late_rate;
  panel.agent_interruption_rate = static_cast<double>(by_agent) / n;
  panel.caller_interruption_rate = static_cast<double>(by_caller) / n;
  return panel;
}

Hosted hosted_panel(const Talk& talk, const TurnTaking& turn_taking, const Settings& settings,
                    const Metrics& metrics) {
  Hosted panel;
  const Summary& latency = metrics.response_latency_s;
  if (latency.n > 0) {
    panel.latency_ms_mean = latency.mean * kMsPerS;
    panel.latency_ms_p25 = latency.p25 * kMsPerS;
    panel.latency_ms_p50 = latency.p50 * kMsPerS;
    panel.latency_ms_p75 = latency.p75 * kMsPerS;
    panel.latency_ms_p90 = latency.p90 * kMsPerS;
    panel.latency_ms_p95 = latency.p95 * kMsPerS;
    panel.latency_ms_p99 = latency.p99 * kMsPerS;
  }
  panel.agent_interruptions = metrics.by_agent.starts;
  panel.caller_interruptions = metrics.by_caller.counted;
  if (metrics.by_caller.yield_s.n > 0)
    panel.stop_ms_mean = metrics.by_caller.yield_s.mean * kMsPerS;
  for (const Event& event : turn_taking.events) {
    const double length_s = event.end_s - event.start_s;
    if (event.type == EventType::kDeadAir) {
      if (length_s >= settings.hosted_silence_s) ++panel.silences;
      if (event.speaker == Speaker::kAgent && length_s >= settings.hosted_no_reply_s)
        panel.infrastructure_issue = true;
    }
  }
  if (talk.duration_s > 0) panel.talk_ratio = metrics.agent.share;
  const int64_t turns = metrics.caller.turns + metrics.agent.turns;
  if (turns > 0) {
    panel.interruption_score =
        5 * std::max(0.0, 1 - static_cast<double>(panel.agent_interruptions) /
                                  static_cast<double>(turns));
  }
  return panel;
}

}  // namespace callscope::audio
