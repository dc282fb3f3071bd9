#include "serve/heard_latency.h"

#include "listen/listener.h"
#include "store/catalog/heard.h"

namespace callscope::serve {

Result<HeardByCall> heard_of(const Services& services, ProjectId project,
                             std::span<const model::CallSummary> calls) {
  std::vector<CallId> ids;
  for (const model::CallSummary& call : calls) ids.push_back(call.id);
  HeardByCall heard;
  for (const store::HeardInCall& each : TRY(store::heard_in_calls(services.catalog, project, ids)))
    heard[each.call] = listen::unpack_heard(each.heard_ms);
  return heard;
}

Result<HeardByCall> heard_between(const Services& services, ProjectId project,
                                  store::TimeRange started) {
  constexpr DurationNs kDay = DurationNs::from_s(86'400);
  if (started.from.is_set()) started.from = started.from - kDay;
  if (started.to.is_set()) started.to = started.to + kDay;
  HeardByCall heard;
  for (const store::SavedAnalysis& analysis :
       TRY(services.catalog.analyses_between(project, started)))
    heard.try_emplace(analysis.call, listen::unpack_heard(analysis.heard_ms));
  return heard;
}

HeardLatency heard_latency(const HeardByCall& heard, CallId call) {
  const auto found = heard.find(call);
  if (found == heard.end()) return {};
  return {.summary = model::summarise(found->second), .slowest_turn = {}};
}

}  // namespace callscope::serve
