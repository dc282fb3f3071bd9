// Users: people who sign in with a password. For administrators.
#include <algorithm>

#include "serve/endpoint.h"
#include "serve/json_body.h"
#include "serve/routes.h"
#include "serve/user_json.h"
#include "store/catalog/password.h"
#include "store/catalog/users.h"

namespace callscope::serve {
namespace {

std::optional<store::Role> role_in(JsonBody& body) {
  const auto word = body.text("role");
  const auto role = store::parse_role(word.value_or(""));
  if (word && !role) body.refuse("role", "must be viewer, member or admin");
  return role;
}

// Of every project, or of the one that the query names.
Result<http::Response> list_users(const Services& services, Question& question) {
  const Paging paging(question.params, services.list_limit);
  TRY(question.params.done());
  std::vector<store::User> users = TRY(store::users(services.catalog));
  if (question.request.query.find("project_id")) {
    std::erase_if(users, [&](const store::User& u) { return u.project != question.project; });
  }
  return page_of(users, paging, append);
}

Result<http::Response> create_user(const Services& services, Question& question) {
  TRY(question.params.done());
  JsonBody body = TRY(JsonBody::parse(question.request));
  store::UserWithPassword wanted;
  wanted.user.name = body.text("name").value_or("");
  if (wanted.user.name.empty()) body.refuse("name", "must be a string that is not empty");
  const std::string password = body.text("password").value_or("");
  if (password.empty()) body.refuse("password", "must be a string that is not empty");
  wanted.user.role = role_in(body).value_or(store::Role::kMember);
  wanted.user.project = TRY(project_in_body(services, question, body));
  wanted.password_hash = TRY(store::hash_password(password));
  const store::User made = TRY(
      services.catalog.write([&](store::Transaction& t) { return store::create_user(t, wanted); },
                             store::Durability::kPower));
  std::string out;
  append(out, made);
  return answer(201, std::move(out));
}

Result<http::Response> change_user(const Services& services, Question& question) {
  TRY(question.params.done());
  const store::UserId id = TRY(path_id(question.request, "id"));
  JsonBody body = TRY(JsonBody::parse(question.request));
  store::UserChange change;
  change.role = role_in(body);
  const auto password = body.text("password");
  if (!change.role && !password) body.refuse("role", "or password must be given");
  TRY(body.done());
  if (password) change.password_hash = TRY(store::hash_password(*password));
  const store::User user = TRY(services.catalog.write(
      [&](store::Transaction& t) { return store::change_user(t, id, change); },
      store::Durability::kPower));
  std::string out;
  append(out, user);
  return answer(std::move(out));
}

Result<http::Response> delete_user(const Services& services, Question& question) {
  TRY(question.params.done());
  const store::UserId id = TRY(path_id(question.request, "id"));
  TRY(services.catalog.write([&](store::Transaction& t) { return store::delete_user(t, id); },
                             store::Durability::kPower));
  return http::Response::empty(204);
}

}  // namespace

void add_user_routes(http::Router& router, const Services& services) {
  constexpr const char* kAll = "/api/v1/users";
  constexpr const char* kOne = "/api/v1/users/{id}";
  add_endpoint(router, services, "GET", kAll, Needs::kAdmin, list_users);
  add_endpoint(router, services, "POST", kAll, Needs::kAdmin, create_user);
  add_endpoint(router, services, "PATCH", kOne, Needs::kAdmin, change_user);
  add_endpoint(router, services, "DELETE", kOne, Needs::kAdmin, delete_user);
}

}  // namespace callscope::serve
