// What we keep of a report to join and summarise its call: a few hundred bytes, without its words.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "calls/joining.h"
#include "model/report.h"
#include "store/catalog/rows.h"

namespace callscope::calls {

struct ReportFacts {
  ReportId id = 0;
  int64_t revision = 0;
  model::ReportKind kind = model::ReportKind::kApi;
  AgentId agent = 0;
  std::string key;  // tells reports of one kind apart
  TimeNs received;
  size_t bytes = 0;  // of its body

  std::string call_id;
  std::vector<JoinKey> keys;
  std::vector<TraceId> attached;  // traces, and reports by their trace_of_report, that it names
  // What it says of the call's time; where it says nothing, the hour before it came.
  TimeNs first, last;
  TimeNs started, ended;  // unset where it does not say
  DurationNs spoken;      // where its transcript ends, from its start
  bool says_it_ended = false;

  std::string end_reason;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<std::string> tool_names;
  std::vector<model::ToolTally> told_tools;
  uint32_t turn_count = 0;
  std::vector<model::Measure> turn_waits_us;  // one a turn, up to kTurnLatenciesMax
  uint32_t tool_count = 0;
  uint32_t tool_error_count = 0;
  uint32_t interruption_count = 0;
  bool has_notes = false;

  // What somebody did by hand (call_edits.h): the traces and reports attached are one call, or are
  // a call apart from what they were joined with. It says nothing else.
  bool is_edit = false;
  bool separates = false;
};

ReportFacts summarise(const store::SavedReport& saved, const model::Report& report);

// Which of two reports is believed where they differ: the lower rank, then the older report. What
// somebody wrote through our API comes first, then a call log, then sessions, then providers.
int rank_of(model::ReportKind kind);
bool is_more_direct(const ReportFacts& a, const ReportFacts& b);

// The bit of model::CallSource that a report sets.
uint32_t source_of(model::ReportKind kind);

}  // namespace callscope::calls
