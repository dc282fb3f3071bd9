// The words of a call's reports: its transcript, and turns and tools where spans show none.
#pragma once

#include <span>

#include "calls/span_source.h"
#include "model/call.h"

namespace callscope::calls {

// Adds to `call`, whose spans have been described, what the reports say of it.
void describe_reports(std::span<const LoadedReport> reports, model::Call& call);

}  // namespace callscope::calls
