// What a project and each of its agents are set to keep: for how long, and whether spans at all.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace callscope::store {

class Catalog;
class Transaction;

struct Policy {
  ProjectId project = 0;
  AgentId agent = 0;                           // 0: of the project, for agents that have none
  std::optional<int64_t> retention_days = {};  // absent: as long as the server keeps anything
  TimeNs tracing_off_since;                    // of an agent; not set while its spans are taken
};

// In place of the one there is; one that says nothing is removed.
Result<void> put_policy(Transaction& transaction, const Policy& policy);
// An empty one where nothing was set.
Result<Policy> policy_of(const Catalog& catalog, ProjectId project, AgentId agent);
Result<std::vector<Policy>> policies(const Catalog& catalog);

// Of all projects: calls that began, and were quiet, for longer than they are to be kept.
struct ExpiredCall {
  ProjectId project = 0;
  CallId call = 0;
};
Result<std::vector<ExpiredCall>> expired_calls(const Catalog& catalog, TimeNs now, size_t limit);
// Before when a call of that agent has to have begun to be expired; not set where it never is.
Result<TimeNs> expires_before(const Catalog& catalog, ProjectId project, AgentId agent, TimeNs now);

// kNotFound where the project has no such agent.
Result<void> set_agent_provider(Transaction& transaction, ProjectId project, AgentId agent,
                                std::string_view provider);

}  // namespace callscope::store
