// The one pass over a recording's samples. It keeps a Track of each channel and sums; nothing grows
// with the length but those.
#pragma once

#include <optional>
#include <stop_token>
#include <vector>

#include "audio/analysis.h"
#include "audio/track.h"

namespace callscope::audio {

// What was heard, before it is judged.
struct Heard {
  struct Channel {
    Track track;
    ChannelHealth health;  // as far as samples alone tell
  };
  std::vector<Channel> channels;  // one or two
  double duration_s = 0;
  int64_t frames = 0;  // at the rate that is decoded
  bool cut = false;    // the recording goes on behind the longest that is analysed
  std::optional<double> channel_correlation;
  std::optional<PeakBuilder> outline;  // where it is wanted
};

Result<Heard> listen(Source& source, const AnalysisOptions& options, const Progress& progress,
                     const std::stop_token& stop);

}  // namespace callscope::audio
