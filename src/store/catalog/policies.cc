#include "store/catalog/policies.h"

#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"
#include "store/catalog/columns.h"

namespace callscope::store {

void columns(auto&& visit, AnyOf<Policy> auto& row) {
  visit("project_id", row.project);
  visit("agent_id", row.agent);
  visit("retention_days", row.retention_days);
  visit("tracing_off_ns", row.tracing_off_since);
}

void columns(auto&& visit, AnyOf<ExpiredCall> auto& row) {
  visit("project_id", row.project);
  visit("id", row.call);
}

namespace {

constexpr std::string_view kOne = "FROM policies WHERE project_id = :project AND agent_id = :agent";

Result<Policy> find_policy(Session& session, ProjectId project, AgentId agent) {
  auto found = TRY(session.one<Policy>(kOne, project, agent));
  return found ? *found : Policy{.project = project, .agent = agent};
}

TimeNs before(const Policy& policy, TimeNs now) {
  constexpr int64_t kDayS = 24 * 3600;
  return now - DurationNs::from_s(*policy.retention_days * kDayS);
}

// The agents of a project with a limit of its own that have none themselves, and no agent at all.
Result<std::vector<AgentId>> agents_under(Session& session, ProjectId project) {
  auto agents = TRY(session.all<AgentId>(
      "SELECT id FROM agents WHERE project_id = :project AND id NOT IN (SELECT agent_id FROM"
      " policies WHERE project_id = :same AND retention_days IS NOT NULL)",
      project, project));
  agents.push_back(0);
  return agents;
}

}  // namespace

Result<void> put_policy(Transaction& transaction, const Policy& policy) {
  Session& session = CatalogAccess::session(transaction);
  TRY(session.run("DELETE FROM policies WHERE project_id = :project AND agent_id = :agent",
                  policy.project, policy.agent));
  if (policy.retention_days || policy.tracing_off_since.is_set())
    TRY(session.run_row(insert_sql<Policy>("policies"), policy));
  // Tells who remembers them to read them anew.
  TRY(session.run("UPDATE counters SET value = value + 1 WHERE name = 'access_version'"));
  return {};
}

Result<Policy> policy_of(const Catalog& catalog, ProjectId project, AgentId agent) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return find_policy(*reader, project, agent);
}

Result<std::vector<Policy>> policies(const Catalog& catalog) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return reader->all<Policy>("FROM policies ORDER BY project_id, agent_id");
}

Result<std::vector<ExpiredCall>> expired_calls(const Catalog& catalog, TimeNs now, size_t limit) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  std::vector<ExpiredCall> expired;
  for (const Policy& policy :
       TRY(reader->all<Policy>("FROM policies WHERE retention_days IS NOT NULL"))) {
    std::vector<AgentId> agents{policy.agent};
    if (policy.agent == 0) agents = TRY(agents_under(*reader, policy.project));
    const TimeNs limit_time = before(policy, now);
    for (const AgentId agent : agents) {
      if (expired.size() >= limit) return expired;
      const auto some = TRY(reader->all<ExpiredCall>(
          "FROM calls WHERE agent_id = :agent AND started_ns < :before AND project_id = :project"
          " AND last_activity_ns < :quiet ORDER BY started_ns LIMIT :limit",
          agent, limit_time, policy.project, limit_time,
          static_cast<int64_t>(limit - expired.size())));
      expired.insert(expired.end(), some.begin(), some.end());
    }
  }
  return expired;
}

Result<TimeNs> expires_before(const Catalog& catalog, ProjectId project, AgentId agent,
                              TimeNs now) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  for (const AgentId each : {agent, AgentId{0}}) {
    const Policy policy = TRY(find_policy(*reader, project, each));
    if (policy.retention_days) return before(policy, now);
  }
  return TimeNs();
}

Result<void> set_agent_provider(Transaction& transaction, ProjectId project, AgentId agent,
                                std::string_view provider) {
  const int64_t changed = TRY(
      CatalogAccess::session(transaction)
          .run("UPDATE agents SET provider = :provider WHERE id = :id AND project_id = :project",
               provider, agent, project));
  if (changed > 0) return {};
  return Error{ErrorCode::kNotFound,
               fmt::format("no agent of project {} has the id {}", project, agent), "agent_id"};
}

}  // namespace callscope::store
