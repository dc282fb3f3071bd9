// Agents, and what is kept of each.
#include <algorithm>

#include "serve/endpoint.h"
#include "serve/json_body.h"
#include "serve/json_writer.h"
#include "serve/routes.h"
#include "serve/settings.h"
#include "store/catalog/policies.h"
#include "store/catalog/withheld_agents.h"

namespace callscope::serve {
namespace {

struct ShownAgent {
  store::Agent agent;
  std::optional<DurationNs> unclaimed_after = {};  // absent: calls of spans alone are kept
  store::Policy policy = {};
};

void append(std::string& out, const ShownAgent& shown) {
  const store::Agent& agent = shown.agent;
  JsonWriter json(out);
  json.begin_object()
      .member("id", agent.id)
      .member("name", agent.name)
      .member("project_id", agent.project)
      .member_unless_empty("service_name", agent.service_name)
      .member_unless_empty("provider", agent.provider)
      .member("tracing", shown.policy.tracing_off_since.is_set() ? "off" : "on")
      .member("unclaimed", shown.unclaimed_after ? "drop" : "keep");
  if (shown.unclaimed_after)
    json.member("unclaimed_after_s", shown.unclaimed_after->ns / DurationNs::from_s(1).ns);
  if (shown.policy.retention_days) json.member("retention_days", *shown.policy.retention_days);
  json.time_member("created_at", agent.created).end_object();
}

// What is set of the agents of a project.
class AgentSettings {
 public:
  static Result<AgentSettings> load(const Services& services, ProjectId project) {
    AgentSettings settings;
    settings.withheld_ = TRY(store::withheld_agents(services.catalog, project));
    settings.policies_ = TRY(store::policies(services.catalog));
    return settings;
  }

  ShownAgent of(store::Agent agent) const {
    ShownAgent shown{std::move(agent)};
    for (const store::WithheldAgent& each : withheld_) {
      if (each.agent == shown.agent.id) shown.unclaimed_after = each.after;
    }
    for (const store::Policy& each : policies_) {
      if (each.agent == shown.agent.id) shown.policy = each;
    }
    return shown;
  }

 private:
  std::vector<store::WithheldAgent> withheld_;
  std::vector<store::Policy> policies_;
};

// A word of a few, or nullopt where it is not given.
std::optional<std::string> word_in(JsonBody& body, std::string_view name,
                                   std::initializer_list<std::string_view> words) {
  auto word = body.text(name);
  if (!word || std::find(words.begin(), words.end(), *word) != words.end()) return word;
  std::string all;
  for (const std::string_view each : words)
    all += fmt::format("{}{}", all.empty() ? "" : ", ", each);
  body.refuse(name, "must be one of " + all);
  return std::nullopt;
}

// "" makes it unknown again.
std::optional<std::string> provider_in(JsonBody& body) {
  return word_in(body, "provider", {"pipecat", "livekit", "custom", ""});
}

struct AgentChange {
  std::optional<std::string> unclaimed;
  DurationNs unclaimed_after;
  std::optional<std::string> tracing;
  std::optional<std::string> provider;
  bool sets_retention = false;
  std::optional<int64_t> retention_days;  // absent: the project's
};

Result<AgentChange> read_change(const http::Request& request) {
  constexpr int64_t kStandardS = 3'600;
  constexpr int64_t kMostS = 366 * 24 * 3'600;
  JsonBody body = TRY(JsonBody::parse(request));
  AgentChange change;
  change.unclaimed = word_in(body, "unclaimed", {"keep", "drop"});
  const int64_t after_s = body.id("unclaimed_after_s").value_or(kStandardS);
  if (after_s > kMostS) body.refuse("unclaimed_after_s", "must be a year at most");
  change.unclaimed_after = DurationNs::from_s(std::min(after_s, kMostS));
  change.tracing = word_in(body, "tracing", {"on", "off"});
  change.provider = provider_in(body);
  change.sets_retention = body.has("retention_days");
  change.retention_days = retention_days_in(body);
  if (!change.unclaimed && !change.tracing && !change.provider && !change.sets_retention)
    body.refuse("unclaimed", "or tracing, provider or retention_days must be given");
  TRY(body.done());
  return change;
}

Result<void> apply(store::Transaction& t, const AgentChange& change, store::Policy policy,
                   TimeNs now) {
  const auto [project, agent] = std::pair(policy.project, policy.agent);
  if (change.unclaimed == "drop")
    TRY(store::withhold_agent(t, project, agent, change.unclaimed_after));
  if (change.unclaimed == "keep") TRY(store::release_agent(t, project, agent));
  if (change.provider) TRY(store::set_agent_provider(t, project, agent, *change.provider));
  if (change.tracing == "on") policy.tracing_off_since = {};
  if (change.tracing == "off" && !policy.tracing_off_since.is_set()) policy.tracing_off_since = now;
  if (change.sets_retention) policy.retention_days = change.retention_days;
  if (change.tracing || change.sets_retention) TRY(store::put_policy(t, policy));
  return {};
}

Result<http::Response> change_agent(const Services& services, Question& question) {
  TRY(question.params.done());
  const AgentId id = TRY(path_id(question.request, "id"));
  TRY(services.catalog.agent(question.project, id));
  const AgentChange change = TRY(read_change(question.request));
  const store::Policy policy = TRY(store::policy_of(services.catalog, question.project, id));
  TRY(services.catalog.write(
      [&](store::Transaction& t) { return apply(t, change, policy, services.clock.now()); },
      store::Durability::kPower));
  const AgentSettings settings = TRY(AgentSettings::load(services, question.project));
  std::string out;
  append(out, settings.of(TRY(services.catalog.agent(question.project, id))));
  return answer(std::move(out));
}

Result<http::Response> list_agents(const Services& services, Question& question) {
  const Paging paging(question.params, services.list_limit);
  TRY(question.params.done());
  const AgentSettings settings = TRY(AgentSettings::load(services, question.project));
  std::vector<ShownAgent> shown;
  for (store::Agent& agent : TRY(services.catalog.agents(question.project)))
    shown.push_back(settings.of(std::move(agent)));
  return page_of(shown, paging, append);
}

Result<http::Response> create_agent(const Services& services, Question& question) {
  TRY(question.params.done());
  JsonBody body = TRY(JsonBody::parse(question.request));
  const std::string name = body.text("name").value_or("");
  if (name.empty()) body.refuse("name", "must be a string that is not empty");
  const std::string service_name = body.text("service_name").value_or("");
  const std::string provider = provider_in(body).value_or("");
  const ProjectId project = TRY(project_in_body(services, question, body));
  std::string out;
  append(out, ShownAgent{TRY(services.catalog.write([&](store::Transaction& t) {
           return t.create_agent(project, name, service_name, provider);
         }))});
  return answer(201, std::move(out));
}

}  // namespace

void add_agent_routes(http::Router& router, const Services& services) {
  constexpr const char* kAll = "/api/v1/agents";
  add_endpoint(router, services, "GET", kAll, Needs::kRead, list_agents);
  add_endpoint(router, services, "POST", kAll, Needs::kWrite, create_agent);
  add_endpoint(router, services, "PATCH", "/api/v1/agents/{id}", Needs::kWrite, change_agent);
}

}  // namespace callscope::serve
