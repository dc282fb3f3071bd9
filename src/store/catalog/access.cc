// Projects, agents and keys.
#include "base/encoding.h"
#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"
#include "store/catalog/columns.h"
#include "store/catalog/key_secret.h"

namespace callscope::store {
namespace {

// Longer than any name people type and any service.name or id that a framework makes.
constexpr size_t kNameBytesMax = 500;
constexpr size_t kSecretBytesMax = 500;

Result<void> expect_name(std::string_view name, std::string_view field) {
  if (name.empty()) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("{} may not be empty", field),
                 std::string(field)};
  }
  if (name.size() > kNameBytesMax) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} is longer than {} bytes", field, kNameBytesMax),
                 std::string(field)};
  }
  if (!is_utf8(name)) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("{} is not UTF-8", field),
                 std::string(field)};
  }
  return {};
}

// service.name comes from whoever sends spans, so what a name may not be is made into one that may.
std::string tame_service_name(std::string_view sent) {
  std::string name;
  append_utf8(name, sent.substr(0, kNameBytesMax));
  return name;
}

Error no_project(ProjectId id) {
  return {ErrorCode::kNotFound, fmt::format("no project has the id {}", id), "project_id"};
}

Error no_agent(ProjectId project, AgentId id) {
  return {ErrorCode::kNotFound, fmt::format("no agent of project {} has the id {}", project, id),
          "agent_id"};
}

Result<void> expect_project(Session& session, ProjectId id) {
  if (!TRY(session.one<Project>("FROM projects WHERE id = :id", id))) return no_project(id);
  return {};
}

// Tells those who remember projects, agents and keys to read them anew.
Result<void> note_change(Session& session) {
  TRY(session.run("UPDATE counters SET value = value + 1 WHERE name = 'access_version'"));
  return {};
}

// A secret is sent in a header, so it is made of visible ASCII.
Result<void> expect_secret(std::string_view secret) {
  const bool visible =
      std::all_of(secret.begin(), secret.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (visible && !secret.empty() && secret.size() <= kSecretBytesMax) return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("an API key is 1 to {} visible ASCII characters without spaces",
                           kSecretBytesMax)};
}

}  // namespace

// ---- reading ------------------------------------------------------------------------------------

Result<std::vector<Project>> Catalog::projects() const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->all<Project>("FROM projects ORDER BY id");
}

Result<Project> Catalog::project(ProjectId id) const {
  const auto reader = TRY(state_->readers.borrow());
  auto project = TRY(reader->one<Project>("FROM projects WHERE id = :id", id));
  if (!project) return no_project(id);
  return *std::move(project);
}

Result<std::vector<Agent>> Catalog::agents(ProjectId project) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->all<Agent>("FROM agents WHERE project_id = :project ORDER BY id", project);
}

Result<Agent> Catalog::agent(ProjectId project, AgentId id) const {
  const auto reader = TRY(state_->readers.borrow());
  auto agent =
      TRY(reader->one<Agent>("FROM agents WHERE id = :id AND project_id = :project", id, project));
  if (!agent) return no_agent(project, id);
  return *std::move(agent);
}

Result<std::vector<Key>> Catalog::keys(ProjectId project) const {
  const auto reader = TRY(state_->readers.borrow());
  auto rows = TRY(reader->all<KeyRow>(
      "FROM access_keys WHERE project_id = :project ORDER BY id DESC", project));
  std::vector<Key> keys;
  for (KeyRow& row : rows) keys.push_back(std::move(row.key));
  return keys;
}

Result<std::vector<HashedKey>> Catalog::valid_keys() const {
  const std::lock_guard lock(state_->access_mutex);
  auto rows = TRY(state_->access->all<KeyRow>("FROM access_keys WHERE revoked_ns IS NULL"));
  std::vector<HashedKey> keys;
  for (KeyRow& row : rows) {
    const auto hash = from_hex(row.hash_hex);
    if (!hash || hash->size() != sizeof(KeyHash)) {
      return Error{ErrorCode::kDataLoss,
                   fmt::format("the catalog's key {} has a damaged hash", row.key.id)};
    }
    HashedKey& key = keys.emplace_back();
    key.key = std::move(row.key);
    std::memcpy(key.hash.data(), hash->data(), key.hash.size());
  }
  return keys;
}

Result<std::vector<Agent>> Catalog::all_agents() const {
  const std::lock_guard lock(state_->access_mutex);
  return state_->access->all<Agent>("FROM agents ORDER BY id");
}

