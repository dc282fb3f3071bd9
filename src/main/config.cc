#include "main/config.h"

#include <toml++/toml.h>
#include <cstdlib>

#include "base/file.h"
#include "store/objects/s3.h"

namespace callscope {
namespace {

// TOML keys and the text of their values.
using FileValues = std::map<std::string, std::string, std::less<>>;

const Option* find_option(std::string_view name) {
  for (const Option& option : options()) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

// The option whose name is nearest in spelling, for "did you mean".
std::string_view nearest_option(std::string_view name) {
  const auto shared_letters = [&](std::string_view other) {
    size_t shared = 0;
    while (shared < std::min(name.size(), other.size()) && name[shared] == other[shared]) ++shared;
    return shared;
  };
  std::string_view nearest;
  size_t best = 3;  // with fewer letters in common a hint would only confuse
  for (const Option& option : options()) {
    if (const size_t shared = shared_letters(option.name); shared > best) {
      best = shared;
      nearest = option.name;
    }
  }
  return nearest;
}

Error unknown_key(const std::string& file, std::string_view key) {
  const std::string_view nearest = nearest_option(key);
  const std::string hint = nearest.empty() ? "`callscope serve --help` lists the options"
                                           : fmt::format("did you mean {}?", nearest);
  return {ErrorCode::kInvalidArgument,
          fmt::format("{}: there is no option {}; {}", file, key, hint), std::string(key)};
}

Result<FileValues> read_toml(const std::string& file) {
  FileValues values;
  if (file.empty()) return values;
  const std::string text = TRY(read_file(file));
  toml::table table;
  try {
    table = toml::parse(text, file);
  } catch (const toml::parse_error& e) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}, line {}: {}", file, e.source().begin.line, e.description()),
                 "config"};
  }
  for (const auto& [name, node] : table) {
    const std::string key(name.str());
    if (!find_option(key)) return unknown_key(file, key);
    if (const auto string = node.value_exact<std::string>()) {
      values[key] = *string;
    } else if (const auto number = node.value_exact<int64_t>()) {
      values[key] = std::to_string(*number);
    } else {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{}: {} must be a string or a whole number", file, key), key};
    }
  }
  return values;
}

Result<void> check_whole(const Config& config) {
  const ServerOptions& server = config.server;
  if (server.tls_certificate_file.empty() != server.tls_key_file.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "tls_cert and tls_key belong together: give both, or neither for no TLS",
                 "tls_cert"};
  }
  if (!server.objects.empty()) TRY(store::parse_s3_url(server.objects));
  if (server.limits.list_limit_default > server.limits.list_limit_max) {
    return Error{ErrorCode::kInvalidArgument, "list_limit_default must not be above list_limit_max",
                 "list_limit_default"};
  }
  return {};
}

// Credentials of a bucket as every program that uses S3 takes them.
void take_aws_variables(ServerOptions& server, const Environment& environment) {
  if (server.objects.empty() || !server.objects_access_key.empty()) return;
  server.objects_access_key = environment("AWS_ACCESS_KEY_ID").value_or("");
  server.objects_secret_key = environment("AWS_SECRET_ACCESS_KEY").value_or("");
  server.objects_session_token = environment("AWS_SESSION_TOKEN").value_or("");
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
  };
}

Result<LoadedConfig> load_config(const ConfigSources& sources) {
  const FileValues file = TRY(read_toml(sources.file));
  LoadedConfig loaded;
  for (const Option& option : options()) {
    std::optional<std::string> text;
    std::string from = "default";
    if (const auto flag = sources.flags.find(option.name); flag != sources.flags.end()) {
      text = flag->second;
      from = option.flag();
    } else if (auto value = sources.environment(option.variable())) {
      text = std::move(value);
      from = option.variable();
    } else if (const auto line = file.find(option.name); line != file.end()) {
      text = line->second;
      from = sources.file;
    }
    if (text) {
      if (const auto set = option.set(loaded.config, *text); !set) {
        const std::string shown = option.is_secret ? "" : fmt::format(", not \"{}\"", *text);
        return Error{
            ErrorCode::kInvalidArgument,
            fmt::format("{} (from {}) {}{}", option.name, from, set.error().message, shown),
            std::string(option.name)};
      }
    }
    const std::string value = option.get(loaded.config);
    loaded.origins.push_back(
        {option.name, option.is_secret && !value.empty() ? "(secret)" : value, from});
  }
  take_aws_variables(loaded.config.server, sources.environment);
  TRY(check_whole(loaded.config));
  return loaded;
}

}  // namespace callscope
