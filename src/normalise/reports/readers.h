// A reader for each sender. They fill what the body says; read_report does what is common.
#pragma once

#include "base/result.h"
#include "normalise/reports/reading.h"

namespace callscope::normalise::reports {

Result<void> read_observe(Reading& reading);
Result<void> read_pipecat(Reading& reading);
Result<void> read_livekit_session(Reading& reading);
Result<void> read_livekit_upload(Reading& reading);
Result<void> read_vapi(Reading& reading);
Result<void> read_retell(Reading& reading);
Result<void> read_elevenlabs(Reading& reading);
Result<void> read_own_api(Reading& reading);

}  // namespace callscope::normalise::reports
