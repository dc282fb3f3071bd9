#include "calls/latency.h"

#include <algorithm>
#include <array>

namespace callscope::calls {
namespace {

using model::Measure;
using model::OpKind;

// Where a side's edge came from, in the order of preference.
enum class UserEnd : uint8_t {
  kNone,
  kSpeech,
  kWait,
  kTurnLessDelay,
  kSttLessDelay,
  kTurn,
  kStt,
  kTranscript
};
enum class AgentStart : uint8_t { kNone, kSpeech, kTts, kS2s, kTtsSpan };

constexpr std::string_view kFromNames[4][7] = {
    {"agent_speech-user_speech", "agent_speech-eou_wait", "agent_speech-user_turn_less_delay",
     "agent_speech-stt_less_delay", "agent_speech-user_turn_end", "agent_speech-stt_end",
     "agent_speech-transcript"},
    {"tts_first_byte-user_speech", "tts_first_byte-eou_wait", "tts_first_byte-user_turn_less_delay",
     "tts_first_byte-stt_less_delay", "tts_first_byte-user_turn_end", "tts_first_byte-stt_end",
     "tts_first_byte-transcript"},
    {"s2s_first_audio-user_speech", "s2s_first_audio-eou_wait",
     "s2s_first_audio-user_turn_less_delay", "s2s_first_audio-stt_less_delay",
     "s2s_first_audio-user_turn_end", "s2s_first_audio-stt_end", "s2s_first_audio-transcript"},
    {"tts_start-user_speech", "tts_start-eou_wait", "tts_start-user_turn_less_delay",
     "tts_start-stt_less_delay", "tts_start-user_turn_end", "tts_start-stt_end",
     "tts_start-transcript"},
};

DurationNs micros(Measure us) { return DurationNs::from_us(us.value_or(0)); }
Measure micros_between(TimeNs from, TimeNs to) { return (to - from).microseconds(); }

class TurnMeter {
 public:
  TurnMeter(const FactSet& set, std::span<const uint32_t> members) : set_(set), members_(members) {}

  void find_sides(TurnLatency& out) {
    find_agent_start();
    find_user_end();
    out.agent_start = agent_start_;
    out.user_end = user_end_;
    const bool is_heard = std::any_of(members_.begin(), members_.end(), [&](uint32_t i) {
      return at(i).kind == OpKind::kAgentSpeech;
    });
    for (const uint32_t i : members_) {
      const Fact& fact = at(i);
      if (is_user_side(fact.kind) && !(agent_start_.is_set() && fact.start > agent_start_)) {
        if (!out.user_start.is_set()) out.user_start = fact.start;
        const TimeNs end = fact.has(kDurationValid) ? fact.end : fact.start;
        if (user_end_from_ == UserEnd::kNone) out.user_end = std::max(out.user_end, end);
      }
      // How long the speech is that was made says nothing where it is known what was played.
      if (!is_heard || fact.kind == OpKind::kAgentSpeech)
        out.agent_end = std::max(out.agent_end, end_of_speech(fact));
    }
    if (out.user_start.is_set()) out.user_start = std::min(out.user_start, out.user_end);
    if (agent_start_.is_set() && user_end_.is_set() && user_end_ <= agent_start_) {
      out.computed_us = micros_between(user_end_, agent_start_);
      out.computed_from = kFromNames[static_cast<size_t>(agent_start_from_) - 1]
                                    [static_cast<size_t>(user_end_from_) - 1];
    }
  }

  void find_reported(TurnLatency& out) const {
    for (const uint32_t i : members_) {
      const Fact& fact = at(i);
      if (fact.response_latency_us && !out.reported_us) out.reported_us = fact.response_latency_us;
    }
  }

  model::Stages stages(std::span<const ToolInterval> unseen_tools) const {
    model::Stages stages;
    for (const uint32_t i : members_) {
      const Fact& fact = at(i);
      if (fact.kind != OpKind::kUserSpeech) keep_last(stages.endpointing_us, fact.endpointing_us);
      keep_last(stages.stt_us, fact.transcription_us);
      keep_last(stages.text_aggregation_us, fact.text_aggregation_us);
      if (fact.kind == OpKind::kStt && comes_before_speech(fact))
        keep_last(stages.stt_us, fact.latency_us);
      if (fact.kind == OpKind::kTts && !stages.tts_ttfb_us) stages.tts_ttfb_us = fact.latency_us;
    }
    add_answer(stages);
    stages.tool_us = tool_time(unseen_tools);
    return stages;
  }

  // What was spent in the agent's own hook and in its queue: part of no stage, but known.
  int64_t known_waits_us() const {
    Measure hook, queue;
    for (const uint32_t i : members_) {
      keep_last(hook, at(i).hook_us);
      keep_last(queue, at(i).queue_wait_us);
    }
    return hook.value_or(0) + queue.value_or(0);
  }

 private:
  const Fact& at(uint32_t i) const { return set_.facts[i]; }

