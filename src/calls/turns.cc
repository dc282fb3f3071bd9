#include "calls/turns.h"

#include <algorithm>

namespace callscope::calls {
namespace {

using model::OpKind;
using model::TurnSource;

// What belongs to some turn even where nothing but its time says to which.
bool is_part_of_a_turn(OpKind kind) {
  switch (kind) {
    case OpKind::kUserTurn:
    case OpKind::kAgentTurn:
    case OpKind::kStt:
    case OpKind::kLlm:
    case OpKind::kS2s:
    case OpKind::kTts:
    case OpKind::kTool:
    case OpKind::kTurnDetection:
    case OpKind::kUserSpeech:
    case OpKind::kAgentSpeech:
    case OpKind::kRetrieval:
    case OpKind::kEmbedding:
    case OpKind::kMemory:
    case OpKind::kGuardrail:
      return true;
    default:
      return false;
  }
}

bool is_listening(OpKind kind) { return kind == OpKind::kStt || kind == OpKind::kUserSpeech; }
bool is_speaking(OpKind kind) { return kind == OpKind::kTts || kind == OpKind::kAgentSpeech; }

class TurnFinder {
 public:
  TurnFinder(const FactSet& set, const SpanTree& tree, const CallFacts& call,
             const std::vector<bool>& repeats)
      : set_(set), tree_(tree), call_(call), repeats_(repeats) {
    turns_.turn_of.assign(set.facts.size(), -1);
  }

  TurnSet run() && {
    if (!from_turn_spans() && !by_pairing()) by_order_of_work();
    assign_the_rest();
    gather_members();
    for (size_t t = 0; t < turns_.turns.size(); ++t) complete(t);
    return std::move(turns_);
  }

 private:
  const Fact& at(uint32_t i) const { return set_.facts[i]; }

  void open(TurnSource source, uint32_t i) {
    turns_.turns.push_back({.source = source, .start = at(i).start, .end = {}});
  }
  // The turn opened last takes the fact in.
  void take(uint32_t i) { turns_.turn_of[i] = static_cast<int32_t>(turns_.turns.size()) - 1; }
  bool has_turns() const { return !turns_.turns.empty(); }

  // ---- 1. the framework marks turns by a span ----

  bool from_turn_spans() {
    // Pipecat's own turns and OpenInference's view of the same ones must not count twice.
    bool has_native = false;
    for (const uint32_t i : call_.facts) {
      has_native |= is_turn_span(i) && at(i).framework == set_.known.pipecat;
    }
    const auto under = tree_.nearest([&](uint32_t i) { return is_turn_span(i); });
    for (const uint32_t i : call_.facts) {
      if (!is_turn_span(i)) continue;
      if (has_native && at(i).framework != set_.known.pipecat) continue;
      const bool is_nested =
          tree_.has_parent(i) && under[static_cast<size_t>(tree_.parent(i))] >= 0;
      if (is_nested) continue;
      open(TurnSource::kSpan, i);
      turns_.turns.back().span = i;
      take(i);
    }
    return has_turns();
  }

  bool is_turn_span(uint32_t i) const {
    return at(i).kind == OpKind::kTurn && !at(i).has(kProvisional);
  }

  // ---- 2. the framework marks both sides apart: the caller's turn and the agent's reply to it
  // ----

  bool by_pairing() {
    const std::vector<uint32_t> sides = find_sides();
    for (size_t s = 0; s < sides.size(); ++s) {
      const bool is_user = at(sides[s]).kind == OpKind::kUserTurn;
      // Nothing was understood and nobody replied: a cough, not a turn.
      const bool is_replied_to = s + 1 < sides.size() && at(sides[s + 1]).kind != OpKind::kUserTurn;
      if (is_user && !at(sides[s]).has(kHasText) && !is_replied_to) continue;
      // An agent turn before any user turn is the greeting; later ones belong to the same reply.
      if (is_user || !has_turns()) open(TurnSource::kPaired, sides[s]);
      take(sides[s]);
    }
    return has_turns();
  }

