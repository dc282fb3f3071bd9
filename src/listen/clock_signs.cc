#include "listen/clock_signs.h"

#include <algorithm>

namespace callscope::listen {
namespace {

using audio::ClockSign;
using model::OpKind;

// A synthesis that begins this soon after another belongs to the same answer: its sound waits.
constexpr double kSameReplyS = 1.0;
// A transcription this short says nothing of how long the caller spoke.
constexpr double kTranscriptionMinS = 0.1;

class Signs {
 public:
  Signs(const SpanClock& clock, audio::ClockEvidence& evidence)
      : clock_(clock), evidence_(evidence) {}

  void read(const calls::CallSpan& span) {
    const model::Span& raw = *span.span;
    const model::SpanFacts& facts = span.facts;
    if (!raw.start.is_set() || facts.provisional) return;
    const double start = clock_(raw.start);
    const bool ends = raw.end.is_set() && raw.end >= raw.start;
    const double end = ends ? clock_(raw.end) : start;
    switch (facts.kind) {
      case OpKind::kAgentSpeech:
        add(ClockSign::kAgentSpeech, start);
        break;
      case OpKind::kTts:
        if (facts.latency_us) {
          add(ClockSign::kAgentBytes, start + seconds_of(facts.latency_us));
        } else {
          add(ClockSign::kAgentRequest, start);
        }
        break;
      case OpKind::kUserSpeech:
        add(ClockSign::kCallerSpeechStart, start);
        if (ends) add(ClockSign::kCallerSpeechEnd, end);
        break;
      case OpKind::kUserTurn:
        if (ends && facts.endpointing_us)
          turn_ends_.push_back(end - seconds_of(facts.endpointing_us));
        break;
      case OpKind::kStt:
        if (ends) read_transcription(facts, start, end);
        break;
      case OpKind::kTurn:
        // Pipecat's begin with the caller's voice, but for the first, which begins with the call.
        if (facts.framework == "pipecat" && facts.turn_index.value_or(0) > 1)
          turn_starts_.push_back(start);
        break;
      default:
        break;
    }
  }

  void finish() {
    use_if_none(ClockSign::kCallerSpeechEnd, turn_ends_);
    use_if_none(ClockSign::kCallerSpeechEnd, transcript_ends_);
    use_if_none(ClockSign::kCallerSpeechStart, transcription_starts_);
    use_if_none(ClockSign::kCallerSpeechStart, turn_starts_);
    keep_first_of_replies(evidence_.of(ClockSign::kAgentBytes));
    keep_first_of_replies(evidence_.of(ClockSign::kAgentRequest));
  }

  bool has(std::initializer_list<ClockSign> signs) const {
    return std::any_of(signs.begin(), signs.end(),
                       [&](ClockSign sign) { return !evidence_.of(sign).empty(); });
  }

  // The times of a posted call log are those of the sound; an SDK's are those of its pipeline.
  void read_transcript(const model::Call& call) {
    if (call.transcript_source.empty() || call.transcript_source == "spans") return;
    const bool is_pipelines = call.transcript_source.find("session") != std::string::npos ||
                              call.transcript_source.find("simulation") != std::string::npos;
    const bool wants_agent =
        !has({ClockSign::kAgentSpeech, ClockSign::kAgentBytes, ClockSign::kAgentRequest});
    const bool wants_caller = !has(
        {ClockSign::kCallerSpeechEnd, ClockSign::kCallerUnderstood, ClockSign::kCallerSpeechStart});
    for (const model::CallUtterance& entry : call.transcript) {
      if (entry.role == model::Role::kAgent && wants_agent && entry.start.is_set()) {
        add(is_pipelines ? ClockSign::kAgentRequest : ClockSign::kAgentSpeech, clock_(entry.start));
      }
      if (entry.role != model::Role::kCaller || !wants_caller) continue;
      if (entry.start.is_set()) add(ClockSign::kCallerSpeechStart, clock_(entry.start));
      if (entry.end.is_set()) {
        add(is_pipelines ? ClockSign::kCallerUnderstood : ClockSign::kCallerSpeechEnd,
            clock_(entry.end));
      }
    }
  }

 private:
  void add(ClockSign sign, double at_s) { evidence_.of(sign).push_back(at_s); }

  void read_transcription(const model::SpanFacts& facts, double start, double end) {
    add(ClockSign::kCallerUnderstood, end);
    if (end - start < kTranscriptionMinS) return;
    // Pipecat's begin with the caller's voice; others' with a stream or a request.
    if (facts.framework == "pipecat") transcription_starts_.push_back(start);
    if (facts.latency_us && end - seconds_of(facts.latency_us) > start)
      transcript_ends_.push_back(end - seconds_of(facts.latency_us));
  }

  void use_if_none(ClockSign sign, const std::vector<double>& times) {
    if (evidence_.of(sign).empty()) evidence_.of(sign) = times;
  }

  static void keep_first_of_replies(std::vector<double>& times) {
    std::sort(times.begin(), times.end());
    std::vector<double> first;
    for (size_t i = 0; i < times.size(); ++i) {
      if (i == 0 || times[i] - times[i - 1] > kSameReplyS) first.push_back(times[i]);
    }
    times = std::move(first);
  }

  const SpanClock& clock_;
  audio::ClockEvidence& evidence_;
  std::vector<double> turn_ends_, transcript_ends_, transcription_starts_, turn_starts_;
};

}  // namespace

void add_shown(const model::Call& call, std::span<const calls::CallSpan> spans,
               const SpanClock& clock, audio::ClockEvidence& evidence) {
  Signs signs(clock, evidence);
  for (const calls::CallSpan& span : spans) signs.read(span);
  signs.finish();
  signs.read_transcript(call);
}

}  // namespace callscope::listen
