// Finds the turns of a call. docs/calls.md ("Turns") has the rules in words.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "calls/fact_set.h"
#include "calls/partition.h"
#include "calls/span_tree.h"
#include "model/call.h"

namespace callscope::calls {

enum class Interruption : uint8_t { kNone, kUser, kProgrammatic, kCallEnd, kUnknown };

// A turn as positions in the fact set; `latency` adds its numbers, `derive` its words.
struct TurnFacts {
  model::TurnSource source = model::TurnSource::kInferred;
  std::optional<uint32_t> span;  // the span that is the turn, where there is one
  TimeNs start, end;
  Interruption interruption = Interruption::kNone;
  uint32_t members_begin = 0, members_end = 0;  // in TurnSet::members
};

struct TurnSet {
  std::vector<TurnFacts> turns;   // by start
  std::vector<uint32_t> members;  // positions in the fact set, turn by turn, by start in each
  std::vector<int32_t> turn_of;   // of each position in the fact set; -1 for none

  std::span<const uint32_t> members_of(const TurnFacts& turn) const {
    return std::span(members).subspan(turn.members_begin, turn.members_end - turn.members_begin);
  }
};

// `repeats` are facts that tell of a request again: they open no turn.
TurnSet find_turns(const FactSet& set, const SpanTree& tree, const CallFacts& call,
                   const std::vector<bool>& repeats);

}  // namespace callscope::calls
