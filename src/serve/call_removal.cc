#include "serve/call_removal.h"

#include <fmt/format.h>

#include <unordered_set>

#include "store/catalog/policies.h"

namespace callscope::serve {

Result<std::vector<model::CallSummary>> calls_in_same_traces(const Services& services,
                                                             const model::CallSummary& call) {
  std::vector<model::CallSummary> all{call};
  std::unordered_set<CallId> seen{call.id};
  std::unordered_set<TraceId, TraceIdHash> looked_at;
  for (size_t i = 0; i < all.size(); ++i) {
    const std::vector<TraceId> traces = all[i].trace_ids;
    for (const TraceId& trace : traces) {
      if (!looked_at.insert(trace).second) continue;
      for (const CallId id : TRY(services.catalog.calls_of_trace(call.project, trace))) {
        if (!seen.insert(id).second) continue;
        if (auto other = TRY(services.catalog.call(call.project, id)))
          all.push_back(std::move(*other));
      }
    }
  }
  return all;
}

Result<void> remove_call(const Services& services, const model::CallSummary& call,
                         bool takes_shared) {
  const auto affected = TRY(calls_in_same_traces(services, call));
  if (affected.size() > 1 && !takes_shared) {
    return Error{
        ErrorCode::kConflict,
        fmt::format(
            "{} other calls are in the same traces, call {} among them; with shared=true they are"
            " deleted too",
            affected.size() - 1, affected[1].id),
        "shared"};
  }
  // Traces first: a call without spans can be deleted again, spans without a call would be found by
  // nobody.
  for (const model::CallSummary& each : affected) {
    for (const TraceId& trace : each.trace_ids) {
      TRY(services.spans.remove_trace(call.project, trace));
      services.forget_trace(call.project, trace);
    }
    for (const model::ReportRef& report : each.reports)
      services.forget_trace(call.project, store::trace_of_report(report.id));
  }
  const auto delete_all = [&](store::Transaction& transaction) -> Result<void> {
    for (const model::CallSummary& each : affected)
      TRY(transaction.delete_call(call.project, each.id));
    return {};
  };
  TRY(services.catalog.write(delete_all, store::Durability::kPower));
  return services.recordings.remove_loose_objects();
}

Result<void> remove_expired_calls(const Services& services) {
  constexpr size_t kBatch = 200;
  const TimeNs now = services.clock.now();
  for (const store::ExpiredCall& each : TRY(store::expired_calls(services.catalog, now, kBatch))) {
    const auto call = TRY(services.catalog.call(each.project, each.call));
    if (!call) continue;  // went with another
    bool has_expired = true;
    for (const model::CallSummary& other : TRY(calls_in_same_traces(services, *call))) {
      const TimeNs before =
          TRY(store::expires_before(services.catalog, other.project, other.agent, now));
      has_expired &= before.is_set() && other.started < before && other.last_activity < before;
    }
    if (has_expired) TRY(remove_call(services, *call, true));
  }
  return {};
}

}  // namespace callscope::serve
