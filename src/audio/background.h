// Other voices on one channel: people in the caller's room, a television, a neighbouring line. The
// detector hears them as well as the one whose channel it is; their level sets them apart.
#pragma once

#include <optional>
#include <vector>

#include "audio/settings.h"
#include "audio/track.h"

namespace callscope::audio {

// The level below which the channel's speech is not that of the one who speaks on it; nullopt where
// there is too little speech to tell. `masked` is as for find_speech.
std::optional<double> background_below_db(const Track& track, const std::vector<bool>& masked,
                                          const Settings& settings);

// Adds to `masked` the speech around which nothing reaches that level, but for a word's weak ends.
void mask_background(const Track& track, double below_db, const Settings& settings,
                     std::vector<bool>& masked);

}  // namespace callscope::audio
