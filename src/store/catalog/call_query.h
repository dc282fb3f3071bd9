// The question behind a list of calls, and its answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "model/call.h"
#include "store/span_store.h"

namespace callscope::store {

// kLatency is that of the slowest turn; kTokens are input and output together.
enum class CallSort : uint8_t { kStartedAt, kDuration, kLatency, kCost, kTokens };
std::string_view to_string(CallSort sort);  // "started_at", "duration", "latency", "cost", "tokens"
std::optional<CallSort> parse_call_sort(std::string_view text);

enum class Order : uint8_t { kDescending, kAscending };

// All conditions hold at once. Calls that lack the value they are sorted by come last.
struct CallQuery {
  ProjectId project = 0;
  TimeNs now;  // which running, quiet and ended are told by
  std::optional<AgentId> agent;
  TimeRange started;
  std::optional<model::CallState> state;
  std::optional<std::string> model;
  std::optional<std::string> tool;
  bool errors_only = false;
  uint32_t flags = 0;                     // bits of model::CallFlag: all of them
  std::optional<DurationNs> latency_min;  // of the slowest turn
  std::vector<std::pair<std::string, std::string>> metadata;
  std::optional<std::vector<CallId>> among;  // only these, such as those that a text search found
  CallSort sort = CallSort::kStartedAt;
  Order order = Order::kDescending;
  size_t limit = 100;
  std::string cursor;  // of an earlier page with the same sort and order; empty for the first
};

struct CallPage {
  std::vector<model::CallSummary> calls;
  std::optional<std::string> next;  // absent on the last page
};

// The calls before and after one in a list; absent at its ends.
struct CallNeighbours {
  std::optional<CallId> previous;
  std::optional<CallId> next;
};

}  // namespace callscope::store
