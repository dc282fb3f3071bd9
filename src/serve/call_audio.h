// What was heard of a call, for the answer that shows it.
#pragma once

#include <string>

#include "base/result.h"
#include "calls/call_reader.h"
#include "model/call.h"
#include "serve/api.h"
#include "serve/heard_latency.h"

namespace callscope::serve {

// JSON values: "null" where there is no recording.
struct CallAudio {
  std::string audio = "null";
  std::string clock = "null";
  HeardLatency heard;
};

// Also fills in what was heard in the turns of the call. Of several recordings the first that was
// analysed counts.
Result<CallAudio> add_audio(const Services& services, calls::WholeCall& whole);

}  // namespace callscope::serve
