// Recordings as the API writes them.
#pragma once

#include <span>
#include <string>

#include "serve/api.h"

namespace callscope::serve {

// Appends one JSON object, of a recording that belongs to `call`.
void append_recording(std::string& out, const Services& services, CallId call,
                      const store::Recording& recording);
// Appends an array of them.
void append_recordings(std::string& out, const Services& services, CallId call,
                       std::span<const store::Recording> recordings);

}  // namespace callscope::serve
