#include "main/administration.h"

#include "main/api_client.h"
#include "main/json_view.h"
#include "store/catalog/catalog.h"
#include "store/catalog/password.h"

namespace callscope {
namespace {

namespace json = boost::json;
using store::Catalog;
using store::Durability;
using store::Transaction;

// More than this many projects, agents or keys are not listed.
constexpr size_t kListMax = 100'000;

class FolderAdministration final : public Administration {
 public:
  FolderAdministration(std::unique_ptr<Catalog> catalog, ProjectId named)
      : catalog_(std::move(catalog)), named_(named), project_(named == 0 ? 1 : named) {}

  template <typename Body>
  auto write(Body body) -> decltype(body(std::declval<Transaction&>())) {
    return catalog_->write(body, Durability::kPower);
  }

  Result<std::vector<store::Project>> projects() override { return catalog_->projects(); }
  Result<store::Project> create_project(const std::string& name) override {
    return write([&](Transaction& t) { return t.create_project(name); });
  }
  Result<std::vector<store::Agent>> agents() override {
    TRY(catalog_->project(project_));
    return catalog_->agents(project_);
  }
  Result<store::Agent> create_agent(const NewAgent& agent) override {
    return write([&](Transaction& t) {
      return t.create_agent(project_, agent.name, agent.service_name, "");
    });
  }
  Result<std::vector<store::Key>> keys() override {
    TRY(catalog_->project(project_));
    return catalog_->keys(project_);
  }
  Result<store::NewKey> create_key(const KeyWish& wish) override {
    return write(
        [&](Transaction& t) { return t.create_key(project_, wish.name, wish.access, wish.admin); });
  }
  Result<void> revoke_key(store::KeyId id) override {
    return write([&](Transaction& t) { return t.revoke_key(project_, id); });
  }
  Result<std::vector<store::User>> users() override {
    std::vector<store::User> all = TRY(store::users(*catalog_));
    if (named_ != 0)
      std::erase_if(all, [&](const store::User& user) { return user.project != named_; });
    return all;
  }
  Result<store::User> create_user(const UserWish& wish) override {
    const store::UserWithPassword wanted{
        .user = {.project = project_, .name = wish.name, .role = wish.role},
        .password_hash = TRY(store::hash_password(wish.password))};
    return write([&](Transaction& t) { return store::create_user(t, wanted); });
  }
  Result<void> set_password(store::UserId id, const std::string& password) override {
    const std::string hash = TRY(store::hash_password(password));
    TRY(write([&](Transaction& t) { return store::change_user(t, id, {.password_hash = hash}); }));
    return {};
  }
  Result<void> delete_user(store::UserId id) override {
    return write([&](Transaction& t) { return store::delete_user(t, id); });
  }

 private:
  std::unique_ptr<Catalog> catalog_;
  ProjectId named_;    // 0: none
  ProjectId project_;  // that a thing is made in
};

TimeNs time_of(JsonView text) { return parse_time(text.text()).value_or(TimeNs()); }

store::Project to_project(JsonView value) {
  return {.id = value["id"].integer(),
          .name = value["name"].text(),
          .created = time_of(value["created_at"])};
}

store::Agent to_agent(JsonView value) {
  return {.id = value["id"].integer(),
          .project = value["project_id"].integer(),
          .name = value["name"].text(),
          .service_name = value["service_name"].text(),
          .created = time_of(value["created_at"])};
}

store::Key to_key(JsonView value) {
  return {.id = value["id"].integer(),
          .project = value["project_id"].integer(),
          .name = value["name"].text(),
          .access = store::parse_access(value["access"].text()).value_or(store::Access::kReadOnly),
          .admin = value["admin"].is_true(),
          .created = time_of(value["created_at"]),
          .last_used = time_of(value["last_used_at"]),
          .revoked = time_of(value["revoked_at"])};
}

store::User to_user(JsonView value) {
  return {.id = value["id"].integer(),
          .project = value["project_id"].integer(),
          .name = value["name"].text(),
          .role = store::parse_role(value["role"].text()).value_or(store::Role::kViewer),
          .created = time_of(value["created_at"]),
          .last_signed_in = time_of(value["last_signed_in_at"])};
}

class ServerAdministration final : public Administration {
 public:
  ServerAdministration(ServerTarget server, ProjectId project)
      : client_(std::move(server), project), project_(project) {}

