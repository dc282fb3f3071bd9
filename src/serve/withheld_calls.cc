#include "serve/withheld_calls.h"

#include <algorithm>
#include <unordered_map>

#include "serve/call_removal.h"
#include "store/catalog/withheld_agents.h"

namespace callscope::serve {
namespace {

constexpr size_t kBatch = 200;

// Whether a call of the trace is shown. What is not part of a saved call yet is not.
Result<bool> is_trace_shown(const Services& services,
                            const std::vector<store::WithheldAgent>& withheld, ProjectId project,
                            TraceId trace) {
  for (const CallId id : TRY(services.catalog.calls_of_trace(project, trace))) {
    const auto call = TRY(services.catalog.call(project, id));
    if (call && !store::is_withheld(withheld, *call)) return true;
  }
  return false;
}

bool may_be_withheld(const std::vector<store::WithheldAgent>& withheld, const model::Span& span) {
  return std::any_of(withheld.begin(), withheld.end(),
                     [&](const store::WithheldAgent& each) { return each.agent == span.agent; });
}

}  // namespace

Result<std::optional<model::CallSummary>> shown_call(const Services& services, ProjectId project,
                                                     CallId id) {
  auto call = TRY(services.catalog.call(project, id));
  if (!call || !store::is_unclaimed(*call)) return call;
  if (store::is_withheld(TRY(store::withheld_agents(services.catalog, project)), *call))
    call.reset();
  return call;
}

Result<void> leave_out_withheld(const Services& services, ProjectId project,
                                model::SpanBatch& batch) {
  const auto withheld = TRY(store::withheld_agents(services.catalog, project));
  if (withheld.empty()) return {};
  std::unordered_map<TraceId, bool, TraceIdHash> is_shown;
  for (const model::Span& span : batch.spans) {
    if (!may_be_withheld(withheld, span)) continue;
    const auto [at, is_new] = is_shown.try_emplace(span.trace_id, true);
    if (is_new) at->second = TRY(is_trace_shown(services, withheld, project, span.trace_id));
  }
  std::erase_if(batch.spans, [&](const model::Span& span) {
    const auto found = is_shown.find(span.trace_id);
    return found != is_shown.end() && !found->second;
  });
  return {};
}

Result<void> remove_unclaimed_calls(const Services& services) {
  for (const store::UnclaimedCall& each :
       TRY(store::unclaimed_calls(services.catalog, services.clock.now(), kBatch))) {
    const auto call = TRY(services.catalog.call(each.project, each.call));
    if (!call || !store::is_unclaimed(*call)) continue;
    const auto withheld = TRY(store::withheld_agents(services.catalog, each.project));
    // A trace that a shown call has a part in stays whole.
    bool is_shared = false;
    for (const TraceId& trace : call->trace_ids)
      is_shared = is_shared || TRY(is_trace_shown(services, withheld, each.project, trace));
    if (!is_shared) TRY(remove_call(services, *call, true));
  }
  return {};
}

}  // namespace callscope::serve
