// The filters_v2 parameter of the hosted service's list: conditions on fields of a call, joined by
// "and" and "or".
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "model/call.h"
#include "serve/agent_names.h"

namespace callscope::serve::compat {

class CallFilter {
 public:
  // {"field", "op", "value"} or {"operator": "and"|"or"|"same_row", "conditions": […]}. An empty
  // text lets every call pass. kInvalidArgument naming filters_v2 for what is neither, for a field
  // that calls have not, and for an operator that is none.
  static Result<CallFilter> parse(std::string_view json, TimeNs now);

  bool passes(const model::CallSummary& call, const AgentNames& agents) const;

  struct Node;  // private to the .cc

 private:
  std::shared_ptr<const Node> root_;
};

}  // namespace callscope::serve::compat
