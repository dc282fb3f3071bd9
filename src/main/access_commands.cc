// callscope project|agent|key|user: who may send, on whose behalf, and who may look.
#include <algorithm>
#include <iostream>
#include <memory>

#include "base/encoding.h"
#include "main/administration.h"
#include "main/command.h"
#include "main/text_table.h"
#include "store/catalog/password.h"

namespace callscope {
namespace {

struct AccessFlags {
  CommonFlags common;
  NewAgent agent;
  KeyWish key = {.name = "API key"};
  std::string access = "read-write";
  int64_t id = 0;
  UserWish user;
  std::string role = "member";
  bool password_on_stdin = false;
};

// ---- JSON, in the shapes of the API
// -----------------------------------------------------------------

class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  ~Members() { out_ += '}'; }
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  void number(std::string_view name, int64_t value) { member(name) += std::to_string(value); }
  void boolean(std::string_view name, bool value) { member(name) += value ? "true" : "false"; }
  void text(std::string_view name, std::string_view value) {
    append_json_string(member(name), value);
  }
  void text_unless_empty(std::string_view name, std::string_view value) {
    if (!value.empty()) text(name, value);
  }
  void time(std::string_view name, TimeNs value) {
    if (value.is_set()) text(name, to_rfc3339(value));
  }

 private:
  std::string& member(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    append_json_string(out_, name);
    return out_ += ':';
  }
  std::string& out_;
};

void append_json(std::string& out, const store::Project& project) {
  Members members(out);
  members.number("id", project.id);
  members.text("name", project.name);
  members.time("created_at", project.created);
}

void append_json(std::string& out, const store::Agent& agent) {
  Members members(out);
  members.number("id", agent.id);
  members.text("name", agent.name);
  members.number("project_id", agent.project);
  members.text_unless_empty("service_name", agent.service_name);
  members.time("created_at", agent.created);
}

void append_json(std::string& out, const store::Key& key) {
  Members members(out);
  members.number("id", key.id);
  members.text("name", key.name);
  members.number("project_id", key.project);
  members.text("access", to_string(key.access));
  members.boolean("admin", key.admin);
  members.time("created_at", key.created);
  members.time("last_used_at", key.last_used);
  members.time("revoked_at", key.revoked);
}

void append_json(std::string& out, const store::NewKey& made) {
  Members members(out);
  members.number("id", made.key.id);
  members.text("key", made.secret);
}

void append_json(std::string& out, const store::User& user) {
  Members members(out);
  members.number("id", user.id);
  members.text("name", user.name);
  members.number("project_id", user.project);
  members.text("role", to_string(user.role));
  members.time("created_at", user.created);
  members.time("last_signed_in_at", user.last_signed_in);
}

template <typename T>
std::string json_of(const T& value) {
  std::string out;
  append_json(out, value);
  return out + "\n";
}

template <typename T>
std::string json_list(const std::vector<T>& values) {
  std::string out = R"({"items":[)";
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    append_json(out, values[i]);
  }
  return out += "],\"next\":null}\n";
}

// ---- tables
// -----------------------------------------------------------------------------------------

std::string day(TimeNs time) { return time.is_set() ? to_rfc3339(time).substr(0, 16) : "-"; }

std::string table_of(const std::vector<store::Project>& projects) {
  TextTable table({"ID", "NAME", "CREATED"});
  for (const auto& project : projects)
    table.add({std::to_string(project.id), project.name, day(project.created)});
  return table.text();
}

std::string table_of(const std::vector<store::Agent>& agents) {
  TextTable table({"ID", "NAME", "SERVICE", "CREATED"});
  for (const auto& agent : agents) {
    const std::string service = agent.service_name.empty() ? "-" : agent.service_name;
    table.add({std::to_string(agent.id), agent.name, service, day(agent.created)});
  }
  return table.text();
}

std::string table_of(const std::vector<store::Key>& keys) {
  TextTable table({"ID", "NAME", "ACCESS", "CREATED", "LAST USED", "STATE"});
  for (const auto& key : keys) {
    const std::string access = std::string(to_string(key.access)) + (key.admin ? ", admin" : "");
    const std::string state = key.revoked.is_set() ? "revoked " + day(key.revoked) : "valid";
    table.add(
        {std::to_string(key.id), key.name, access, day(key.created), day(key.last_used), state});
  }
  return table.text();
}

