#include "calls/reports.h"

#include <algorithm>

#include "calls/latency.h"
#include "store/catalog/rows.h"

namespace callscope::calls {
namespace {

constexpr size_t kNamesMax = 32;

template <typename T>
bool contains(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

void add_names(const ReportFacts& report, bool is_first, model::CallSummary& out) {
  const std::string before = out.call_id;
  if (is_first && !report.call_id.empty()) out.call_id = report.call_id;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && name != out.call_id && !contains(out.session_keys, name) &&
        out.session_keys.size() < kNamesMax)
      out.session_keys.push_back(name);
  };
  const bool was_trace = !out.trace_ids.empty() && before == out.trace_ids.front().hex();
  if (!was_trace) add(before);
  for (const JoinKey& key : report.keys) add(key.value);
}

void add_traces(const ReportFacts& report, model::CallSummary& out) {
  for (const TraceId& id : report.attached) {
    if (!store::report_of_trace(id) && !contains(out.trace_ids, id)) out.trace_ids.push_back(id);
  }
}

// Keys that the report names take the place of those that less direct sources gave.
void add_metadata(const ReportFacts& report, bool is_first, model::CallSummary& out) {
  std::vector<std::pair<std::string, std::string>> merged;
  const auto add_new = [&](const std::vector<std::pair<std::string, std::string>>& entries) {
    for (const auto& entry : entries) {
      const bool is_known = std::any_of(merged.begin(), merged.end(), [&](const auto& known) {
        return known.first == entry.first;
      });
      if (!is_known && merged.size() < model::kMetadataMax) merged.push_back(entry);
    }
  };
  add_new(is_first ? report.metadata : out.metadata);
  add_new(is_first ? out.metadata : report.metadata);
  out.metadata = std::move(merged);
}

void add_transcript(const ReportFacts& report, model::CallSummary& out) {
  if (out.turn_count == 0) {
    out.turn_count = report.turn_count;
    out.interruption_count = report.interruption_count;
    set_latencies(report.turn_waits_us, {}, out);
  }
  if (out.tool_count == 0) {
    out.tool_count = report.tool_count;
    out.tool_error_count = report.tool_error_count;
    out.tool_names = report.tool_names;
    out.told_tools = report.told_tools;
    std::sort(out.tool_names.begin(), out.tool_names.end());
  }
}

}  // namespace

std::vector<const ReportFacts*> reports_of(const FactSet& set, const CallFacts& call) {
  std::vector<const ReportFacts*> reports;
  for (const uint32_t t : call.traces) {
    if (set.traces[t].report) reports.push_back(set.traces[t].report.get());
  }
  std::sort(reports.begin(), reports.end(),
            [](const ReportFacts* a, const ReportFacts* b) { return is_more_direct(*a, *b); });
  return reports;
}

void add_reports(const FactSet& set, const CallFacts& call, model::CallSummary& out,
                 std::vector<model::FlagNote>& flags) {
  const std::vector<const ReportFacts*> reports = reports_of(set, call);
  if (reports.empty()) return;
  const bool has_spans = !call.facts.empty();
  bool has_agent = false, has_name = false, has_reason = false, is_first = true;
  bool has_conflict = false, has_notes = false;
  for (const ReportFacts* report : reports) {
    if (report->is_edit) {
      out.reports.push_back({report->id, report->revision});
      continue;
    }
    out.sources |= source_of(report->kind);
    out.reports.push_back({report->id, report->revision});
    out.last_activity = std::max(out.last_activity, report->received);
    // Spans of several agents may come through one exporter; the report knows whose call it was.
    if (!has_agent && report->agent != 0) {
      out.agent = report->agent;
      has_agent = true;
    }
    add_names(*report, !has_name, out);
    has_name |= !report->call_id.empty();
    add_traces(*report, out);
    if (!report->end_reason.empty()) {
      has_conflict |= !out.end_reason.empty() && out.end_reason != report->end_reason;
      if (!has_reason) out.end_reason = report->end_reason;
      has_reason = true;
    }
    add_metadata(*report, is_first, out);
    add_transcript(*report, out);
    if (!has_spans) {
      const auto earlier = [](TimeNs a, TimeNs b) {
        return !a.is_set() ? b : !b.is_set() ? a : std::min(a, b);
      };
      out.started = earlier(out.started, report->started);
      out.ended = std::max(out.ended, report->ended);
    }
    out.root_ended |= report->says_it_ended;
    has_notes |= report->has_notes;
    is_first = false;
  }
  if (!out.started.is_set()) {
    out.started = reports.front()->received;
    const DurationNs spoken = reports.front()->spoken;
    if (!out.ended.is_set() && spoken > DurationNs{}) out.ended = out.started + spoken;
  }
  // The catalog gives their order by id.
  std::sort(out.reports.begin(), out.reports.end(),
            [](const model::ReportRef& a, const model::ReportRef& b) { return a.id < b.id; });
  std::sort(out.session_keys.begin(), out.session_keys.end());
  std::erase(out.session_keys, out.call_id);
  if (has_notes) flags.push_back({.flag = model::CallFlag::kReportNotes, .span_id = {}});
  if (has_conflict) flags.push_back({.flag = model::CallFlag::kFieldConflict, .span_id = {}});
}

}  // namespace callscope::calls
