// Agents whose tracing is off: what they send is acknowledged and kept nowhere.
#pragma once

#include <chrono>
#include <optional>
#include <unordered_map>

#include "base/ids.h"
#include "base/time.h"

namespace callscope::store {

class Catalog;

// For one thread. A change of the settings counts within a second.
class MutedAgents {
 public:
  MutedAgents(const Catalog& catalog, const Clock& clock) : catalog_(catalog), clock_(clock) {}

  // By when it was received, so that a replay keeps what was acknowledged before.
  bool is_muted(AgentId agent, TimeNs received);

 private:
  void refresh();

  const Catalog& catalog_;
  const Clock& clock_;
  std::unordered_map<AgentId, TimeNs> off_since_;
  int64_t version_ = 0;
  std::optional<std::chrono::steady_clock::time_point> checked_;
};

}  // namespace callscope::store
