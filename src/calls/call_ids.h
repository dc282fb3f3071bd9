// Which saved call each call of a group is, after spans have come, calls have merged or split.
#pragma once

#include <span>
#include <vector>

#include "calls/call_directory.h"
#include "model/call.h"

namespace callscope::calls {

// Gives `calls` the ids of `known` calls; those that are new keep 0. Returns the known calls of
// which none is left and what they are part of.
std::vector<MergedCall> match_ids(std::span<model::CallSummary> calls,
                                  std::vector<KnownCall> known);

}  // namespace callscope::calls
