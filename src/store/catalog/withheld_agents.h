// Agents whose calls wait to be claimed: those of spans alone, with no session and no call log,
// are shown to nobody, and deleted where none comes.
#pragma once

#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "model/call.h"

namespace callscope::store {

class Catalog;
class Transaction;

struct WithheldAgent {
  AgentId agent = 0;
  ProjectId project = 0;
  DurationNs after;  // how long they wait, from when their newest span was received
  TimeNs since;      // calls that started before are not meant
};

// Whether nothing but spans and log lines of OTLP was sent about the call.
bool is_unclaimed(const model::CallSummary& call);
// Whether the call is one of those.
bool is_withheld(const std::vector<WithheldAgent>& agents, const model::CallSummary& call);

// From now on; an agent that is withheld already keeps its `since`.
Result<void> withhold_agent(Transaction& transaction, ProjectId project, AgentId agent,
                            DurationNs after);
Result<void> release_agent(Transaction& transaction, ProjectId project, AgentId agent);

Result<std::vector<WithheldAgent>> withheld_agents(const Catalog& catalog, ProjectId project);

// The traces of withheld calls that no call which is shown has a part in.
Result<std::vector<TraceId>> withheld_traces(const Catalog& catalog, ProjectId project);

struct UnclaimedCall {
  ProjectId project = 0;
  CallId call = 0;
};
// Of all projects: calls whose time to be claimed is over.
Result<std::vector<UnclaimedCall>> unclaimed_calls(const Catalog& catalog, TimeNs now,
                                                   size_t limit);

}  // namespace callscope::store
