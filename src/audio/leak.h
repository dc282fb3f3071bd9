// One channel's sound in the other: echo of a handset, a loudspeaker in the room, crosstalk. Such
// sound is speech to the detector, but not this channel's.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "audio/health.h"
#include "audio/settings.h"
#include "audio/track.h"

namespace callscope::audio {

// Looks for `other` in `own`: a quieter and perhaps later copy of its levels, while the other
// speaks. Leak::masked_s is left at 0.
std::optional<Leak> find_leak(const Track& own, const Track& other, const Settings& settings);

// The level that a quarter of the frames do not exceed, as Track has it: the channel at rest,
// unless somebody talks nearly all the time.
uint8_t resting_level(const Track& track);

// A flag for each chunk of `own` in which nothing is louder than the leak can be.
std::vector<bool> leaked_chunks(const Track& own, const Track& other, const Leak& leak,
                                const Settings& settings);

}  // namespace callscope::audio
