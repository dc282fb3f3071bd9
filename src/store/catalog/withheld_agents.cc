#include "store/catalog/withheld_agents.h"

#include <algorithm>

#include "store/catalog/call_rows.h"
#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"
#include "store/catalog/columns.h"

namespace callscope::store {
namespace {

// The same in SQL is "sources < 4".
constexpr uint32_t kOfSpans = model::kFromOtlp | model::kFromOtlpLogs;

struct WithheldAgentRow {
  AgentId agent = 0;
  ProjectId project = 0;
  int64_t after_ns = 0;
  TimeNs since;
};

void columns(auto&& visit, AnyOf<WithheldAgentRow> auto& row) {
  visit("agent_id", row.agent);
  visit("project_id", row.project);
  visit("after_ns", row.after_ns);
  visit("since_ns", row.since);
}

}  // namespace

namespace {

// Another call of the trace, one that is not withheld.
Result<bool> has_shown_call(Session& session, ProjectId project, TraceId trace) {
  const TraceColumns columns = to_columns(trace);
  const auto shown = TRY(session.one<int64_t>(
      "SELECT 1 FROM call_traces JOIN calls ON calls.id = call_id"
      " WHERE call_traces.project_id = :project AND trace_high = :high AND trace_low = :low"
      " AND NOT (calls.sources < 4 AND EXISTS (SELECT 1 FROM withheld_agents WHERE"
      " agent_id = calls.agent_id AND since_ns <= calls.started_ns)) LIMIT 1",
      project, columns.high, columns.low));
  return shown.has_value();
}

}  // namespace

void columns(auto&& visit, AnyOf<UnclaimedCall> auto& row) {
  visit("calls.project_id", row.project);
  visit("calls.id", row.call);
}

bool is_unclaimed(const model::CallSummary& call) { return (call.sources & ~kOfSpans) == 0; }

bool is_withheld(const std::vector<WithheldAgent>& agents, const model::CallSummary& call) {
  return is_unclaimed(call) &&
         std::any_of(agents.begin(), agents.end(), [&](const WithheldAgent& each) {
           return each.agent == call.agent && each.since <= call.started;
         });
}

Result<void> withhold_agent(Transaction& transaction, ProjectId project, AgentId agent,
                            DurationNs after) {
  TRY(CatalogAccess::session(transaction)
          .run("INSERT INTO withheld_agents (agent_id, project_id, after_ns, since_ns)"
               " VALUES (:agent, :project, :after, :now)"
               " ON CONFLICT (agent_id) DO UPDATE SET after_ns = excluded.after_ns",
               agent, project, after.ns, CatalogAccess::now(transaction)));
  return {};
}

Result<void> release_agent(Transaction& transaction, ProjectId project, AgentId agent) {
  TRY(CatalogAccess::session(transaction)
          .run("DELETE FROM withheld_agents WHERE agent_id = :agent AND project_id = :project",
               agent, project));
  return {};
}

Result<std::vector<WithheldAgent>> withheld_agents(const Catalog& catalog, ProjectId project) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  std::vector<WithheldAgent> agents;
  for (const WithheldAgentRow& row : TRY(reader->all<WithheldAgentRow>(
           "FROM withheld_agents WHERE project_id = :project ORDER BY agent_id", project)))
    agents.push_back({row.agent, row.project, DurationNs{row.after_ns}, row.since});
  return agents;
}

Result<std::vector<TraceId>> withheld_traces(const Catalog& catalog, ProjectId project) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  std::vector<TraceId> traces;
  for (CallRow& row : TRY(reader->all<CallRow>(
           "FROM calls WHERE id IN (SELECT calls.id FROM withheld_agents JOIN calls"
           " ON calls.agent_id = withheld_agents.agent_id"
           " WHERE withheld_agents.project_id = :project AND calls.started_ns >= since_ns"
           " AND calls.sources < 4)",
           project))) {
    const model::CallSummary call = TRY(to_call(std::move(row)));
    for (const TraceId& trace : call.trace_ids) {
      // Only a call with an anchor shares its trace with others.
      if (call.anchor.is_zero() || !TRY(has_shown_call(*reader, project, trace)))
        traces.push_back(trace);
    }
  }
  return traces;
}

Result<std::vector<UnclaimedCall>> unclaimed_calls(const Catalog& catalog, TimeNs now,
                                                   size_t limit) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return reader->all<UnclaimedCall>(
      "FROM withheld_agents JOIN calls ON calls.agent_id = withheld_agents.agent_id"
      " WHERE calls.started_ns >= since_ns AND calls.sources < 4"
      " AND calls.last_activity_ns + after_ns <= :now LIMIT :limit",
      now, limit);
}

}  // namespace callscope::store
