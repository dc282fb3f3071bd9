// The response latencies that were heard in the recordings of calls. They stand beside those that
// were reported and computed and are never mixed with them.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "model/call.h"
#include "serve/api.h"

namespace callscope::serve {

// Of a call: one of each answer that was heard, in milliseconds. Empty where no recording of it was
// analysed.
using HeardByCall = std::unordered_map<CallId, std::vector<model::Measure>>;

Result<HeardByCall> heard_of(const Services& services, ProjectId project,
                             std::span<const model::CallSummary> calls);
// Of every call that started in that time; a recording may have been begun up to a day before its
// call, or after it.
Result<HeardByCall> heard_between(const Services& services, ProjectId project,
                                  store::TimeRange started);

// What a list or a call shows of them.
struct HeardLatency {
  model::LatencySummary summary;
  std::optional<uint32_t> slowest_turn;  // where it is known which turn of the call it is
};
HeardLatency heard_latency(const HeardByCall& heard, CallId call);

}  // namespace callscope::serve
