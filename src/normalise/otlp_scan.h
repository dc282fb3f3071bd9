// Checks an OTLP request before it is acknowledged: are the bytes OTLP at every depth, and which of
// its items will be refused? What passes here can always be decoded later.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace callscope::normalise {

enum class Signal : uint8_t { kTraces = 1, kLogs = 2 };

struct ScanReport {
  uint64_t items = 0;        // spans or log records in the request
  uint64_t rejected = 0;     // spans with a trace id or span id that is zero or of the wrong length
  std::string first_reason;  // why the first of them was, with its position
};

// kInvalidArgument where `request` is not an Export{Trace,Logs}ServiceRequest.
Result<ScanReport> scan_request(Signal signal, std::string_view request);

}  // namespace callscope::normalise
