// The call or the recording that a request's path names.
#pragma once

#include <string_view>
#include <unordered_set>

#include "base/result.h"
#include "model/call.h"
#include "serve/endpoint.h"

namespace callscope::serve {

// With what is under way saved first. kNotFound, with `field`, where the project has no such call
// or does not show it.
Result<model::CallSummary> find_call(const Services& services, ProjectId project, CallId id,
                                     std::string_view field = {});
Result<model::CallSummary> find_call(const Services& services, const Question& question);

// A trace may hold several calls (CallSummary::anchor): the spans that belong to this one.
Result<std::unordered_set<SpanId, SpanIdHash>> span_ids(const Services& services,
                                                        const model::CallSummary& call);

// By "id" and "recording_id". The id of a call that was merged into another finds that one's
// recordings; kNotFound for those of a call that is not shown.
Result<store::Recording> find_recording(const Services& services, ProjectId project,
                                        const http::Request& request);
Result<store::Recording> find_recording(const Services& services, const Question& question);

}  // namespace callscope::serve
