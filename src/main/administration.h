// Projects, agents, keys and users, wherever they are kept: in the catalog of a data folder, or
// behind the API of a server.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "main/target.h"
#include "store/catalog/rows.h"
#include "store/catalog/users.h"

namespace callscope {

struct NewAgent {
  std::string name;
  std::string service_name;
};

struct KeyWish {
  std::string name;
  store::Access access = store::Access::kReadWrite;
  bool admin = false;
};

struct UserWish {
  std::string name;
  store::Role role = store::Role::kMember;
  std::string password;
};

class Administration {
 public:
  virtual ~Administration() = default;
  virtual Result<std::vector<store::Project>> projects() = 0;
  virtual Result<store::Project> create_project(const std::string& name) = 0;
  virtual Result<std::vector<store::Agent>> agents() = 0;
  virtual Result<store::Agent> create_agent(const NewAgent& agent) = 0;
  virtual Result<std::vector<store::Key>> keys() = 0;
  virtual Result<store::NewKey> create_key(const KeyWish& wish) = 0;
  virtual Result<void> revoke_key(store::KeyId id) = 0;
  virtual Result<std::vector<store::User>>
  users() = 0;  // of every project, or the one of the flags
  virtual Result<store::User> create_user(const UserWish& wish) = 0;
  virtual Result<void> set_password(store::UserId id, const std::string& password) = 0;
  virtual Result<void> delete_user(store::UserId id) = 0;
};

// Agents and keys are those of the project that `flags` names.
Result<std::unique_ptr<Administration>> open_administration(const TargetFlags& flags,
                                                            const Environment& environment);

}  // namespace callscope