std::string table_of(const std::vector<store::User>& users) {
  TextTable table({"ID", "NAME", "ROLE", "PROJECT", "CREATED", "LAST SIGNED IN"});
  for (const auto& user : users) {
    table.add({std::to_string(user.id), user.name, std::string(to_string(user.role)),
               std::to_string(user.project), day(user.created), day(user.last_signed_in)});
  }
  return table.text();
}

// ---- commands
// ---------------------------------------------------------------------------------------

// Adds a command below `parent` that calls `run(administration, flags)`; `add_flags` adds its own.
void add(CLI::App& parent, CommandLine& line, const std::string& name, const std::string& help,
         auto add_flags, auto run) {
  const auto flags = std::make_shared<AccessFlags>();
  CLI::App* const command = parent.add_subcommand(name, help);
  add_common_flags(*command, flags->common);
  add_flags(*command, *flags);
  command->callback([&line, flags, run] {
    line.chosen = [&line, flags, run]() -> Result<std::string> {
      const auto administration = TRY(open_administration(flags->common.target, line.environment));
      return run(*administration, *flags);
    };
  });
}

template <typename T>
Result<std::string> shown(Result<std::vector<T>> listed, const AccessFlags& flags) {
  const auto values = TRY(std::move(listed));
  return flags.common.json ? json_list(values) : table_of(values);
}

template <typename T>
Result<std::string> shown(Result<T> made, const AccessFlags& flags) {
  const T value = TRY(std::move(made));
  return flags.common.json ? json_of(value) : table_of({value});
}

Result<std::string> create_key(Administration& administration, const AccessFlags& flags) {
  KeyWish wish = flags.key;
  wish.access = store::parse_access(flags.access).value_or(store::Access::kReadWrite);
  const store::NewKey made = TRY(administration.create_key(wish));
  if (flags.common.json) return json_of(made);
  return fmt::format("{}\n\nThis is key {}. It is shown only now; keep it in a safe place.\n",
                     made.secret, made.key.id);
}

// The first line of the input, or one that is made and shown.
struct ChosenPassword {
  std::string text;
  bool is_made = false;
};

Result<ChosenPassword> choose_password(const AccessFlags& flags) {
  if (!flags.password_on_stdin) return ChosenPassword{store::make_password(), true};
  ChosenPassword chosen;
  if (std::getline(std::cin, chosen.text)) return chosen;
  return Error{ErrorCode::kInvalidArgument,
               "the password is the first line of the input, which "
               "is empty",
               "password"};
}

std::string shown_password(const ChosenPassword& password, const store::User& user,
                           std::string_view said, const AccessFlags& flags) {
  if (flags.common.json) {
    std::string out;
    append_json(out, user);
    if (password.is_made) {
      out.back() = ',';
      append_json_string(out, "password");
      out += ':';
      append_json_string(out, password.text);
      out += '}';
    }
    return out + "\n";
  }
  if (!password.is_made) return fmt::format("{}\n", said);
  return fmt::format("{}\n\n{} The password is shown only now.\n", password.text, said);
}

Result<std::string> add_user(Administration& administration, const AccessFlags& flags) {
  const ChosenPassword password = TRY(choose_password(flags));
  UserWish wish = flags.user;
  wish.role = store::parse_role(flags.role).value_or(store::Role::kViewer);
  wish.password = password.text;
  const store::User user = TRY(administration.create_user(wish));
  return shown_password(password, user, fmt::format("added user {}, {}.", user.id, user.name),
                        flags);
}

Result<store::User> user_of_name(Administration& administration, const std::string& name) {
  const auto users = TRY(administration.users());
  const auto found = std::find_if(users.begin(), users.end(),
                                  [&](const store::User& user) { return user.name == name; });
  if (found != users.end()) return *found;
  return Error{ErrorCode::kNotFound, fmt::format("there is no user of the name {}", name), "name"};
}

Result<std::string> set_password(Administration& administration, const AccessFlags& flags) {
  const store::User user = TRY(user_of_name(administration, flags.user.name));
  const ChosenPassword password = TRY(choose_password(flags));
  TRY(administration.set_password(user.id, password.text));
  return shown_password(
      password, user,
      fmt::format("changed the password of {} and ended all sessions of it.", user.name), flags);
}

