#include "calls/oddities.h"

#include <array>
#include <bit>

namespace callscope::calls {
namespace {

using model::CallFlag;
using model::FlagNote;
using model::Measure;
using model::OpKind;

constexpr int64_t kDelayMaxUs = 60'000'000;
constexpr DurationNs kSttSpanMin = DurationNs::from_ms(1);

// Remembers each flag with the first span that shows it.
class Notes {
 public:
  void add(CallFlag flag, std::optional<SpanId> span = std::nullopt) {
    Entry& entry = entries_[static_cast<size_t>(std::countr_zero(model::bit(flag)))];
    if (entry.holds) return;
    entry = {true, span};
  }

  std::vector<FlagNote> list() const {
    std::vector<FlagNote> notes;
    for (size_t bit = 0; bit < entries_.size(); ++bit) {
      if (entries_[bit].holds)
        notes.push_back({static_cast<CallFlag>(1u << bit), entries_[bit].span});
    }
    return notes;
  }

 private:
  struct Entry {
    bool holds = false;
    std::optional<SpanId> span;
  };
  std::array<Entry, model::kCallFlagCount> entries_;
};

bool is_long(SmallMeasure us) { return us && *us > kDelayMaxUs; }

void look_at_span(const Fact& fact, Notes& notes) {
  if (is_long(fact.latency_us) || is_long(fact.response_latency_us) ||
      is_long(fact.endpointing_us) || is_long(fact.transcription_us)) {
    notes.add(CallFlag::kDelayOver60s, fact.id);
  }
  if (fact.kind == OpKind::kStt && fact.end.is_set() && fact.duration() < kSttSpanMin) {
    notes.add(CallFlag::kSttSpanTooShort, fact.id);
  }
  constexpr uint32_t kOdd = model::kEndBeforeStart | model::kNoStart | model::kNoEnd |
                            model::kAttributeCut | model::kAttributesDropped | model::kClockFarOff |
                            kIdReused | kParentIsItself;
  if ((fact.bits & kOdd) == 0) return;
  if (fact.has(model::kEndBeforeStart)) notes.add(CallFlag::kEndBeforeStart, fact.id);
  if (fact.has(model::kClockFarOff)) notes.add(CallFlag::kClockFarOff, fact.id);
  if (fact.has(model::kNoStart) || fact.has(model::kNoEnd))
    notes.add(CallFlag::kMissingTimes, fact.id);
  if (fact.has(model::kAttributeCut) || fact.has(model::kAttributesDropped)) {
    notes.add(CallFlag::kAttributesCut, fact.id);
  }
  if (fact.has(kIdReused)) notes.add(CallFlag::kSpanIdReused, fact.id);
  if (fact.has(kParentIsItself)) notes.add(CallFlag::kParentCycle, fact.id);
}

// A call's spans come children first, so that a missing parent means something only once the root
// is there.
void look_at_tree(const FactSet& set, const SpanTree& tree, const CallFacts& call, bool root_ended,
                  Notes& notes) {
  std::vector<uint32_t> roots(set.traces.size());
  for (const uint32_t i : call.facts) {
    const Fact& fact = set.facts[i];
    if (tree.parent(i) == SpanTree::kOrphan && root_ended && !call.is_split) {
      notes.add(CallFlag::kOrphanSpans, fact.id);
    }
    if (fact.is_root() && !fact.has(kProvisional) && !fact.has(kParentIsItself) &&
        ++roots[fact.trace] == 2) {
      notes.add(CallFlag::kSeveralRoots, fact.id);
    }
  }
  for (const uint32_t i : tree.cycles()) notes.add(CallFlag::kParentCycle, set.facts[i].id);
}

void look_at_turns(const FactSet& set, const TurnSet& turns,
                   const std::vector<TurnLatency>& latencies, Notes& notes) {
  SmallMeasure before;
  for (size_t t = 0; t < turns.turns.size(); ++t) {
    const TurnFacts& turn = turns.turns[t];
    const TurnLatency& latency = latencies[t];
    const std::optional<SpanId> example =
        turn.span ? std::optional(set.facts[*turn.span].id) : std::nullopt;
    if (latency.skips_stage) notes.add(CallFlag::kLatencySkipsStage, example);
    if (latency.computed_us && *latency.computed_us > kDelayMaxUs) {
      notes.add(CallFlag::kDelayOver60s, example);
    }
    const SmallMeasure number = turn.span ? set.facts[*turn.span].turn_index : SmallMeasure();
    if (number && before && *number != *before + 1) notes.add(CallFlag::kTurnGap, example);
    if (number) before = number;
  }
}

}  // namespace

std::vector<FlagNote> find_oddities(const FactSet& set, const SpanTree& tree, const CallFacts& call,
                                    const TurnSet& turns, const std::vector<TurnLatency>& latencies,
                                    const Usage& usage, bool root_ended) {
  Notes notes;
  for (const uint32_t i : call.facts) look_at_span(set.facts[i], notes);
  look_at_tree(set, tree, call, root_ended, notes);
  look_at_turns(set, turns, latencies, notes);
  if (call.is_rehomed) notes.add(CallFlag::kRehomedSpans);
  if (call.is_split) notes.add(CallFlag::kSplitTrace);
  if (usage.is_double_instrumented) notes.add(CallFlag::kDoubleInstrumented);
  if (usage.has_unpriced) notes.add(CallFlag::kUnpricedUse);
  if (usage.has_estimates) notes.add(CallFlag::kEstimatedCost);
  for (const uint32_t t : call.traces) {
    if (set.traces[t].passed_over > 0) notes.add(CallFlag::kTooManySpans);
  }
  return notes.list();
}

}  // namespace callscope::calls
