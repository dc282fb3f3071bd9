// The part of the catalog that the call book needs: finding calls again and saving them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "model/call.h"

namespace callscope::calls {

// A saved call, as far as telling it from others takes.
struct KnownCall {
  CallId id = 0;
  SpanId anchor;
  std::vector<TraceId> traces;  // and reports, as in links_of
  uint32_t span_count = 0;
};

// `from` turned out to be a part of `into`, which is the older one.
struct MergedCall {
  ProjectId project = 0;
  CallId from = 0;
  CallId into = 0;
};

// What links a call to its traces and, by store::trace_of_report, to its reports.
std::vector<TraceId> links_of(const model::CallSummary& call);

class CallDirectory {
 public:
  virtual ~CallDirectory() = default;

  // The calls that any of the traces belongs to.
  virtual Result<std::vector<KnownCall>> find_by_traces(ProjectId project,
                                                        std::span<const TraceId> traces) = 0;
  // Calls of that name whose time overlaps from … to.
  virtual Result<std::vector<KnownCall>> find_by_name(ProjectId project, std::string_view name,
                                                      TimeNs from, TimeNs to) = 0;
  // Calls without an id are given one, in place, once saved. An error may leave some unsaved.
  virtual Result<void> save(std::span<model::CallSummary> calls,
                            std::span<const MergedCall> merged) = 0;
};

}  // namespace callscope::calls