Result<std::string> remove_user(Administration& administration, const AccessFlags& flags) {
  const store::User user = TRY(user_of_name(administration, flags.user.name));
  TRY(administration.delete_user(user.id));
  return flags.common.json ? fmt::format("{{\"id\":{}}}\n", user.id)
                           : fmt::format("removed user {}, {}\n", user.id, user.name);
}

void add_user_commands(CLI::App& app, CommandLine& line) {
  CLI::App* const user = app.add_subcommand("user", "List, add and remove users, set passwords")
                             ->alias("users")
                             ->require_subcommand(1);
  add(
      *user, line, "list", "List users", [](CLI::App&, AccessFlags&) {},
      [](Administration& a, const AccessFlags& flags) { return shown(a.users(), flags); });
  const auto name = [](CLI::App& command, AccessFlags& flags) {
    command.add_option("NAME", flags.user.name, "name or e-mail address to sign in with")
        ->required();
  };
  const auto name_and_password = [name](CLI::App& command, AccessFlags& flags) {
    name(command, flags);
    command.add_flag("--password-stdin", flags.password_on_stdin,
                     "the password is the first line of the input; without it one is made");
  };
  add(
      *user, line, "add", "Let somebody sign in with a password",
      [name_and_password](CLI::App& command, AccessFlags& flags) {
        name_and_password(command, flags);
        command
            .add_option("--role", flags.role,
                        "viewer reads, member changes too, admin administers every project")
            ->capture_default_str()
            ->check(CLI::IsMember({"viewer", "member", "admin"}));
      },
      add_user);
  add(*user, line, "passwd", "Set a password and end the user's sessions", name_and_password,
      set_password);
  add(*user, line, "remove", "Let somebody sign in no more", name, remove_user);
}

}  // namespace

void add_access_commands(CLI::App& app, CommandLine& line) {
  const auto none = [](CLI::App&, AccessFlags&) {};

  CLI::App* const project =
      app.add_subcommand("project", "List and make projects")->require_subcommand(1);
  add(*project, line, "list", "List projects", none,
      [](Administration& a, const AccessFlags& flags) { return shown(a.projects(), flags); });
  add(
      *project, line, "create", "Make a project",
      [](CLI::App& command, AccessFlags& flags) {
        command.add_option("NAME", flags.agent.name, "what to call it")->required();
      },
      [](Administration& a, const AccessFlags& flags) {
        return shown(a.create_project(flags.agent.name), flags);
      });

  CLI::App* const agent =
      app.add_subcommand("agent", "List and make agents")->require_subcommand(1);
  add(*agent, line, "list", "List the agents of a project", none,
      [](Administration& a, const AccessFlags& flags) { return shown(a.agents(), flags); });
  add(
      *agent, line, "create", "Make an agent",
      [](CLI::App& command, AccessFlags& flags) {
        command.add_option("NAME", flags.agent.name, "what to call it")->required();
        command.add_option("--service-name", flags.agent.service_name,
                           "spans of this service.name are this agent's");
      },
      [](Administration& a, const AccessFlags& flags) {
        return shown(a.create_agent(flags.agent), flags);
      });

  CLI::App* const key =
      app.add_subcommand("key", "List, make and revoke API keys")->require_subcommand(1);
  add(*key, line, "list", "List the keys of a project", none,
      [](Administration& a, const AccessFlags& flags) { return shown(a.keys(), flags); });
  add(
      *key, line, "create", "Make a key and show it, this once",
      [](CLI::App& command, AccessFlags& flags) {
        command.add_option("--name", flags.key.name, "what to call it")->capture_default_str();
        command.add_option("--access", flags.access, "read-write or read-only")
            ->capture_default_str()
            ->check(CLI::IsMember({"read-write", "read-only"}));
        command.add_flag("--admin", flags.key.admin,
                         "it may also administer; on a data folder only");
      },
      create_key);
  add(
      *key, line, "revoke", "Make a key worthless, within a second",
      [](CLI::App& command, AccessFlags& flags) {
        command.add_option("ID", flags.id, "as `key list` shows it")->required();
      },
      [](Administration& a, const AccessFlags& flags) -> Result<std::string> {
        TRY(a.revoke_key(flags.id));
        return flags.common.json ? fmt::format("{{\"id\":{}}}\n", flags.id)
                                 : fmt::format("revoked key {}\n", flags.id);
      });
  add_user_commands(app, line);
}

}  // namespace callscope