  Result<std::vector<store::Project>> projects() override { return list("projects", to_project); }
  Result<store::Project> create_project(const std::string& name) override {
    return to_project(JsonView(TRY(create("projects", {{"name", name}}))));
  }
  Result<std::vector<store::Agent>> agents() override { return list("agents", to_agent); }
  Result<store::Agent> create_agent(const NewAgent& agent) override {
    json::object body = {{"name", agent.name}};
    if (!agent.service_name.empty()) body["service_name"] = agent.service_name;
    return to_agent(JsonView(TRY(create("agents", with_project(std::move(body))))));
  }
  Result<std::vector<store::Key>> keys() override { return list("keys", to_key); }
  Result<store::NewKey> create_key(const KeyWish& wish) override {
    if (wish.admin) {
      return Error{ErrorCode::kUnsupported,
                   "a key that may administer is made on the data folder only: give --data DIR",
                   "admin"};
    }
    const json::value made = TRY(create(
        "keys",
        with_project({{"name", wish.name}, {"access", std::string(to_string(wish.access))}})));
    return store::NewKey{
        .key = {.id = JsonView(made)["id"].integer(), .name = wish.name, .access = wish.access},
        .secret = JsonView(made)["key"].text()};
  }
  Result<void> revoke_key(store::KeyId id) override {
    TRY(client_.remove(fmt::format("keys/{}", id)));
    return {};
  }
  Result<std::vector<store::User>> users() override { return list("users", to_user); }
  Result<store::User> create_user(const UserWish& wish) override {
    return to_user(JsonView(TRY(create("users", with_project({{"name", wish.name},
                                                              {"role", to_string(wish.role)},
                                                              {"password", wish.password}})))));
  }
  Result<void> set_password(store::UserId id, const std::string& password) override {
    TRY(client_.patch(fmt::format("users/{}", id),
                      json::serialize(json::object{{"password", password}})));
    return {};
  }
  Result<void> delete_user(store::UserId id) override {
    TRY(client_.remove(fmt::format("users/{}", id)));
    return {};
  }

 private:
  template <typename Convert>
  auto list(std::string_view path, Convert convert)
      -> Result<std::vector<decltype(convert(JsonView()))>> {
    std::vector<decltype(convert(JsonView()))> all;
    const json::array items = TRY(client_.get_list(path, {}, kListMax));
    for (const json::value& item : items) all.push_back(convert(JsonView(item)));
    return all;
  }
  json::object with_project(json::object body) const {
    if (project_ != 0) body["project_id"] = project_;
    return body;
  }
  Result<json::value> create(std::string_view path, const json::object& body) {
    const std::string answer = TRY(client_.post(path, json::serialize(body)));
    boost::system::error_code failed;
    json::value made = json::parse(answer, failed);
    if (failed) return Error{ErrorCode::kInternal, "the server's answer is not JSON"};
    return made;
  }

  ApiClient client_;
  ProjectId project_;
};

}  // namespace

Result<std::unique_ptr<Administration>> open_administration(const TargetFlags& flags,
                                                            const Environment& environment) {
  if (auto server = TRY(named_server(flags, environment))) {
    return std::unique_ptr<Administration>(
        std::make_unique<ServerAdministration>(*std::move(server), flags.project));
  }
  const auto path = data_folder(flags, environment) / "catalog.db";
  if (!std::filesystem::exists(path)) {
    return Error{
        ErrorCode::kNotFound,
        fmt::format(
            "{0} is no data folder yet: start `callscope serve --data {0}` once, or name a server "
            "with --server URL and --key KEY",
            path.parent_path().string()),
        "data"};
  }
  return std::unique_ptr<Administration>(std::make_unique<FolderAdministration>(
      TRY(Catalog::open({.path = path, .readers_max = 1}, system_clock())), flags.project));
}

}  // namespace callscope
