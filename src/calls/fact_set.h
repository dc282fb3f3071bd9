// The facts of traces that may be one call, at one moment and in an order that does not depend on
// the order in which they came. Everything about a call is derived from this.
#pragma once

#include <memory>
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
    std::shared_ptr<const ReportFacts> report;  // null for a trace of spans
  };

  ProjectId project = 0;
  NameTable names;
  std::vector<TraceInfo> traces;  // by first start
  std::vector<Fact> facts;        // by start, then trace, then span id
  std::vector<CallNotes> notes;
  std::vector<MentionedTool> mentioned_tools;

  // The ids of names that have a meaning to us; kNoName where the set has none of it.
  struct KnownNames {
    // Frameworks. The first three mark a call by a span of its own.
    NameId pipecat = kNoName, livekit = kNoName, cekura = kNoName;
    NameId oi_pipecat = kNoName;
    // Rules of the mapping table.
    NameId eou_wait = kNoName;
    NameId tool_asked = kNoName, tool_answered = kNoName;
    NameId realtime_request = kNoName;
  };
  KnownNames known;

  std::string_view name(NameId id) const { return names.at(id); }
  bool marks_calls(NameId framework) const {
    return framework == known.pipecat || framework == known.livekit || framework == known.cekura;
  }
};

// The traces belong to one project; there is at least one.
FactSet make_fact_set(std::span<const TraceFacts* const> traces);

}  // namespace callscope::calls
