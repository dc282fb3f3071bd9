// Deleting a call with all that belongs to it.
#pragma once

#include <vector>

#include "base/result.h"
#include "model/call.h"
#include "serve/api.h"

namespace callscope::serve {

// The calls that lose spans when the traces of `call` go, itself first.
Result<std::vector<model::CallSummary>> calls_in_same_traces(const Services& services,
                                                             const model::CallSummary& call);

// Deletes calls that were kept for as long as their agent or project wants them, some at a time. A
// call waits for those that it shares traces with.
Result<void> remove_expired_calls(const Services& services);

// Spans are deleted by whole traces. kConflict where other calls are in the same traces, unless
// they may go too.
Result<void> remove_call(const Services& services, const model::CallSummary& call,
                         bool takes_shared);

}  // namespace callscope::serve