  // A speech-to-speech generation that stands in no agent turn is the agent's side itself, and so
  // is speech, as older frameworks have no agent turn around a greeting.
  std::vector<uint32_t> find_sides() const {
    const auto is_side = [&](uint32_t i) {
      return at(i).kind == OpKind::kUserTurn || at(i).kind == OpKind::kAgentTurn;
    };
    if (std::none_of(call_.facts.begin(), call_.facts.end(), is_side)) return {};
    const auto within = tree_.nearest(is_side);
    std::vector<uint32_t> sides;
    for (const uint32_t i : call_.facts) {
      const bool may_stand_alone = at(i).kind == OpKind::kS2s || at(i).kind == OpKind::kAgentSpeech;
      if (is_side(i) || (may_stand_alone && within[i] < 0)) sides.push_back(i);
    }
    return sides;
  }

  // ---- 3. only the services' work is there ----

  void by_order_of_work() {
    const Work work = survey();
    bool has_answer = false, has_speech = false, has_tool = false;  // in the turn opened last
    bool has_asked = false;  // its last answer asks for tools, so another one follows
    uint32_t trace = 0;      // of its last fact
    const Fact* answer = nullptr;
    for (const uint32_t i : call_.facts) {
      const Fact& fact = at(i);
      if (fact.has(kProvisional) || repeats_[i] || !is_work(fact.kind)) continue;
      const bool listens = work.hears_turns && is_listening(fact.kind);
      const bool answers = fact.kind == OpKind::kLlm || fact.kind == OpKind::kS2s;
      bool is_new = !has_turns();
      if (work.hears_turns) {
        is_new |= listens && (has_answer || has_speech);
      } else if (answers && !has_asked) {
        // A tool asks for another answer to the same thing, unless that comes in a trace of its
        // own.
        const bool ends_a_reply = has_answer && (!has_tool || fact.trace != trace);
        is_new |= work.speaks && fact.kind != OpKind::kS2s ? has_speech : ends_a_reply;
      }
      if (is_new) {
        if (fact.kind == OpKind::kTool) continue;  // before anything was said
        open(TurnSource::kInferred, i);
        has_answer = has_speech = false;
      }
      if (answers || is_new) has_tool = false;
      if (answers) {
        has_asked = fact.has(kAsksTools);
        answer = &fact;
      }
      has_answer |= answers;
      has_speech |= is_speaking(fact.kind);
      has_tool |= fact.kind == OpKind::kTool && !(answer && is_answered_within(fact, *answer));
      trace = fact.trace;
      take(i);
    }
  }

  // Gemini's client runs tools by itself and asks again: its span has the answer to the tool, too.
  static bool is_answered_within(const Fact& tool, const Fact& answer) {
    constexpr DurationNs kAnswerMin = DurationNs::from_ms(50);
    return tool.start >= answer.start && tool.end_or_start() + kAnswerMin <= answer.end_or_start();
  }

  struct Work {
    bool hears_turns = false;  // there is a transcription (or a speech segment) for each turn
    bool speaks = false;
  };
  // One transcription beside several answers is a stream that was open through the whole call.
  Work survey() const {
    size_t listening = 0, answering = 0;
    Work work;
    for (const uint32_t i : call_.facts) {
      const OpKind kind = at(i).kind;
      if (repeats_[i]) continue;
      listening += is_listening(kind) ? 1 : 0;
      answering += kind == OpKind::kLlm || kind == OpKind::kS2s ? 1 : 0;
      work.speaks |= is_speaking(kind);
    }
    work.hears_turns = listening > 1 || (listening == 1 && answering < 3);
    return work;
  }

  static bool is_work(OpKind kind) {
    return is_listening(kind) || is_speaking(kind) || kind == OpKind::kLlm ||
           kind == OpKind::kS2s || kind == OpKind::kTool;
  }

  // ---- what belongs to the turns that were found ----

