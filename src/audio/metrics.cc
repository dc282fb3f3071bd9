#include "audio/metrics.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "audio/panels.h"

namespace callscope::audio {
namespace {

// Resamples for the intervals: enough for two digits of a bound.
constexpr int kResamples = 400;
// Beyond this many values an interval is narrower than anybody asks.
constexpr size_t kResampledMax = 2000;

double percentile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - static_cast<double>(below));
}

SpeakerTalk talk_of(Speaker speaker, const Talk& talk, const TurnTaking& turn_taking,
                    std::optional<int64_t> words) {
  SpeakerTalk of;
  for (const Interval& spurt : talk.of(speaker)) of.speech_s += spurt.length_s();
  of.talkspurts = static_cast<int64_t>(talk.of(speaker).size());
  if (talk.duration_s > 0) of.share = of.speech_s / talk.duration_s;
  std::vector<double> pauses;
  for (const Event& event : turn_taking.events) {
    if (event.speaker != speaker) continue;
    if (event.type == EventType::kPause) pauses.push_back(event.end_s - event.start_s);
    if (event.type == EventType::kBackchannel) ++of.backchannels;
  }
  std::vector<double> offsets;
  for (const Turn& turn : turn_taking.turns) {
    if (turn.speaker != speaker) continue;
    ++of.turns;
    if (turn.floor_transfer_offset_s) offsets.push_back(*turn.floor_transfer_offset_s);
  }
  of.pause_s = summarise(std::move(pauses));
  of.floor_transfer_offset_s = summarise(std::move(offsets));
  // Below a few seconds a rate says nothing.
  if (words && of.speech_s >= 3)
    of.words_per_minute = static_cast<double>(*words) / (of.speech_s / 60);
  return of;
}

Interruptions interruptions_by(Speaker speaker, const TurnTaking& turn_taking) {
  Interruptions found;
  std::vector<double> overlaps, yields;
  for (const Event& event : turn_taking.events) {
    if (event.type != EventType::kInterruption || event.speaker != speaker) continue;
    ++found.starts;
    if (!event.counted) continue;
    ++found.counted;
    overlaps.push_back(event.end_s - event.start_s);
    if (event.yielded) ++found.yielded;
    if (!event.within_other && event.yield_s) yields.push_back(*event.yield_s);
  }
  found.overlap_s = summarise(std::move(overlaps));
  found.yield_s = summarise(std::move(yields));
  return found;
}

double overlap_s(const TurnTaking& turn_taking) {
  double sum = 0;
  for (const Event& event : turn_taking.events) {
    if (event.type == EventType::kOverlap) sum += event.end_s - event.start_s;
  }
  return sum;
}

void add_latencies(Metrics& metrics, const TurnTaking& turn_taking, const MetricsContext& context) {
  std::vector<double> all, with_tool, without_tool;
  for (const Turn& turn : turn_taking.turns) {
    if (!turn.response_latency_s) continue;
    all.push_back(*turn.response_latency_s);
    if (!context.tools) continue;
    const Interval gap{turn.start_s - *turn.response_latency_s, turn.start_s};
    const bool used = std::any_of(
        context.tools->begin(), context.tools->end(),
        [&](const Interval& tool) { return tool.start_s < gap.end_s && tool.end_s > gap.start_s; });
    (used ? with_tool : without_tool).push_back(*turn.response_latency_s);
  }
  metrics.tools_known = context.tools.has_value();
  metrics.response_latency_s = summarise(std::move(all));
  metrics.response_latency_with_tool_s = summarise(std::move(with_tool));
  metrics.response_latency_without_tool_s = summarise(std::move(without_tool));
}

}  // namespace

