// A recording → its facts, in one pass over the samples; memory does not grow with the length but
// for about 1 MB an hour and channel.
//
//   auto source = TRY(open_audio(path));
//   const Analysis analysis = TRY(analyse(*source, {.agent_channel = 1}));
//   std::string json = to_json(analysis);  // audio/analysis_json.h
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "audio/health.h"
#include "audio/metrics.h"
#include "audio/peaks.h"
#include "audio/settings.h"
#include "audio/source.h"
#include "audio/turn_taking.h"

namespace callscope::audio {

struct AnalysisOptions {
  Settings settings = {};
  std::optional<int> agent_channel = {};  // which channel is the agent; found out where absent
  std::optional<double> expected_duration_s = {};  // of the call, as others report it
  bool peaks = false;                              // wanted too
};

struct Segment {
  int channel = 0;
  double start_s = 0;
  double end_s = 0;
  bool operator==(const Segment&) const = default;
};

struct Analysis {
  double duration_s = 0;
  std::vector<Segment> segments;  // talkspurts of the channels, by their starts
  TurnTaking turn_taking;         // empty where speakers cannot be told apart, as in mono
  Metrics metrics;
  Health health;
  Settings settings;
  std::optional<Peaks> peaks;

  // The talkspurts by speaker; nullopt where they cannot be told apart.
  std::optional<Talk> talk() const;
};

// Told the share that is done, 0 to 1, about once for every ten seconds of audio.
using Progress = std::function<void(double share)>;

// Decodes the source from where it stands to its end. Errors are those of the source;
// kUnavailable where it was told to stop. One thread; give it a time of its own.
Result<Analysis> analyse(Source& source, const AnalysisOptions& options = {},
                         const Progress& progress = {}, std::stop_token stop = {});

// Computes turns, events and metrics anew from the segments, as after a setting or the agent's
// channel changed, or when tools and words became known. Does not listen again.
void derive(Analysis& analysis, const MetricsContext& context = {});

}  // namespace callscope::audio
