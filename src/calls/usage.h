// What a call used and what that cost: each request to a provider counted once.
#pragma once

#include <vector>

#include "calls/fact_set.h"
#include "calls/partition.h"
#include "calls/prices.h"
#include "calls/span_tree.h"
#include "model/call.h"

namespace callscope::calls {

struct Usage {
  model::Totals totals;
  model::CostSource cost_source = model::CostSource::kNone;
  std::vector<model::ModelUse> models;  // by first use
  bool is_double_instrumented = false;
  bool has_unpriced = false;
  bool has_estimates = false;
};

struct Requests {
  // For each fact whether it counts as a request to a provider.
  std::vector<bool> counts;
  // Billable ones that do not: a second instrumentation's view of a request that counts.
  std::vector<bool> repeats;
  bool is_double_instrumented = false;
};
Requests find_requests(const FactSet& set, const SpanTree& tree, const CallFacts& call);

// `call_length` prices transcription whose stream was open all through the call but whose length
// nobody reported; zero where it is not known.
Usage sum_usage(const FactSet& set, const CallFacts& call, const Requests& requests,
                DurationNs call_length, PriceCache& prices);

}  // namespace callscope::calls
