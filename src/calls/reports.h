// What reports add to the summary of a call that spans gave, or make of it alone.
#pragma once

#include <vector>

#include "calls/fact_set.h"
#include "calls/partition.h"
#include "model/call.h"

namespace callscope::calls {

// The reports of a call, the most direct first.
std::vector<const ReportFacts*> reports_of(const FactSet& set, const CallFacts& call);

// Fills in what spans cannot say and, where both do, lets the more direct source win: a report for
// names, agent, end reason and metadata; spans for times, turns and tools.
void add_reports(const FactSet& set, const CallFacts& call, model::CallSummary& summary,
                 std::vector<model::FlagNote>& flags);

}  // namespace callscope::calls
