// What the server was told, from wherever it was told: a flag counts before an environment
// variable, that before the TOML file, and that before the default.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "main/options.h"

namespace callscope {

// The value of an environment variable; nullopt where it is not set or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

struct ConfigSources {
  std::map<std::string, std::string, std::less<>> flags;  // by the option's name; only those given
  Environment environment;
  std::string file;  // path of the TOML file; empty for none
};

struct Origin {
  std::string_view option;
  std::string value;
  std::string from;  // "--data", "CALLSCOPE_DATA", "callscope.toml", "default"
};

struct LoadedConfig {
  Config config;
  std::vector<Origin> origins;  // of every option, in the order of the table
};

// An error names the option, where its value came from, and what it has to be. A key of the file
// that is no option is an error.
Result<LoadedConfig> load_config(const ConfigSources& sources);

}  // namespace callscope
