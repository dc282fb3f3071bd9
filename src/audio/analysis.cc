#include "audio/analysis.h"

#include <algorithm>

#include "audio/judge.h"
#include "audio/pass.h"

namespace callscope::audio {
namespace {

// A single latency from refined edges, and from edges that only the network places.
constexpr double kErrorRefinedS = 0.05;
constexpr double kErrorUnrefinedS = 0.15;

}  // namespace

std::optional<Talk> Analysis::talk() const {
  const AgentChannel& agent = health.agent_channel;
  if (!agent.channel || health.by_channel.size() != 2) return std::nullopt;
  Talk talk{.duration_s = duration_s};
  for (const Segment& segment : segments) {
    (segment.channel == *agent.channel ? talk.agent : talk.caller)
        .push_back({segment.start_s, segment.end_s});
  }
  return talk;
}

void derive(Analysis& analysis, const MetricsContext& context) {
  const auto talk = analysis.talk();
  if (!talk) {
    analysis.turn_taking = {};
    analysis.metrics = {};
    analysis.metrics.not_measured.push_back({"turns", why_no_speakers(analysis.health)});
    return;
  }
  analysis.turn_taking = take_turns(*talk, analysis.settings);
  MetricsContext known = context;
  if (!known.latency_error_s && !analysis.segments.empty()) {
    const double share = analysis.health.refined_edge_share;
    known.latency_error_s = share * kErrorRefinedS + (1 - share) * kErrorUnrefinedS;
  }
  analysis.metrics = measure(*talk, analysis.turn_taking, analysis.settings, known);
}

Result<Analysis> analyse(Source& source, const AnalysisOptions& options, const Progress& progress,
                         std::stop_token stop) {
  if (options.agent_channel && (*options.agent_channel < 0 || *options.agent_channel > 1)) {
    return Error{ErrorCode::kInvalidArgument, "the agent's channel is 0 or 1", "agent_channel"};
  }
  Heard heard = TRY(listen(source, options, progress, stop));
  Analysis analysis{.duration_s = heard.duration_s, .settings = options.settings};
  Judged judged = judge(heard, source, options);
  heard.channels.clear();  // a day's tracks are 40 MB, which its outline and events may have
  if (heard.outline) analysis.peaks = heard.outline->finish();
  analysis.segments = std::move(judged.segments);
  analysis.health = std::move(judged.health);
  derive(analysis);
  return analysis;
}

}  // namespace callscope::audio
