// Makes a call of its facts. Pure: the same facts give the same call, in whatever order they came.
#pragma once

#include <functional>
#include <vector>

#include "calls/fact_set.h"
#include "calls/latency.h"
#include "calls/oddities.h"
#include "calls/partition.h"
#include "calls/prices.h"
#include "calls/span_tree.h"
#include "calls/tools.h"
#include "calls/turns.h"
#include "calls/usage.h"
#include "model/call.h"

namespace callscope::calls {

// Everything of a call but its id, without its words.
struct Derived {
  model::CallSummary summary;
  std::vector<model::FlagNote> flags;
  std::vector<model::ModelUse> models;
  Requests requests;
  TurnSet turns;
  std::vector<TurnLatency> latencies;  // of each turn
  std::vector<ToolSpans> tools;
};

// `call` has facts or reports.
Derived derive(const FactSet& set, const SpanTree& tree, const CallFacts& call, PriceCache& prices);

// The whole call, with the words of its spans.
model::Call describe(const FactSet& set, const SpanTree& tree, const CallFacts& call,
                     PriceCache& prices, const TextsOf& texts_of);

}  // namespace callscope::calls
