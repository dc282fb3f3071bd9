// The other channel's sound where it comes through for moments only: an echo canceller that is late
// lets the beginnings of sentences pass, and now and then a word.
#pragma once

#include <optional>
#include <vector>

#include "audio/health.h"
#include "audio/settings.h"
#include "audio/track.h"

namespace callscope::audio {

// Adds to `masked` the chunks of `own` whose speech is such a moment, and tells of all of them
// together: each follows the other's levels at one delay. Nullopt where there are none.
std::optional<Leak> mask_leaked_bursts(const Track& own, const Track& other,
                                       const Settings& settings, std::vector<bool>& masked);

}  // namespace callscope::audio
