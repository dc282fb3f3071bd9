#include "store/catalog/users.h"

#include <algorithm>

#include "base/encoding.h"
#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"
#include "store/catalog/columns.h"
#include "store/catalog/key_secret.h"

namespace callscope::store {

void columns(auto&& visit, AnyOf<User> auto& row) {
  visit("users.id", row.id);
  visit("users.project_id", row.project);
  visit("users.name", row.name);
  visit("users.role", row.role);
  visit("users.created_ns", row.created);
  visit("users.last_signed_in_ns", row.last_signed_in);
}

void columns(auto&& visit, AnyOf<UserWithPassword> auto& row) {
  columns(visit, row.user);
  visit("users.password_hash", row.password_hash);
}

namespace {

// Longer than any name or e-mail address.
constexpr size_t kNameBytesMax = 200;
// Of one user: more than anybody has browsers.
constexpr int64_t kSessionsMax = 50;

constexpr std::string_view kById = "FROM users WHERE users.id = :id";

std::string hex_of(std::string_view token) {
  const KeyHash hash = hash_key_secret(token);
  return to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

Error no_such_user(UserId id) {
  return {ErrorCode::kNotFound, fmt::format("there is no user {}", id)};
}

Result<void> expect_user_name(std::string_view name) {
  const bool is_visible =
      std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (!name.empty() && name.size() <= kNameBytesMax && is_visible && is_utf8(name) &&
      name.front() != ' ' && name.back() != ' ')
    return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("name must have 1 to {} bytes, without control characters and without "
                           "spaces around it",
                           kNameBytesMax),
               "name"};
}

Result<User> find_user(Session& session, UserId id) {
  auto user = TRY(session.one<User>(kById, id));
  if (!user) return no_such_user(id);
  return *std::move(user);
}

Result<void> expect_another_admin(Session& session, UserId id) {
  const auto others = TRY(session.one<int64_t>(
      "SELECT COUNT(*) FROM users WHERE role = :admin AND id <> :id", Role::kAdmin, id));
  if (others.value_or(0) > 0) return {};
  return Error{ErrorCode::kConflict,
               "this is the last user who may administer; make another one first", "id"};
}

Result<void> end_sessions(Session& session, UserId user) {
  TRY(session.run("DELETE FROM user_sessions WHERE user_id = :user", user));
  return {};
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kMember:
      return "member";
    case Role::kAdmin:
      return "admin";
  }
  return "";
}

std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::kViewer, Role::kMember, Role::kAdmin}) {
    if (text == to_string(role)) return role;
  }
  return std::nullopt;
}

Access access_of(Role role) {
  return role == Role::kViewer ? Access::kReadOnly : Access::kReadWrite;
}

Result<User> create_user(Transaction& transaction, const UserWithPassword& wanted) {
  Session& session = CatalogAccess::session(transaction);
  User user = wanted.user;
  TRY(expect_user_name(user.name));
  if (!TRY(session.one<Project>("FROM projects WHERE id = :id", user.project))) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("there is no project {}", user.project),
                 "project_id"};
  }
  const auto taken =
      TRY(session.one<UserId>("SELECT id FROM users WHERE LOWER(name) = LOWER(:name)", user.name));
  if (taken) {
    return Error{ErrorCode::kConflict, fmt::format("user {} has that name already", *taken),
                 "name"};
  }
  user.id = TRY(next_id(session, "users"));
  user.created = CatalogAccess::now(transaction);
  TRY(
      session.run("INSERT INTO users (id, project_id, name, role, password_hash, created_ns)"
                  " VALUES (:id, :project, :name, :role, :hash, :now)",
                  user.id, user.project, user.name, user.role, wanted.password_hash, user.created));
  return user;
}

Result<User> change_user(Transaction& transaction, UserId id, const UserChange& change) {
  Session& session = CatalogAccess::session(transaction);
  User user = TRY(find_user(session, id));
  if (change.role) {
    if (user.role == Role::kAdmin && *change.role != Role::kAdmin)
      TRY(expect_another_admin(session, id));
    user.role = *change.role;
    TRY(session.run("UPDATE users SET role = :role WHERE id = :id", user.role, id));
  }
  if (change.password_hash) {
    TRY(session.run("UPDATE users SET password_hash = :hash WHERE id = :id", *change.password_hash,
                    id));
    TRY(end_sessions(session, id));
  }
  return user;
}

Result<void> delete_user(Transaction& transaction, UserId id) {
  Session& session = CatalogAccess::session(transaction);
  const User user = TRY(find_user(session, id));
  if (user.role == Role::kAdmin) TRY(expect_another_admin(session, id));
  TRY(end_sessions(session, id));
  TRY(session.run("DELETE FROM users WHERE id = :id", id));
  return {};
}

Result<std::vector<User>> users(const Catalog& catalog) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return reader->all<User>("FROM users ORDER BY LOWER(users.name)");
}

Result<std::optional<UserWithPassword>> user_of_name(const Catalog& catalog,
                                                     std::string_view name) {
  return CatalogAccess::ask_at_once(catalog, [&](Session& session) {
    return session.one<UserWithPassword>("FROM users WHERE LOWER(users.name) = LOWER(:name)", name);
  });
}

Result<std::optional<UserWithPassword>> user_of_id(const Catalog& catalog, UserId id) {
  return CatalogAccess::ask_at_once(
      catalog, [&](Session& session) { return session.one<UserWithPassword>(kById, id); });
}

Result<std::string> begin_session(Transaction& transaction, UserId user, TimeNs expires) {
  Session& session = CatalogAccess::session(transaction);
  const TimeNs now = CatalogAccess::now(transaction);
  TRY(session.run("DELETE FROM user_sessions WHERE expires_ns <= :now", now));
  TRY(
      session.run("DELETE FROM user_sessions WHERE user_id = :user AND hash_hex NOT IN"
                  " (SELECT hash_hex FROM user_sessions WHERE user_id = :same"
                  " ORDER BY created_ns DESC LIMIT :kept)",
                  user, user, kSessionsMax - 1));
  const std::string token = make_key_secret();
  TRY(
      session.run("INSERT INTO user_sessions (hash_hex, user_id, created_ns, expires_ns)"
                  " VALUES (:hash, :user, :now, :expires)",
                  hex_of(token), user, now, expires));
  TRY(session.run("UPDATE users SET last_signed_in_ns = :now WHERE id = :id", now, user));
  return token;
}

Result<void> end_session(Transaction& transaction, std::string_view token) {
  TRY(CatalogAccess::session(transaction)
          .run("DELETE FROM user_sessions WHERE hash_hex = :hash", hex_of(token)));
  return {};
}

Result<std::optional<User>> user_of_session(const Catalog& catalog, std::string_view token,
                                            TimeNs now) {
  return CatalogAccess::ask_at_once(catalog, [&](Session& session) {
    return session.one<User>(
        "FROM user_sessions JOIN users ON users.id = user_sessions.user_id"
        " WHERE hash_hex = :hash AND expires_ns > :now",
        hex_of(token), now);
  });
}

}  // namespace callscope::store
