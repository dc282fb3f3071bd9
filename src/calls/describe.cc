// The words of a call: what derive() leaves out because it takes reading every span again.
#include <algorithm>

#include "calls/derive.h"

namespace callscope::calls {
namespace {

using model::OpKind;

std::string_view spell(Interruption interruption) {
  switch (interruption) {
    case Interruption::kUser:
      return "user";
    case Interruption::kProgrammatic:
      return "programmatic";
    case Interruption::kCallEnd:
      return "call_end";
    default:
      return {};
  }
}

void append_sentence(std::string& text, std::string_view more) {
  if (more.empty()) return;
  if (!text.empty()) text += ' ';
  text += more;
}

// What was said in a turn. Spans that are one side as a whole know best; below them what was
// transcribed and what was synthesised; last what the model wrote.
class TurnWords {
 public:
  // Without ears, the caller's words are what the model was asked last.
  enum class Ears : uint8_t { kNone, kSome };

  TurnWords(const FactSet& set, const TextsOf& texts_of, Ears ears)
      : set_(set), texts_of_(texts_of), ears_(ears) {}

  // What two instrumentations tell of one request was said once, whichever of them has the words.
  void read(std::span<const uint32_t> members, const std::vector<bool>& repeats) {
    read_where(members, repeats, false);
    if (user().empty() && agent().empty()) read_where(members, repeats, true);
  }

  std::string user() const {
    return first_of({&user_of_turn_, &user_of_side_, &transcribed_, &transcribed_by_s2s_, &asked_});
  }
  std::string agent() const {
    return first_of(
        {&agent_of_turn_, &agent_of_side_, &synthesised_, &written_, &written_in_node_});
  }
  // Only where it says more than what was played.
  std::string generated() const {
    const std::string& all = generated_.empty() ? written_ : generated_;
    return all == agent() ? std::string() : all;
  }

 private:
  void read_where(std::span<const uint32_t> members, const std::vector<bool>& repeats,
                  bool repeated) {
    for (const uint32_t i : members) {
      if (repeats[i] != repeated) continue;
      const OpKind kind = set_.facts[i].kind;
      const model::SpanTexts& texts = texts_of_(i);
      switch (kind) {
        case OpKind::kTurn:
          append_sides(texts, user_of_turn_, agent_of_turn_);
          break;
        case OpKind::kUserTurn:
          append_sentence(user_of_side_, texts.transcript);
          break;
        case OpKind::kAgentTurn:
          append_sentence(agent_of_side_, texts.text);
          append_sentence(generated_, texts.generated_text);
          break;
        case OpKind::kStt:
          append_sentence(transcribed_, texts.transcript);
          break;
        case OpKind::kTts:
          append_sentence(synthesised_, texts.text);
          break;
        case OpKind::kS2s:
          append_sides(texts, transcribed_by_s2s_, written_);
          if (texts.transcript.empty()) read_question(texts);
          read_answer(texts);
          break;
        case OpKind::kLlm:
          if (ears_ == Ears::kNone) read_question(texts);
          read_answer(texts);
          break;
        case OpKind::kWrapper:
          // LiveKit's node has the words of its request; in Node it alone has them.
          if (set_.facts[i].framework == set_.known.livekit) {
            for (const model::Message& message : texts.output)
              append_sentence(written_in_node_, message.content);
          }
          break;
        default:
          break;
      }
    }
  }

  static void append_sides(const model::SpanTexts& texts, std::string& user, std::string& agent) {
    append_sentence(user, texts.transcript);
    append_sentence(agent, texts.text);
  }
  void read_question(const model::SpanTexts& texts) {
    if (texts.input.empty() || !asked_.empty()) return;
    if (texts.input.back().role == "user") asked_ = texts.input.back().content;
  }
  void read_answer(const model::SpanTexts& texts) {
    for (const model::Message& message : texts.output) append_sentence(written_, message.content);
  }
  static std::string first_of(std::initializer_list<const std::string*> candidates) {
    for (const std::string* text : candidates) {
      if (!text->empty()) return *text;
    }
    return {};
  }

