// What was heard in the recordings of calls, without the facts of each.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace callscope::store {

class Catalog;

struct HeardInCall {
  CallId call = 0;
  std::string heard_ms;  // as in SavedAnalysis
};

// Of those among `calls` that have a recording which was analysed: its first such recording.
Result<std::vector<HeardInCall>> heard_in_calls(const Catalog& catalog, ProjectId project,
                                                std::span<const CallId> calls);

}  // namespace callscope::store
