// What is odd about a call: the flags of model::CallFlag.
#pragma once

#include <vector>

#include "calls/fact_set.h"
#include "calls/latency.h"
#include "calls/partition.h"
#include "calls/span_tree.h"
#include "calls/turns.h"
#include "calls/usage.h"
#include "model/call.h"

namespace callscope::calls {

// One note for each flag that holds, in the order of the bits.
std::vector<model::FlagNote> find_oddities(const FactSet& set, const SpanTree& tree,
                                           const CallFacts& call, const TurnSet& turns,
                                           const std::vector<TurnLatency>& latencies,
                                           const Usage& usage, bool root_ended);

}  // namespace callscope::calls
