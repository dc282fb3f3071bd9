#include "calls/call_ids.h"

#include <algorithm>

#include "store/catalog/rows.h"

namespace callscope::calls {
namespace {

bool shares_trace(const model::CallSummary& call, const KnownCall& known) {
  return std::any_of(known.traces.begin(), known.traces.end(), [&](const TraceId& trace) {
    const auto report = store::report_of_trace(trace);
    if (!report) {
      return std::find(call.trace_ids.begin(), call.trace_ids.end(), trace) != call.trace_ids.end();
    }
    return std::any_of(call.reports.begin(), call.reports.end(),
                       [&](const model::ReportRef& other) { return other.id == *report; });
  });
}

}  // namespace

std::vector<TraceId> links_of(const model::CallSummary& call) {
  std::vector<TraceId> links = call.trace_ids;
  for (const model::ReportRef& report : call.reports)
    links.push_back(store::trace_of_report(report.id));
  return links;
}

std::vector<MergedCall> match_ids(std::span<model::CallSummary> calls,
                                  std::vector<KnownCall> known) {
  // The older id is the one that people have seen.
  std::sort(known.begin(), known.end(),
            [](const KnownCall& a, const KnownCall& b) { return a.id < b.id; });
  std::vector<bool> is_matched(known.size());
  const auto match = [&](const auto& is_same) {
    for (size_t k = 0; k < known.size(); ++k) {
      if (is_matched[k]) continue;
      for (model::CallSummary& call : calls) {
        if (call.id != 0 || !is_same(call, known[k])) continue;
        call.id = known[k].id;
        is_matched[k] = true;
        break;
      }
    }
  };
  match([](const model::CallSummary& call, const KnownCall& k) {
    return !k.anchor.is_zero() && call.anchor == k.anchor && shares_trace(call, k);
  });
  match(shares_trace);

  std::vector<MergedCall> merged;
  for (size_t k = 0; k < known.size(); ++k) {
    if (is_matched[k]) continue;
    for (const model::CallSummary& call : calls) {
      if (call.id == 0 || !shares_trace(call, known[k])) continue;
      merged.push_back({.project = call.project, .from = known[k].id, .into = call.id});
      break;
    }
  }
  return merged;
}

}  // namespace callscope::calls