  static void keep_last(Measure& into, Measure value) {
    if (value) into = value;
  }
  static bool is_user_side(OpKind kind) {
    return kind == OpKind::kUserTurn || kind == OpKind::kUserSpeech || kind == OpKind::kStt;
  }
  bool comes_before_speech(const Fact& fact) const {
    return !agent_start_.is_set() || fact.end_or_start() <= agent_start_;
  }

  void offer_agent_start(AgentStart from, TimeNs time) {
    const bool is_better = agent_start_from_ == AgentStart::kNone || from < agent_start_from_ ||
                           (from == agent_start_from_ && time < agent_start_);
    if (!is_better) return;
    agent_start_from_ = from;
    agent_start_ = time;
  }

  void find_agent_start() {
    for (const uint32_t i : members_) {
      const Fact& fact = at(i);
      if (fact.kind == OpKind::kAgentSpeech) {
        offer_agent_start(AgentStart::kSpeech, fact.start);
      } else if (fact.kind == OpKind::kTts) {
        if (fact.latency_us)
          offer_agent_start(AgentStart::kTts, fact.start + micros(fact.latency_us));
        else if (fact.has(kDurationValid))
          offer_agent_start(AgentStart::kTtsSpan, fact.start);
      } else if (fact.kind == OpKind::kS2s && fact.latency_us && fact.has(kDurationValid)) {
        offer_agent_start(AgentStart::kS2s, fact.start + micros(fact.latency_us));
      }
    }
  }

  // The caller may speak on while the agent talks; only what ended before the agent began is what
  // it answered.
  void offer_user_end(UserEnd from, TimeNs time) {
    if (agent_start_.is_set() && time > agent_start_) return;
    const bool is_better = user_end_from_ == UserEnd::kNone || from < user_end_from_ ||
                           (from == user_end_from_ && time > user_end_);
    if (!is_better) return;
    user_end_from_ = from;
    user_end_ = time;
  }

  void find_user_end() {
    for (const uint32_t i : members_) {
      const Fact& fact = at(i);
      switch (fact.kind) {
        case OpKind::kUserSpeech:
          if (fact.end.is_set()) offer_user_end(UserEnd::kSpeech, end_of_words(fact));
          break;
        case OpKind::kTurnDetection:
          // LiveKit's eou_wait opens at the last speech; a mere prediction opens later.
          if (fact.rule == set_.known.eou_wait) offer_user_end(UserEnd::kWait, fact.start);
          break;
        case OpKind::kUserTurn:
          if (!fact.end.is_set()) break;
          if (fact.endpointing_us) {
            offer_user_end(UserEnd::kTurnLessDelay, fact.end - micros(fact.endpointing_us));
          } else {
            offer_user_end(UserEnd::kTurn, fact.end);
          }
          break;
        case OpKind::kStt:
          if (!fact.end.is_set()) break;
          if (is_instant(fact))
            offer_user_end(UserEnd::kTranscript, fact.end);
          else if (!fact.has(kDurationValid))
            break;
          else if (fact.latency_us)
            offer_user_end(UserEnd::kSttLessDelay, fact.end - micros(fact.latency_us));
          else
            offer_user_end(UserEnd::kStt, fact.end);
          break;
        default:
          break;
      }
    }
  }

  // Some write the span only once the transcript is there: then its time is that, and the wait for
  // it is missing.
  static bool is_instant(const Fact& fact) {
    return !fact.has(kDurationValid) && fact.duration() < DurationNs::from_ms(2);
  }

  // A segment may last until the silence behind it was long enough.
  static TimeNs end_of_words(const Fact& fact) {
    return std::max(fact.start, fact.end - micros(fact.endpointing_us));
  }

  static TimeNs end_of_speech(const Fact& fact) {
    switch (fact.kind) {
      case OpKind::kAgentSpeech:
        return fact.end_or_start();
      case OpKind::kTts: {
        if (!fact.audio_us) return fact.has(kDurationValid) ? fact.end_or_start() : TimeNs{};
        const TimeNs played = fact.start + micros(fact.latency_us) + micros(fact.audio_us);
        return fact.has(kInterrupted) && fact.end.is_set() ? std::min(played, fact.end) : played;
      }
      case OpKind::kS2s:
      case OpKind::kAgentTurn:
        return fact.end_or_start();
      default:
        return {};
    }
  }

  // The model request that answered is the last that began before the speech; those before it asked
  // for tools.
  void add_answer(model::Stages& stages) const {
    const Fact* answer = nullptr;
    const Fact* first_tts = nullptr;
    for (const uint32_t i : members_) {
      const Fact& fact = at(i);
      if (fact.kind == OpKind::kTts && !first_tts) first_tts = &fact;
      const bool answers = fact.kind == OpKind::kLlm || fact.kind == OpKind::kS2s;
      if (!answers || !fact.has(kBillable)) continue;
      const TimeNs speech = first_tts ? first_tts->start : agent_start_;
      if (speech.is_set() && fact.start > speech) continue;
      if (answer && answer->has(kDurationValid) && fact.start >= answer->end_or_start()) {
        stages.llm_rounds_us = stages.llm_rounds_us.value_or(0) + answer->duration().microseconds();
      }
      answer = &fact;
    }
    if (!answer) return;
    stages.llm_ttft_us = answer->latency_us;
    if (stages.text_aggregation_us || !first_tts || !answer->latency_us) return;
    // The first sentence is handed to the synthesis when its span opens.
    constexpr int64_t kAggregationMaxUs = 10'000'000;
    const int64_t gap =
        micros_between(answer->start + micros(answer->latency_us), first_tts->start).value_or(0);
    if (gap >= 0 && gap <= kAggregationMaxUs) stages.text_aggregation_us = gap;
  }

