// Projects and keys.
#include <algorithm>

#include "serve/endpoint.h"
#include "serve/json_body.h"
#include "serve/json_writer.h"
#include "serve/routes.h"
#include "serve/settings.h"
#include "store/catalog/policies.h"
#include "store/catalog/provider_secrets.h"

namespace callscope::serve {
namespace {

struct ShownProject {
  store::Project project;
  DuplicateCallIds duplicates = DuplicateCallIds::kUpdate;
  std::optional<int64_t> retention_days = {};
};

void append(std::string& out, const ShownProject& shown) {
  const store::Project& project = shown.project;
  JsonWriter json(out);
  json.begin_object()
      .member("id", project.id)
      .member("name", project.name)
      .member("duplicate_call_ids", to_string(shown.duplicates));
  if (shown.retention_days) json.member("retention_days", *shown.retention_days);
  json.time_member("created_at", project.created).end_object();
}

void append(std::string& out, const store::Key& key) {
  JsonWriter(out)
      .begin_object()
      .member("id", key.id)
      .member("name", key.name)
      .member("project_id", key.project)
      .member("access", to_string(key.access))
      .member("admin", key.admin)
      .time_member("created_at", key.created)
      .time_member("last_used_at", key.last_used)
      .time_member("revoked_at", key.revoked)
      .end_object();
}

// The append() of each kind of item.
constexpr auto kAppend = [](std::string& out, const auto& item) { append(out, item); };

template <typename T>
http::Response created(const T& made) {
  std::string out;
  append(out, made);
  return answer(201, std::move(out));
}

Result<ShownProject> shown_project(const Services& services, store::Project project) {
  const ProjectId id = project.id;
  return ShownProject{std::move(project), TRY(duplicate_call_ids(services.catalog, id)),
                      TRY(store::policy_of(services.catalog, id, 0)).retention_days};
}

Result<http::Response> list_projects(const Services& services, Question& question) {
  const Paging paging(question.params, services.list_limit);
  TRY(question.params.done());
  std::vector<store::Project> projects = TRY(services.catalog.projects());
  if (!question.caller.admin) {
    std::erase_if(projects,
                  [&](const store::Project& p) { return p.id != question.caller.project; });
  }
  std::vector<ShownProject> shown;
  for (store::Project& project : projects)
    shown.push_back(TRY(shown_project(services, std::move(project))));
  return page_of(shown, paging, kAppend);
}

Result<http::Response> create_project(const Services& services, Question& question) {
  TRY(question.params.done());
  JsonBody body = TRY(JsonBody::parse(question.request));
  const std::string name = body.text("name").value_or("");
  if (name.empty()) body.refuse("name", "must be a string that is not empty");
  TRY(body.done());
  return created(ShownProject{
      TRY(services.catalog.write([&](store::Transaction& t) { return t.create_project(name); }))});
}

Result<http::Response> change_project(const Services& services, Question& question) {
  TRY(question.params.done());
  const ProjectId id = TRY(project_in_path(services, question));
  JsonBody body = TRY(JsonBody::parse(question.request));
  const std::string word = body.text("duplicate_call_ids").value_or("");
  const bool sets_days = body.has("retention_days");
  const auto days = retention_days_in(body);
  if (word != "update" && word != "refuse" && (!word.empty() || !sets_days))
    body.refuse("duplicate_call_ids", R"(must be "update" or "refuse")");
  TRY(body.done());
  if (!word.empty()) {
    const auto choice = word == "refuse" ? DuplicateCallIds::kRefuse : DuplicateCallIds::kUpdate;
    TRY(set_duplicate_call_ids(services.catalog, id, choice));
  }
  if (sets_days) {
    TRY(services.catalog.write(
        [&](store::Transaction& t) {
          return store::put_policy(t, {.project = id, .retention_days = days});
        },
        store::Durability::kPower));
  }
  std::string out;
  append(out, TRY(shown_project(services, TRY(services.catalog.project(id)))));
  return answer(std::move(out));
}

Result<http::Response> list_keys(const Services& services, Question& question) {
  const Paging paging(question.params, services.list_limit);
  TRY(question.params.done());
  return page_of(TRY(services.catalog.keys(question.project)), paging, kAppend);
}

Result<http::Response> create_key(const Services& services, Question& question) {
  TRY(question.params.done());
  JsonBody body = TRY(JsonBody::parse(question.request));
  const std::string name = body.text("name").value_or("API key");
  const std::string word = body.text("access").value_or("read-write");
  const auto access = store::parse_access(word);
  if (!access) body.refuse("access", "must be read-write or read-only");
  const ProjectId project = TRY(project_in_body(services, question, body));
  const store::NewKey made = TRY(services.catalog.write(
      [&](store::Transaction& t) { return t.create_key(project, name, *access, false); },
      store::Durability::kPower));
  std::string out;
  JsonWriter(out).begin_object().member("id", made.key.id).member("key", made.secret).end_object();
  return answer(201, std::move(out));
}

Result<http::Response> revoke_key(const Services& services, Question& question) {
  TRY(question.params.done());
  const store::KeyId id = TRY(path_id(question.request, "id"));
  const std::vector<store::HashedKey> keys = TRY(services.catalog.valid_keys());
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const auto& k) { return k.key.id == id; });
  if (found == keys.end()) return not_found(fmt::format("valid key {}", id));
  const auto admins =
      std::count_if(keys.begin(), keys.end(), [](const auto& k) { return k.key.admin; });
  if (found->key.admin && admins == 1) {
    return Error{ErrorCode::kConflict,
                 "this is the last key that may administer; make another one first", "id"};
  }
  TRY(services.catalog.write(
      [&](store::Transaction& t) { return t.revoke_key(found->key.project, id); },
      store::Durability::kPower));
  return http::Response::empty(204);
}

