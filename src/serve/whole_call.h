// The answer that shows one call with everything that is known of it.
#pragma once

#include <string>

#include "base/result.h"
#include "model/call.h"
#include "serve/api.h"

namespace callscope::serve {

Result<std::string> whole_call(const Services& services, const model::CallSummary& saved);

}  // namespace callscope::serve
