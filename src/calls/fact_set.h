// The facts of traces that may be one call, at one moment and in an order that does not depend on
// the order in which they came. Everything about a call is derived from this.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "calls/fact.h"
#include "calls/names.h"
#include "calls/trace_facts.h"

namespace callscope::calls {

struct FactSet {
  struct TraceInfo {
    TraceId id;
    std::vector<JoinKey> keys;
    uint64_t passed_over = 0;
  };

  ProjectId project = 0;
  NameTable names;
  std::vector<TraceInfo> traces;  // by first start
  std::vector<Fact> facts;        // by start, then trace, then span id
  std::vector<CallNotes> notes;
  std::vector<MentionedTool> mentioned_tools;

  std::string_view name(NameId id) const { return names.at(id); }
};

// The traces belong to one project; there is at least one.
FactSet make_fact_set(std::span<const TraceFacts* const> traces);

}  // namespace callscope::calls