  // By ancestor; else, for work, by time: to the last turn that had begun, or to the first.
  void assign_the_rest() {
    if (!has_turns()) return;
    const auto nearest = tree_.nearest([&](uint32_t i) { return turns_.turn_of[i] >= 0; });
    const std::vector<int32_t> by_ancestor = turns_.turn_of;
    for (const uint32_t i : call_.facts) {
      if (turns_.turn_of[i] >= 0 || at(i).has(kProvisional)) continue;
      if (nearest[i] >= 0) {
        turns_.turn_of[i] = by_ancestor[static_cast<size_t>(nearest[i])];
      } else if (is_part_of_a_turn(at(i).kind) && !is_dropped(i)) {
        turns_.turn_of[i] = turn_at(at(i).start);
      }
    }
  }

  // The caller's side of a turn that was no turn.
  bool is_dropped(uint32_t i) const { return at(i).kind == OpKind::kUserTurn; }

  int32_t turn_at(TimeNs time) const {
    const auto later =
        std::upper_bound(turns_.turns.begin(), turns_.turns.end(), time,
                         [](TimeNs t, const TurnFacts& turn) { return t < turn.start; });
    return std::max(0, static_cast<int32_t>(later - turns_.turns.begin()) - 1);
  }

  // Counting sort by turn, which keeps the order of start.
  void gather_members() {
    for (const uint32_t i : call_.facts) {
      if (turns_.turn_of[i] >= 0)
        ++turns_.turns[static_cast<size_t>(turns_.turn_of[i])].members_end;
    }
    uint32_t begin = 0;
    for (TurnFacts& turn : turns_.turns) {
      turn.members_begin = begin;
      begin += turn.members_end;
      turn.members_end = turn.members_begin;
    }
    turns_.members.resize(begin);
    for (const uint32_t i : call_.facts) {
      if (turns_.turn_of[i] < 0) continue;
      TurnFacts& turn = turns_.turns[static_cast<size_t>(turns_.turn_of[i])];
      turns_.members[turn.members_end++] = i;
    }
  }

  void complete(size_t t) {
    TurnFacts& turn = turns_.turns[t];
    if (turn.span) {
      turn.start = at(*turn.span).start;
      turn.end = at(*turn.span).end;
    } else {
      for (const uint32_t i : turns_.members_of(turn)) {
        turn.start = std::min(turn.start, at(i).start);
        if (is_part_of_a_turn(at(i).kind)) turn.end = std::max(turn.end, at(i).end_or_start());
      }
    }
    turn.interruption = interruption_of(t);
  }

  // Frameworks also say "interrupted" of a reply that the end of the call cut off; only what the
  // caller did next tells a barge-in.
  Interruption interruption_of(size_t t) const {
    const TurnFacts& turn = turns_.turns[t];
    TimeNs cut;  // when the reply was cut off
    bool is_speech_cut = false;
    bool is_programmatic = false;
    bool is_call_end = false;
    for (const uint32_t i : turns_.members_of(turn)) {
      const Fact& fact = at(i);
      if (!fact.has(kInterrupted)) continue;
      if (is_listening(fact.kind) || fact.kind == OpKind::kUserTurn) continue;
      cut = std::max(cut, fact.end_or_start());
      is_speech_cut |= is_speaking(fact.kind) || fact.kind == OpKind::kS2s;
      is_programmatic |= fact.has(kProgrammatic);
      is_call_end |= fact.has(kCallEndedIt);
    }
    if (!cut.is_set()) return Interruption::kNone;
    if (is_programmatic) return Interruption::kProgrammatic;
    constexpr DurationNs kSlack = DurationNs::from_s(1);
    const bool is_last = t + 1 == turns_.turns.size();
    if (!is_last && turns_.turns[t + 1].start <= cut + kSlack) return Interruption::kUser;
    if (is_speech_cut && !is_call_end) return Interruption::kUser;
    return is_last || is_call_end ? Interruption::kCallEnd : Interruption::kUnknown;
  }

  const FactSet& set_;
  const SpanTree& tree_;
  const CallFacts& call_;
  const std::vector<bool>& repeats_;
  TurnSet turns_;
};

}  // namespace

TurnSet find_turns(const FactSet& set, const SpanTree& tree, const CallFacts& call,
                   const std::vector<bool>& repeats) {
  return TurnFinder(set, tree, call, repeats).run();
}

}  // namespace callscope::calls
