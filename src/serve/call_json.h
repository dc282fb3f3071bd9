// Calls as the API writes them.
#pragma once

#include <string>

#include "base/time.h"
#include "model/call.h"
#include "serve/agent_names.h"
#include "serve/heard_latency.h"

namespace callscope::serve {

// Appends one JSON object. `now` tells running calls from quiet and ended ones.
void append_call_summary(std::string& out, const model::CallSummary& call, const AgentNames& agents,
                         TimeNs now, const HeardLatency& heard);
void append_call(std::string& out, const model::Call& call, const AgentNames& agents, TimeNs now,
                 const HeardLatency& heard);

}  // namespace callscope::serve