// Never the secret.
Result<http::Response> show_livekit(const Services& services, ProjectId project) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("items").begin_array();
  for (const store::LivekitKey& key : TRY(services.catalog.livekit_keys(project)))
    json.begin_object().member("api_key", key.api_key).end_object();
  json.end_array().key("next").null();
  json.end_object();
  return answer(std::move(out));
}

Result<http::Response> get_livekit(const Services& services, Question& question) {
  TRY(question.params.done());
  return show_livekit(services, TRY(project_in_path(services, question)));
}

Result<http::Response> put_livekit(const Services& services, Question& question) {
  TRY(question.params.done());
  store::LivekitKey key;
  key.project = TRY(project_in_path(services, question));
  JsonBody body = TRY(JsonBody::parse(question.request));
  key.api_key = body.text("api_key").value_or("");
  key.api_secret = body.text("api_secret").value_or("");
  if (key.api_key.empty()) body.refuse("api_key", "must be a string that is not empty");
  if (key.api_secret.empty()) body.refuse("api_secret", "must be a string that is not empty");
  TRY(body.done());
  TRY(services.catalog.write([&](store::Transaction& t) { return t.put_livekit_key(key); },
                             store::Durability::kPower));
  return show_livekit(services, key.project);
}

Result<http::Response> delete_livekit(const Services& services, Question& question) {
  TRY(question.params.done());
  const ProjectId project = TRY(project_in_path(services, question));
  TRY(services.catalog.write([&](store::Transaction& t) { return t.delete_livekit_keys(project); },
                             store::Durability::kPower));
  return http::Response::empty(204);
}

// ---- secrets that providers sign their webhooks with ----

Result<std::string> provider_in_path(const http::Request& request) {
  const std::string_view provider = request.parameter("provider");
  if (provider == "retell" || provider == "elevenlabs" || provider == "vapi")
    return std::string(provider);
  return not_found(fmt::format("provider \"{}\"; there are retell, elevenlabs and vapi", provider));
}

// Never the secret.
Result<http::Response> show_provider(const Services& services, ProjectId project,
                                     std::string_view provider) {
  const auto secret = TRY(store::provider_secret(services.catalog, project, provider));
  std::string out;
  JsonWriter(out)
      .begin_object()
      .member("provider", provider)
      .member("has_secret", secret.has_value())
      .end_object();
  return answer(std::move(out));
}

Result<http::Response> get_provider(const Services& services, Question& question) {
  TRY(question.params.done());
  const ProjectId project = TRY(project_in_path(services, question));
  return show_provider(services, project, TRY(provider_in_path(question.request)));
}

Result<http::Response> put_provider(const Services& services, Question& question) {
  TRY(question.params.done());
  const ProjectId project = TRY(project_in_path(services, question));
  const std::string provider = TRY(provider_in_path(question.request));
  JsonBody body = TRY(JsonBody::parse(question.request));
  const std::string secret = body.text("secret").value_or("");
  if (secret.empty()) body.refuse("secret", "must be a string that is not empty");
  TRY(body.done());
  TRY(services.catalog.write(
      [&](store::Transaction& t) {
        return store::put_provider_secret(t, project, provider, secret);
      },
      store::Durability::kPower));
  return show_provider(services, project, provider);
}

Result<http::Response> delete_provider(const Services& services, Question& question) {
  TRY(question.params.done());
  const ProjectId project = TRY(project_in_path(services, question));
  const std::string provider = TRY(provider_in_path(question.request));
  TRY(services.catalog.write(
      [&](store::Transaction& t) { return store::delete_provider_secret(t, project, provider); },
      store::Durability::kPower));
  return http::Response::empty(204);
}

}  // namespace

void add_admin_routes(http::Router& router, const Services& services) {
  add_endpoint(router, services, "GET", "/api/v1/projects", Needs::kRead, list_projects);
  add_endpoint(router, services, "POST", "/api/v1/projects", Needs::kAdmin, create_project);
  add_endpoint(router, services, "PATCH", "/api/v1/projects/{id}", Needs::kWrite, change_project);
  constexpr const char* kProvider = "/api/v1/projects/{id}/providers/{provider}";
  add_endpoint(router, services, "GET", kProvider, Needs::kRead, get_provider);
  add_endpoint(router, services, "PUT", kProvider, Needs::kWrite, put_provider);
  add_endpoint(router, services, "DELETE", kProvider, Needs::kWrite, delete_provider);
  constexpr const char* kLivekit = "/api/v1/projects/{id}/livekit";
  add_endpoint(router, services, "GET", kLivekit, Needs::kRead, get_livekit);
  add_endpoint(router, services, "PUT", kLivekit, Needs::kWrite, put_livekit);
  add_endpoint(router, services, "DELETE", kLivekit, Needs::kWrite, delete_livekit);
  add_endpoint(router, services, "GET", "/api/v1/keys", Needs::kAdmin, list_keys);
  add_endpoint(router, services, "POST", "/api/v1/keys", Needs::kAdmin, create_key);
  add_endpoint(router, services, "DELETE", "/api/v1/keys/{id}", Needs::kAdmin, revoke_key);
}

}  // namespace callscope::serve