Result<int64_t> Catalog::access_version() const {
  const std::lock_guard lock(state_->access_mutex);
  const auto version =
      TRY(state_->access->one<int64_t>("SELECT value FROM counters WHERE name = 'access_version'"));
  return version.value_or(0);
}

// ---- changing -----------------------------------------------------------------------------------

Result<Project> Transaction::create_project(std::string_view name) {
  TRY(expect_name(name, "name"));
  const ProjectId id = TRY(next_id(state_->session, "projects"));
  Project project{.id = id, .name = std::string(name), .created = state_->now};
  TRY(state_->session.run_row(insert_sql<Project>("projects"), project));
  TRY(note_change(state_->session));
  return project;
}

Result<Agent> Transaction::create_agent(ProjectId project, std::string_view name,
                                        std::string_view service_name, std::string_view provider) {
  TRY(expect_name(name, "name"));
  TRY(expect_project(state_->session, project));
  if (!service_name.empty()) {
    TRY(expect_name(service_name, "service_name"));
    const auto taken = TRY(state_->session.one<Agent>(
        "FROM agents WHERE project_id = :project AND service_name = :name", project, service_name));
    if (taken) {
      return Error{ErrorCode::kConflict,
                   fmt::format("agent {} has the service name {} already", taken->id, service_name),
                   "service_name"};
    }
  }
  const AgentId id = TRY(next_id(state_->session, "agents"));
  Agent agent{.id = id,
              .project = project,
              .name = std::string(name),
              .service_name = std::string(service_name),
              .provider = std::string(provider),
              .created = state_->now};
  TRY(state_->session.run_row(insert_sql<Agent>("agents"), agent));
  TRY(note_change(state_->session));
  return agent;
}

Result<Agent> Transaction::agent_of_service(ProjectId project, std::string_view sent) {
  const std::string service = tame_service_name(sent);
  auto found = service.empty()
                   ? TRY(state_->session.one<Agent>(
                         "FROM agents WHERE project_id = :project ORDER BY id LIMIT 1", project))
                   : TRY(state_->session.one<Agent>(
                         "FROM agents WHERE project_id = :project AND service_name = :name",
                         project, service));
  if (found) return *std::move(found);
  return create_agent(project, service.empty() ? "default" : service, service, "");
}

Result<NewKey> Transaction::create_key(ProjectId project, std::string_view name, Access access,
                                       bool admin, std::string_view chosen) {
  TRY(expect_name(name, "name"));
  TRY(expect_project(state_->session, project));
  const std::string secret = chosen.empty() ? make_key_secret() : std::string(chosen);
  TRY(expect_secret(secret));
  const KeyHash hash = hash_key_secret(secret);
  const std::string hash_hex = to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
  if (TRY(state_->session.one<KeyRow>("FROM access_keys WHERE hash_hex = :hash", hash_hex))) {
    return Error{ErrorCode::kConflict, "this API key exists already; keys are used once"};
  }
  const KeyId id = TRY(next_id(state_->session, "access_keys"));
  const Key key{.id = id,
                .project = project,
                .name = std::string(name),
                .access = access,
                .admin = admin,
                .created = state_->now};
  TRY(state_->session.run_row(insert_sql<KeyRow>("access_keys"), KeyRow{key, hash_hex}));
  TRY(note_change(state_->session));
  return NewKey{key, secret};
}

Result<void> Transaction::revoke_key(ProjectId project, KeyId id) {
  const auto found = TRY(state_->session.one<KeyRow>(
      "FROM access_keys WHERE id = :id AND project_id = :project AND revoked_ns IS NULL", id,
      project));
  if (!found) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("no valid key of project {} has the id {}", project, id)};
  }
  if (found->key.admin) {
    const auto others = TRY(state_->session.one<int64_t>(
        "SELECT COUNT(*) FROM access_keys WHERE is_admin <> 0 AND revoked_ns IS NULL AND id <> :id",
        id));
    if (others == 0) {
      return Error{ErrorCode::kConflict,
                   "this is the last key that may administer; make another one first", "id"};
    }
  }
  TRY(state_->session.run("UPDATE access_keys SET revoked_ns = :now WHERE id = :id", state_->now,
                          id));
  return note_change(state_->session);
}

Result<void> Transaction::note_key_used(KeyId id, TimeNs when) {
  TRY(
      state_->session.run("UPDATE access_keys SET last_used_ns = :when WHERE id = :id AND "
                          "COALESCE(last_used_ns, 0) < :least",
                          when, id, when));
  return {};
}

}  // namespace callscope::store
