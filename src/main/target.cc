#include "main/target.h"

#include "main/local_access.h"

namespace callscope {

Result<std::optional<ServerTarget>> named_server(const TargetFlags& flags,
                                                 const Environment& environment) {
  ServerTarget server{.url = flags.server, .key = flags.key};
  if (server.url.empty() && flags.data.empty())
    server.url = environment("CALLSCOPE_URL").value_or("");
  if (server.url.empty()) return std::optional<ServerTarget>();
  while (server.url.ends_with('/')) server.url.pop_back();
  if (!server.url.starts_with("http://") && !server.url.starts_with("https://")) {
    return Error{ErrorCode::kInvalidArgument,
                 "the server must be a URL, such as http://127.0.0.1:4318, not " + server.url,
                 "server"};
  }
  if (server.key.empty()) server.key = environment("CALLSCOPE_API_KEY").value_or("");
  if (server.key.empty()) {
    return Error{ErrorCode::kUnauthenticated,
                 "the server asks for an API key: give --key KEY, or set CALLSCOPE_API_KEY", "key"};
  }
  return std::optional(std::move(server));
}

std::filesystem::path data_folder(const TargetFlags& flags, const Environment& environment) {
  if (!flags.data.empty()) return flags.data;
  if (const auto set = environment("CALLSCOPE_DATA")) return *set;
  return ServerOptions().data;
}

Result<ServerTarget> find_server(const TargetFlags& flags, const Environment& environment) {
  if (auto named = TRY(named_server(flags, environment))) return *std::move(named);
  LocalAccess local = TRY(read_local_access(data_folder(flags, environment)));
  return ServerTarget{std::move(local.url), std::move(local.key),
                      std::move(local.certificate_file)};
}

}  // namespace callscope
