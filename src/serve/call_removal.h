// Deleting a call with all that belongs to it.
#pragma once

#include "base/result.h"
#include "model/call.h"
#include "serve/api.h"

namespace callscope::serve {

// Spans are deleted by whole traces. kConflict where other calls are in the same traces, unless
// they may go too.
Result<void> remove_call(const Services& services, const model::CallSummary& call,
                         bool takes_shared);

}  // namespace callscope::serve
