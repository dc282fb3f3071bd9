// What was heard → segments, and what is to be said about the recording.
#pragma once

#include <string>
#include <vector>

#include "audio/pass.h"

namespace callscope::audio {

struct Judged {
  std::vector<Segment> segments;
  Health health;
};

Judged judge(Heard& heard, const Source& source, const AnalysisOptions& options);

// Why the speakers of a recording cannot be told apart.
std::string why_no_speakers(const Health& health);

}  // namespace callscope::audio
