// Which of the facts in a set make up which call. docs/calls.md has the rules.
#pragma once

#include <cstdint>
#include <vector>

#include "calls/fact_set.h"
#include "calls/span_tree.h"

namespace callscope::calls {

// The facts of one call.
struct CallFacts {
  std::vector<uint32_t> facts;   // positions in the set, in its order
  std::vector<uint32_t> traces;  // indices of FactSet::traces, by first start
  SpanId anchor;            // the call's own span where a trace of it holds other calls; else zero
  bool is_split = false;    // a trace of it holds other calls
  bool is_rehomed = false;  // some facts hung under another call
};

// At least one call, by first start. A span above several calls (a worker's, a web request's)
// belongs to none.
std::vector<CallFacts> partition(const FactSet& set, const SpanTree& tree);

}  // namespace callscope::calls
