// Calls that wait to be claimed: those of spans alone, of an agent whose policy says so, are not
// there for whoever asks until a session or a call log comes for them.
#pragma once

#include <optional>

#include "base/result.h"
#include "model/call.h"
#include "model/span.h"
#include "serve/api.h"

namespace callscope::serve {

// The call, where it is not withheld.
Result<std::optional<model::CallSummary>> shown_call(const Services& services, ProjectId project,
                                                     CallId id);

// Takes out of a batch the spans that belong to withheld calls alone.
Result<void> leave_out_withheld(const Services& services, ProjectId project,
                                model::SpanBatch& batch);

// Deletes those that nobody claimed in time, with their spans.
Result<void> remove_unclaimed_calls(const Services& services);

}  // namespace callscope::serve
