#include "serve/call_change.h"

#include <fmt/format.h>

#include "calls/call_edits.h"
#include "normalise/report.h"

namespace callscope::serve {

Result<std::optional<store::SavedReport>> own_report(const Services& services,
                                                     const model::CallSummary& call,
                                                     model::ReportKind kind) {
  for (const model::ReportRef& ref : call.reports) {
    auto report = TRY(services.catalog.report(call.project, ref.id));
    if (report && report->kind == kind && !calls::is_edit_key(report->key)) return report;
  }
  return std::optional<store::SavedReport>();
}

Result<void> change_call(const Services& services, const model::CallSummary& call,
                         model::ReportKind kind, boost::json::object change) {
  const auto known = TRY(own_report(services, call, kind));
  if (!known && !change.contains("trace_id")) {
    const std::vector<TraceId> parts = calls::parts_of(call);
    if (parts.empty()) return Error{ErrorCode::kNotFound, "nothing of the call is left", ""};
    change["trace_id"] = parts.front().hex();
  }
  calls::ReportToSave to_save;
  to_save.body = boost::json::serialize(change);
  normalise::ReportLimits limits = services.report_limits;
  limits.is_whole = false;
  to_save.report = TRY(normalise::read_report(kind, to_save.body, limits));
  to_save.report.idempotency_key = known ? known->key : fmt::format("change/{}", call.id);
  to_save.project = call.project;
  TRY(services.reports.save(std::move(to_save)));
  return services.save_calls();
}

}  // namespace callscope::serve
