// Other voices on one channel: people in the caller's room, a television, a neighbouring line. The
// detector hears them as well as the one whose channel it is; their level sets them apart.
#pragma once

#include <vector>

#include "audio/settings.h"
#include "audio/track.h"

namespace callscope::audio {

// Adds to `masked`, which is as for find_speech, the speech that stays far below that of the
// channel's talker, but for a word's weak ends.
void mask_background(const Track& track, const Settings& settings, std::vector<bool>& masked);

}  // namespace callscope::audio