  const FactSet& set_;
  const TextsOf& texts_of_;
  const Ears ears_;
  std::string asked_, user_of_turn_, agent_of_turn_, user_of_side_, agent_of_side_, generated_;
  std::string transcribed_, synthesised_, transcribed_by_s2s_, written_, written_in_node_;
};

model::Turn describe_turn(const FactSet& set, const Derived& derived, size_t index,
                          const TurnLatency& latency, const TextsOf& texts_of,
                          TurnWords::Ears ears) {
  const TurnSet& turns = derived.turns;
  const TurnFacts& facts = turns.turns[index];
  model::Turn turn;
  turn.index = static_cast<uint32_t>(index);
  if (facts.span) turn.reported_index = set.facts[*facts.span].turn_index;
  turn.source = facts.source;
  turn.start = facts.start;
  turn.end = facts.end;
  turn.interrupted = facts.interruption != Interruption::kNone;
  turn.interrupted_by = spell(facts.interruption);
  turn.reported_us = latency.reported_us;
  turn.computed_us = latency.computed_us;
  turn.computed_from = latency.computed_from;
  turn.stages = latency.stages;

  const auto members = turns.members_of(facts);
  TurnWords words(set, texts_of, ears);
  words.read(members, derived.requests.repeats);
  for (const uint32_t i : members) turn.span_ids.push_back(set.facts[i].id);
  model::TurnSide user{.start = latency.user_start,
                       .end = latency.user_end,
                       .text = words.user(),
                       .generated_text = {}};
  model::TurnSide agent{.start = latency.agent_start,
                        .end = latency.agent_end,
                        .text = words.agent(),
                        .generated_text = words.generated()};
  const auto is_there = [](const model::TurnSide& side) {
    return side.start.is_set() || side.end.is_set() || !side.text.empty();
  };
  if (is_there(user)) turn.user = std::move(user);
  if (is_there(agent)) turn.agent = std::move(agent);
  return turn;
}

TurnWords::Ears ears_of(const FactSet& set, const CallFacts& call) {
  const bool hears = std::any_of(call.facts.begin(), call.facts.end(), [&](uint32_t i) {
    const OpKind kind = set.facts[i].kind;
    return kind == OpKind::kStt || kind == OpKind::kUserTurn || kind == OpKind::kUserSpeech ||
           kind == OpKind::kS2s;
  });
  return hears ? TurnWords::Ears::kSome : TurnWords::Ears::kNone;
}

// Synthetic tool uses are known only here; they lengthen no span, but explain a turn's silence.
std::vector<ToolInterval> unseen_in(const std::vector<model::ToolUse>& tools, size_t turn) {
  std::vector<ToolInterval> intervals;
  for (const model::ToolUse& tool : tools) {
    if (!tool.synthetic || tool.turn_index != turn || !tool.duration_us) continue;
    intervals.push_back({tool.start, tool.start + DurationNs::from_us(*tool.duration_us)});
  }
  return intervals;
}

}  // namespace

model::Call describe(const FactSet& set, const SpanTree& tree, const CallFacts& facts,
                     PriceCache& prices, const TextsOf& texts_of) {
  Derived derived = derive(set, tree, facts, prices);
  model::Call call;
  call.tools = derived.tools.empty()
                   ? read_out_tools(set, facts, derived.turns.turn_of, texts_of)
                   : describe_tools(set, derived.tools, derived.turns.turn_of, texts_of);
  const TurnWords::Ears ears = ears_of(set, facts);
  model::Measure sent_before;
  for (size_t t = 0; t < derived.turns.turns.size(); ++t) {
    const TurnLatency latency = measure_turn(set, derived.turns, derived.turns.turns[t],
                                             sent_before, unseen_in(call.tools, t));
    sent_before = latency.sent_us;
    call.turns.push_back(describe_turn(set, derived, t, latency, texts_of, ears));
  }
  for (const CallNotes& notes : set.notes) {
    const bool is_here = std::any_of(facts.facts.begin(), facts.facts.end(), [&](uint32_t i) {
      return is_same(set.facts[i].id, notes.span) && set.facts[i].trace == notes.trace;
    });
    if (!is_here) continue;
    for (const auto& [from, into] :
         {std::pair(&notes.direction, &call.direction), std::pair(&notes.from, &call.from),
          std::pair(&notes.to, &call.to), std::pair(&notes.transport, &call.transport)}) {
      if (into->empty()) *into = *from;
    }
  }
  call.summary = std::move(derived.summary);
  call.models = std::move(derived.models);
  call.flags = std::move(derived.flags);
  if (derived.tools.empty() && !call.tools.empty()) {
    call.summary.tool_count = static_cast<uint32_t>(call.tools.size());
  }
  return call;
}

}  // namespace callscope::calls
