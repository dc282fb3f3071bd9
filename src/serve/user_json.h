// What a user looks like.
#pragma once

#include <string>

#include "serve/json_writer.h"
#include "store/catalog/users.h"

namespace callscope::serve {

inline void append(std::string& out, const store::User& user) {
  JsonWriter(out)
      .begin_object()
      .member("id", user.id)
      .member("name", user.name)
      .member("project_id", user.project)
      .member("role", to_string(user.role))
      .time_member("created_at", user.created)
      .time_member("last_signed_in_at", user.last_signed_in)
      .end_object();
}

}  // namespace callscope::serve
