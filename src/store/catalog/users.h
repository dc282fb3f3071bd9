// People who sign in with a name and a password, and for how long they stay so.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "store/catalog/rows.h"

namespace callscope::store {

class Catalog;
class Transaction;

using UserId = int64_t;

// What a person may do. The order is part of the catalog: append only.
enum class Role : uint8_t {
  kViewer,  // read what is the project's
  kMember,  // change it too
  kAdmin,   // administer every project, its keys and users
};
std::string_view to_string(Role role);  // "viewer", "member", "admin"
std::optional<Role> parse_role(std::string_view text);
Access access_of(Role role);

struct User {
  UserId id = 0;  // given by the catalog
  ProjectId project = 0;
  std::string name;  // nobody else has it, in capitals or not
  Role role = Role::kViewer;
  TimeNs created;         // given by the catalog
  TimeNs last_signed_in;  // not set while never
};

struct UserWithPassword {
  User user;
  std::string password_hash;  // of store/catalog/password.h
};

struct UserChange {
  std::optional<Role> role = {};
  std::optional<std::string> password_hash = {};  // a new one ends the user's sessions
};

// kInvalidArgument for a name that will not do, kConflict for one that is taken.
Result<User> create_user(Transaction& transaction, const UserWithPassword& user);
// kNotFound for one who is not there, kConflict where no administrator would be left.
Result<User> change_user(Transaction& transaction, UserId id, const UserChange& change);
Result<void> delete_user(Transaction& transaction, UserId id);

// Of all projects, by name.
Result<std::vector<User>> users(const Catalog& catalog);
Result<std::optional<UserWithPassword>> user_of_name(const Catalog& catalog, std::string_view name);
Result<std::optional<UserWithPassword>> user_of_id(const Catalog& catalog, UserId id);

// Returns the token of a new session, of which only a digest is kept. The user's oldest sessions go
// where there are very many.
Result<std::string> begin_session(Transaction& transaction, UserId user, TimeNs expires);
Result<void> end_session(Transaction& transaction, std::string_view token);
// nullopt for a token that is nobody's or has expired. Takes a few microseconds.
Result<std::optional<User>> user_of_session(const Catalog& catalog, std::string_view token,
                                            TimeNs now);

}  // namespace callscope::store