  // Parallel tools count once: the length of the union of their intervals.
  Measure tool_time(std::span<const ToolInterval> unseen_tools) const {
    std::vector<ToolInterval> intervals(unseen_tools.begin(), unseen_tools.end());
    for (const uint32_t i : members_) {
      const Fact& fact = at(i);
      if (fact.kind != OpKind::kTool || !fact.has(kDurationValid) || !fact.end.is_set()) continue;
      if (agent_start_.is_set() && fact.start > agent_start_) continue;
      intervals.push_back({fact.start, fact.end});
    }
    if (intervals.empty()) return {};
    std::sort(intervals.begin(), intervals.end(),
              [](const ToolInterval& a, const ToolInterval& b) { return a.start < b.start; });
    DurationNs sum;
    TimeNs covered = intervals.front().start;
    for (const ToolInterval& interval : intervals) {
      const TimeNs from = std::max(covered, interval.start);
      if (interval.end <= from) continue;
      sum = sum + (interval.end - from);
      covered = interval.end;
    }
    return sum.microseconds();
  }

  const FactSet& set_;
  std::span<const uint32_t> members_;
  AgentStart agent_start_from_ = AgentStart::kNone;
  UserEnd user_end_from_ = UserEnd::kNone;
  TimeNs agent_start_, user_end_;
};

// Endpointing and transcription both run from the end of speech, side by side: the longer counts.
void attribute(TurnLatency& turn, int64_t known_waits_us) {
  model::Stages& stages = turn.stages;
  const Measure latency = turn.reported_us ? turn.reported_us : turn.computed_us;
  if (!latency) return;
  const std::array<Measure, 7> parts = {stages.endpointing_us, stages.stt_us,
                                        stages.llm_rounds_us,  stages.tool_us,
                                        stages.llm_ttft_us,    stages.text_aggregation_us,
                                        stages.tts_ttfb_us};
  // Clocks of spans and of the framework's own measure differ by some milliseconds.
  constexpr int64_t kSlackUs = 50'000;
  for (const Measure part : parts) {
    turn.skips_stage |= part && *part > *latency + kSlackUs;
  }
  const bool knows_the_answer = stages.llm_ttft_us.has_value();
  if (!knows_the_answer) return;
  int64_t known =
      std::max(stages.endpointing_us.value_or(0), stages.stt_us.value_or(0)) + known_waits_us;
  for (size_t i = 2; i < parts.size(); ++i) known += parts[i].value_or(0);
  // Work that began before the caller's turn was over overlaps, and then nothing is left to
  // explain.
  if (known <= *latency) stages.unattributed_us = *latency - known;
}

std::vector<Measure> to_ms(const std::vector<Measure>& us) {
  std::vector<Measure> ms;
  ms.reserve(us.size());
  for (const Measure& each : us) ms.push_back(each ? Measure((*each + 500) / 1000) : Measure());
  return ms;
}

void drop_absent_tail(std::vector<Measure>& values) {
  if (values.size() > model::kTurnLatenciesMax) values.resize(model::kTurnLatenciesMax);
  while (!values.empty() && !values.back()) values.pop_back();
}

}  // namespace

TurnLatency measure_turn(const FactSet& set, const TurnSet& turns, const TurnFacts& turn,
                         Measure previous_sent_us, std::span<const ToolInterval> unseen_tools) {
  TurnLatency out;
  TurnMeter meter(set, turns.members_of(turn));
  meter.find_sides(out);
  meter.find_reported(out);
  out.sent_us = out.reported_us;
  const bool may_repeat = turn.span && set.facts[*turn.span].framework == set.known.oi_pipecat;
  if (may_repeat && out.sent_us == previous_sent_us) out.reported_us.reset();
  out.stages = meter.stages(unseen_tools);
  attribute(out, meter.known_waits_us());
  return out;
}

void set_latencies(const std::vector<Measure>& reported_us, const std::vector<Measure>& computed_us,
                   model::CallSummary& out) {
  out.turn_reported_ms = to_ms(reported_us);
  out.turn_computed_ms = to_ms(computed_us);
  out.reported = model::summarise(out.turn_reported_ms);
  out.computed = model::summarise(out.turn_computed_ms);
  const auto& judged = out.reported.n > 0 ? out.turn_reported_ms : out.turn_computed_ms;
  for (uint32_t t = 0; t < judged.size(); ++t) {
    if (!judged[t] || *judged[t] <= out.slowest_ms.value_or(-1)) continue;
    out.slowest_turn = t;
    out.slowest_ms = judged[t];
  }
  drop_absent_tail(out.turn_reported_ms);
  drop_absent_tail(out.turn_computed_ms);
}

}  // namespace callscope::calls
