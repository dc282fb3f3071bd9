#include "listen/heard.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "audio/attribution.h"
#include "listen/clock_signs.h"

namespace callscope::listen {
namespace {

using audio::Stage;
using model::OpKind;

// The agent's words of a turn begin within this of where they were heard.
constexpr double kSameAnswerS = 1.5;
// A call's spans begin before its sound and end after it by as much as this: connecting, winding
// up.
constexpr double kCallEdgesS = 10;

// The stages at work that one span shows, on the spans' clock.
void add_stages(const calls::CallSpan& span, const SpanClock& clock,
                std::vector<audio::StageSpan>& stages) {
  const model::Span& raw = *span.span;
  const model::SpanFacts& facts = span.facts;
  if (!raw.start.is_set() || !raw.end.is_set() || raw.end < raw.start) return;
  const double start = clock(raw.start), end = clock(raw.end);
  const auto add = [&](Stage stage, double from, double to) {
    if (to > from) stages.push_back({stage, from, to, raw.span_id.hex()});
  };
  const double first_output =
      facts.latency_us ? std::min(end, start + seconds_of(facts.latency_us)) : end;
  switch (facts.kind) {
    case OpKind::kTurnDetection:
      add(Stage::kEndpointing, start, end);
      break;
    case OpKind::kUserTurn:
      if (facts.endpointing_us)
        add(Stage::kEndpointing, end - seconds_of(facts.endpointing_us), end);
      if (facts.transcription_us) add(Stage::kStt, end - seconds_of(facts.transcription_us), end);
      break;
    case OpKind::kStt:
      add(Stage::kStt, start, end);
      break;
    case OpKind::kLlm:
    case OpKind::kS2s:
      add(Stage::kLlm, start, first_output);
      break;
    case OpKind::kTool:
      add(Stage::kTool, start, end);
      break;
    case OpKind::kTts:
      add(Stage::kTts, start, first_output);
      break;
    default:
      break;
  }
}

std::vector<audio::StageSpan> stages_of(std::span<const calls::CallSpan> spans,
                                        const SpanClock& clock) {
  std::vector<audio::StageSpan> stages;
  for (const calls::CallSpan& span : spans) add_stages(span, clock, stages);
  // From the first byte of speech to where the agent is played, where a framework shows that.
  for (const calls::CallSpan& played : spans) {
    if (played.facts.kind != OpKind::kAgentSpeech || !played.span->start.is_set()) continue;
    const double start = clock(played.span->start);
    const audio::StageSpan* tts = nullptr;
    for (const audio::StageSpan& stage : stages) {
      if (stage.stage == Stage::kTts && stage.end_s <= start + 0.05 &&
          (!tts || stage.end_s > tts->end_s))
        tts = &stage;
    }
    if (!tts || start - tts->end_s > 5) continue;
    const double ready = tts->end_s;
    if (start > ready)
      stages.push_back({Stage::kPlayout, ready, start, played.span->span_id.hex()});
  }
  return stages;
}

// Tools that have no span of their own: the messages of the model's calls show when they ran.
void add_tools(const model::Call& call, const SpanClock& clock,
               std::vector<audio::StageSpan>& stages) {
  for (const model::ToolUse& tool : call.tools) {
    if (!tool.synthetic || !tool.start.is_set() || !tool.duration_us) continue;
    const double start = clock(tool.start);
    stages.push_back(
        {Stage::kTool, start, start + seconds_of(tool.duration_us), tool.span_id.hex()});
  }
}

std::vector<Stage> captured_stages(const std::vector<audio::StageSpan>& stages) {
  std::set<Stage> captured;
  for (const audio::StageSpan& stage : stages) captured.insert(stage.stage);
  return {captured.begin(), captured.end()};
}

// ---- turns ----

model::HeardPart to_part(const audio::GapPart& part) {
  return {.stage = std::string(to_string(part.stage)),
          .ms = part.ms ? model::Measure(*part.ms) : model::Measure(),
          .span_ids = part.span_ids};
}

std::vector<audio::StageSpan> on_audio_clock(std::vector<audio::StageSpan> stages,
                                             const audio::ClockAlignment& alignment) {
  for (audio::StageSpan& stage : stages) {
    stage.start_s = alignment.to_audio_clock(stage.start_s);
    stage.end_s = alignment.to_audio_clock(stage.end_s);
  }
  return stages;
}

// The turn whose answer began nearest to `heard_s` (on the spans' clock), or else that lasts then.
model::Turn* turn_at(std::vector<model::Turn>& turns, double heard_s, const SpanClock& clock) {
  model::Turn* best = nullptr;
  double nearest = kSameAnswerS;
  for (model::Turn& turn : turns) {
    if (turn.heard_ms || !turn.agent || !turn.agent->start.is_set()) continue;
    const double distance = std::abs(clock(turn.agent->start) - heard_s);
    if (distance >= nearest) continue;
    nearest = distance;
    best = &turn;
  }
  if (best) return best;
  for (model::Turn& turn : turns) {
    const bool lasts = turn.start.is_set() && turn.end.is_set() && clock(turn.start) <= heard_s &&
                       heard_s <= clock(turn.end);
    if (lasts && !turn.heard_ms) return &turn;
  }
  return nullptr;
}

void add_turns(const audio::Analysis& analysis, const audio::ClockAlignment& alignment,
               const SpanClock& clock, model::Call& call) {
  const auto time = [&](double audio_s) {
    return clock.back(alignment.known ? alignment.to_span_clock(audio_s) : audio_s);
  };
  for (const audio::Turn& heard : analysis.turn_taking.turns) {
    if (heard.within_other) continue;
    const bool is_caller = heard.speaker == audio::Speaker::kCaller;
    const bool begins = call.turns.empty() || is_caller || call.turns.back().agent.has_value();
    if (begins) {
      model::Turn& turn = call.turns.emplace_back();
      turn.index = static_cast<uint32_t>(call.turns.size() - 1);
      turn.source = model::TurnSource::kRecording;
      turn.start = time(heard.start_s);
    }
    model::Turn& turn = call.turns.back();
    model::TurnSide side{
        .start = time(heard.start_s), .end = time(heard.end_s), .text = {}, .generated_text = {}};
    turn.end = std::max(turn.end, side.end);
    (is_caller ? turn.user : turn.agent) = std::move(side);
    if (heard.response_latency_s) turn.heard_ms = std::llround(*heard.response_latency_s * 1e3);
  }
}

int64_t count_words(std::string_view text) {
  int64_t words = 0;
  bool in_word = false;
  for (const char c : text) {
    const bool is_space = c == ' ' || (c >= '\t' && c <= '\r');
    words += !is_space && !in_word ? 1 : 0;
    in_word = !is_space;
  }
  return words;
}

// What one side said, if a transcript tells.
std::optional<int64_t> words_of(const model::Call& call, model::Role role) {
  std::optional<int64_t> words;
  for (const model::CallUtterance& entry : call.transcript) {
    if (entry.role == role) words = words.value_or(0) + count_words(entry.text);
  }
  return words;
}

}  // namespace

audio::ClockAlignment align(const model::Call& call, std::span<const calls::CallSpan> spans,
                            const audio::Analysis& analysis, const RecordingClock& recording) {
  const SpanClock clock(call.summary.started);
  audio::ClockEvidence evidence;
  if (recording.started.is_set()) evidence.stated_offset_s = clock(recording.started);
  add_shown(call, spans, clock, evidence);
  if (const auto talk = analysis.talk()) audio::add_heard(evidence, *talk);
  audio::ClockAlignment alignment = audio::align_clocks(evidence, analysis.settings);
  if (recording.nudge_s) {
    alignment.offset_s += *recording.nudge_s;
    alignment.known = true;
  }
  return alignment;
}

void add_context(const model::Call& call, const audio::ClockAlignment& alignment,
                 audio::Analysis& analysis) {
  audio::MetricsContext context;
  context.caller_words = words_of(call, model::Role::kCaller);
  context.agent_words = words_of(call, model::Role::kAgent);
  if (alignment.known && call.summary.span_count > 0) {
    const SpanClock clock(call.summary.started);
    context.tools.emplace();
    for (const model::ToolUse& tool : call.tools) {
      if (!tool.start.is_set()) continue;
      const double start = clock(tool.start);
      const double length = tool.duration_us ? seconds_of(tool.duration_us) : 0;
      context.tools->push_back(
          {alignment.to_audio_clock(start), alignment.to_audio_clock(start + length)});
    }
  }
  audio::derive(analysis, context);
  const model::CallSummary& summary = call.summary;
  const bool has_length = summary.started.is_set() && summary.ended > summary.started;
  const bool is_others = (summary.sources & ~uint32_t{model::kFromRecording}) != 0;
  if (!has_length || !is_others || analysis.health.expected_duration_s) return;
  const double call_s = (summary.ended - summary.started).seconds();
  audio::compare_with_call(
      analysis.health, call_s,
      std::max(kCallEdgesS, analysis.settings.length_difference_share * call_s));
}

void add_heard(const audio::Analysis& analysis, const audio::ClockAlignment& alignment,
               std::span<const calls::CallSpan> spans, model::Call& call) {
  const SpanClock clock(call.summary.started);
  if (call.turns.empty()) return add_turns(analysis, alignment, clock, call);
  if (!alignment.known) return;
  std::vector<audio::StageSpan> of_spans = stages_of(spans, clock);
  add_tools(call, clock, of_spans);
  const std::vector<Stage> captured = captured_stages(of_spans);
  const std::vector<audio::StageSpan> stages = on_audio_clock(of_spans, alignment);
  for (const audio::Turn& heard : analysis.turn_taking.turns) {
    if (!heard.response_latency_s || heard.speaker != audio::Speaker::kAgent) continue;
    model::Turn* turn = turn_at(call.turns, alignment.to_span_clock(heard.start_s), clock);
    if (!turn) continue;
    turn->heard_ms = std::llround(*heard.response_latency_s * 1e3);
    const audio::Interval gap{heard.start_s - *heard.response_latency_s, heard.start_s};
    const auto parts = audio::attribute_gap(gap, stages, captured);
    if (!parts) continue;
    turn->heard_ms = parts->heard_ms;
    for (const audio::GapPart& part : parts->parts) turn->heard_parts.push_back(to_part(part));
  }
}

}  // namespace callscope::listen
