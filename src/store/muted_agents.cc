#include "store/muted_agents.h"

#include "base/log.h"
#include "store/catalog/catalog.h"
#include "store/catalog/policies.h"

namespace callscope::store {
namespace {

constexpr std::chrono::milliseconds kCheckInterval{500};

}  // namespace

bool MutedAgents::is_muted(AgentId agent, TimeNs received) {
  const auto now = clock_.steady();
  if (!checked_ || now - *checked_ >= kCheckInterval) {
    checked_ = now;
    refresh();
  }
  const auto found = off_since_.find(agent);
  return found != off_since_.end() && found->second <= received;
}

void MutedAgents::refresh() {
  const auto version = catalog_.access_version();
  if (!version || *version == version_) return;
  const auto all = policies(catalog_);
  if (!all) {
    // What was known stays so.
    log_warning("settings of agents could not be read", kv("error", all.error().message));
    return;
  }
  off_since_.clear();
  for (const Policy& policy : *all) {
    if (policy.tracing_off_since.is_set()) off_since_[policy.agent] = policy.tracing_off_since;
  }
  version_ = *version;
}

}  // namespace callscope::store
