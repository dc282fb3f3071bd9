// A transcript while it is read: utterances whose times are as stated, and what was odd.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/report.h"
#include "normalise/reports/moments.h"
#include "normalise/reports/reading.h"
#include "normalise/reports/tools.h"

namespace callscope::normalise::reports {

struct Draft {
  model::Utterance utterance;
  size_t index = 0;  // of the entry that it came from
  std::optional<Moment> start, end;
  std::optional<DurationNs> length;  // where the end is not stated
  bool is_tool_time_own = true;      // whether a tool's times are its own and not its turn's
};

struct Drafts {
  Drafts(std::string_view path, const ReportLimits& limits)
      : field(path), notes(limits.notes_max) {}

  std::string field;    // of the list: "transcript_json", "session_report.chat_history.items"
  std::string dialect;  // that it was read as
  std::vector<Draft> entries;
  OpenTools tools;
  Notes notes;
  size_t score = 0;  // how well it was read; only to be compared
  TimeNs zero;       // where an entry says both the clock's time and its own

  // The text is kept as system where nobody knows who spoke.
  void note(size_t index, std::string_view member, std::string message);
};

}  // namespace callscope::normalise::reports