Summary summarise(std::vector<double> values) {
  Summary summary{.n = static_cast<int64_t>(values.size())};
  if (values.empty()) return summary;
  std::sort(values.begin(), values.end());
  double sum = 0;
  for (const double value : values) sum += value;
  summary.mean = sum / static_cast<double>(values.size());
  summary.min = values.front();
  summary.max = values.back();
  summary.p25 = percentile(values, 0.25);
  summary.p50 = percentile(values, 0.50);
  summary.p75 = percentile(values, 0.75);
  summary.p90 = percentile(values, 0.90);
  summary.p95 = percentile(values, 0.95);
  summary.p99 = percentile(values, 0.99);
  summary.p50_interval = {summary.p50, summary.p50};
  summary.p95_interval = {summary.p95, summary.p95};
  if (values.size() < 2 || values.size() > kResampledMax) return summary;
  // The same seed always: the same recording gives the same figures.
  std::minstd_rand random(1);
  std::vector<double> medians, tails, sample(values.size());
  std::vector<uint32_t> drawn(values.size());
  for (int i = 0; i < kResamples; ++i) {
    // How often each value was drawn puts a sample in order without sorting it.
    std::fill(drawn.begin(), drawn.end(), 0u);
    for (size_t k = 0; k < values.size(); ++k) ++drawn[random() % values.size()];
    auto next = sample.begin();
    for (size_t k = 0; k < values.size(); ++k) next = std::fill_n(next, drawn[k], values[k]);
    medians.push_back(percentile(sample, 0.50));
    tails.push_back(percentile(sample, 0.95));
  }
  std::sort(medians.begin(), medians.end());
  std::sort(tails.begin(), tails.end());
  summary.p50_interval = {percentile(medians, 0.025), percentile(medians, 0.975)};
  summary.p95_interval = {percentile(tails, 0.025), percentile(tails, 0.975)};
  return summary;
}

Metrics measure(const Talk& talk, const TurnTaking& turn_taking, const Settings& settings,
                const MetricsContext& context) {
  Metrics metrics;
  metrics.latency_error_s = context.latency_error_s;
  add_latencies(metrics, turn_taking, context);
  metrics.caller = talk_of(Speaker::kCaller, talk, turn_taking, context.caller_words);
  metrics.agent = talk_of(Speaker::kAgent, talk, turn_taking, context.agent_words);
  metrics.by_caller = interruptions_by(Speaker::kCaller, turn_taking);
  metrics.by_agent = interruptions_by(Speaker::kAgent, turn_taking);
  for (const Event& event : turn_taking.events) {
    const double length_s = event.end_s - event.start_s;
    if (event.type == EventType::kFalseYield) ++metrics.false_yields;
    if (event.type == EventType::kUnanswered) ++metrics.unanswered_turns;
    if (event.type != EventType::kDeadAir) continue;
    ++metrics.dead_air.warned;
    if (event.failed) ++metrics.dead_air.failed;
    metrics.dead_air.total_s += length_s;
    metrics.dead_air.longest_s = std::max(metrics.dead_air.longest_s, length_s);
    (event.speaker == Speaker::kAgent ? metrics.dead_air.owed_by_agent_s
                                      : metrics.dead_air.owed_by_caller_s) += length_s;
  }
  if (!talk.agent.empty()) metrics.time_to_first_audio_s = talk.agent.front().start_s;
  if (talk.duration_s > 0) {
    const double both_s = overlap_s(turn_taking);
    metrics.overlap_share = both_s / talk.duration_s;
    metrics.silence_share = std::max(
        0.0, 1 - (metrics.caller.speech_s + metrics.agent.speech_s - both_s) / talk.duration_s);
  }
  metrics.tau_voice = tau_voice_panel(talk, turn_taking, settings);
  metrics.eva = eva_panel(turn_taking, settings, context);
  metrics.hosted = hosted_panel(talk, turn_taking, settings, metrics);

  const auto missing = [&](std::string metric, std::string reason) {
    metrics.not_measured.push_back({std::move(metric), std::move(reason)});
  };
  if (metrics.response_latency_s.n == 0)
    missing("response_latency", "the agent answered no turn of the caller");
  if (!context.tools) missing("response_latency_with_tool", "a recording does not show tool use");
  if (!metrics.time_to_first_audio_s) missing("time_to_first_audio", "the agent does not speak");
  if (!metrics.caller.words_per_minute && !metrics.agent.words_per_minute) {
    missing("words_per_minute", "there is no transcript, or too little speech");
  }
  return metrics;
}

}  // namespace callscope::audio
