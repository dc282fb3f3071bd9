// An Analysis as JSON: what `callscope audio analyze --json` prints and what a call's `audio`
// shows. docs/audio.md describes the members.
#pragma once

#include <string>
#include <string_view>

#include "audio/analysis.h"

namespace callscope::audio {

// {"duration_s","turns","segments","events","metrics","health","settings"}; without peaks. Keep
// this text as the stored form.
std::string to_json(const Analysis& analysis);

// Reads back what to_json wrote: segments, settings and health; turns, events and metrics are
// derived anew, as analyse() did. kDataLoss where it is not such text.
Result<Analysis> analysis_from_json(std::string_view json);

}  // namespace callscope::audio
