// How long the caller waited in a turn, and for what. docs/calls.md ("Latency") defines each
// number.
#pragma once

#include <string_view>

#include "calls/turns.h"
#include "model/call.h"

namespace callscope::calls {

struct TurnLatency {
  model::Measure reported_us;      // by the framework
  model::Measure sent_us;          // the same, even where it only repeats that of the turn before
  model::Measure computed_us;      // by us, from the times of spans
  std::string_view computed_from;  // static storage; empty where not computed
  TimeNs user_start, user_end;     // unset: not captured
  TimeNs agent_start, agent_end;
  model::Stages stages;
  bool skips_stage = false;  // the latency is shorter than one of its stages
};

// A tool use that no span shows, as an interval.
struct ToolInterval {
  TimeNs start, end;
};

// `previous_sent_us` is that of the turn before: OpenInference's Pipecat instrumentation repeats it
// where it measured nothing. `unseen_tools` are the tool uses of this turn that have no span.
TurnLatency measure_turn(const FactSet& set, const TurnSet& turns, const TurnFacts& turn,
                         model::Measure previous_sent_us,
                         std::span<const ToolInterval> unseen_tools = {});

// Fills in what the summary says of its turns' latencies: percentiles and the slowest turn.
void set_latencies(const std::vector<model::Measure>& reported_us,
                   const std::vector<model::Measure>& computed_us, model::CallSummary& out);

}  // namespace callscope::calls
