// How calls are written: a call's row and, beside it, its traces, names and labels. Private to this
// folder.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "store/catalog/call_rows.h"
#include "store/catalog/catalog_state.h"

namespace callscope::store {

// Within one transaction, whose session and memory it borrows.
class CallWriter {
 public:
  CallWriter(Session& session, WriterMemory& memory) : session_(session), memory_(memory) {}

  Result<void> put(const model::CallSummary& call);
  // False where the project has no such call.
  Result<bool> remove(ProjectId project, CallId id);

 private:
  Result<std::optional<model::CallSummary>> saved(CallId id);
  // Brings what lies beside the row from `before` to `after`; either may be a call without
  // anything.
  Result<void> replace_traces(const model::CallSummary& before, const model::CallSummary& after);
  Result<void> replace_names(const model::CallSummary& before, const model::CallSummary& after);
  Result<void> replace_labels(const model::CallSummary& before, const model::CallSummary& after);

  Result<int64_t> label_id(ProjectId project, const Label& label);
  Result<void> drop_label(ProjectId project, const Label& label, CallId call);

  Session& session_;
  WriterMemory& memory_;
};

}  // namespace callscope::store
