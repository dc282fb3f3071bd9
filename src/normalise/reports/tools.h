// Tool calls and their results, in whatever form a transcript has them, joined into one each.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/report.h"
#include "normalise/reports/roles.h"
#include "normalise/reports/values.h"

namespace callscope::normalise::reports {

struct ToolResult {
  std::string id;
  std::string name;
  std::optional<std::string> result;  // absent while the tool runs
  bool is_error = false;
  std::string error;
  model::Measure duration_us;
};

struct ToolTalk {
  std::vector<model::ReportedTool> calls;
  std::vector<ToolResult> results;
  bool empty() const { return calls.empty() && results.empty(); }
};

// The tools in one entry of a transcript; `speaker` says what the entry itself is.
ToolTalk tools_in(const json::object& entry, Speaker speaker);

// Whether one of the flags that senders put beside a result says that the tool failed.
bool says_failure(const json::object& object);

// Which entry a result belongs to: by id, else by name, else the last one that waits.
class OpenTools {
 public:
  // The entry of the call with this id, if it is known already.
  std::optional<size_t> known(const model::ReportedTool& call) const;
  void add(const model::ReportedTool& call, size_t entry);
  // The entry whose call this answers; it waits no more.
  std::optional<size_t> answered_by(const ToolResult& result);

 private:
  struct Open {
    std::string name;
    size_t entry;
    bool waits;
  };
  std::vector<Open> open_;
  std::unordered_map<std::string, size_t> by_id_;  // place in open_
  size_t first_waiting_ = 0;                       // all before it are answered
};

}  // namespace callscope::normalise::reports
