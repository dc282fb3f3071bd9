// Changing a call by hand: what is said of it is kept as a report of its own, so that it holds
// whatever the other sources send later.
#pragma once

#include <boost/json.hpp>

#include "base/result.h"
#include "model/call.h"
#include "serve/api.h"

namespace callscope::serve {

// Saves the members of `change` (of a call log, or of our own POST calls) as a later version of the
// call's own report of that kind, or as a new one that names the call by one of its parts. Returns
// once it is on disk and the call was derived anew.
Result<void> change_call(const Services& services, const model::CallSummary& call,
                         model::ReportKind kind, boost::json::object change);

// The call's own report of the kind, not one of its edits; nullopt where it has none.
Result<std::optional<store::SavedReport>> own_report(const Services& services,
                                                     const model::CallSummary& call,
                                                     model::ReportKind kind);

}  // namespace callscope::serve
