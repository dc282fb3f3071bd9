// One channel's track → its talkspurts: hysteresis over the probabilities, edges refined by level
// where the noise around them allows it, short pauses closed, blips dropped.
#pragma once

#include <cstdint>
#include <vector>

#include "audio/settings.h"
#include "audio/track.h"
#include "audio/turn_taking.h"

namespace callscope::audio {

struct Activity {
  std::vector<Interval> talkspurts;
  int64_t edges = 0;  // of raw speech, that is twice the number of its runs
  int64_t edges_refined =
      0;  // of those, by level; the others were only corrected for the known bias
};

// `masked` has a flag for each chunk of 32 ms whose speech is not the channel's own (leak.h); empty
// where there is none.
Activity find_speech(const Track& track, const std::vector<bool>& masked, const Settings& settings);

}  // namespace callscope::audio
