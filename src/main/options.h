// Every option of `callscope serve`, declared once: flags, environment variables, the keys of the
// TOML file, their help and their defaults all come from this table.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/result.h"
#include "main/server.h"

namespace callscope {

struct Config {
  ServerOptions server;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
};

struct Option {
  std::string_view name;   // as in the TOML file: "wal_file_bytes_max"
  std::string_view value;  // what stands for its value in the help: "BYTES"
  std::string_view group;  // the heading of the help it stands under
  std::string_view help;
  // The error says what the value has to be; who called adds where it came from.
  Result<void> (*set)(Config& config, std::string_view text);
  std::string (*get)(const Config& config);
  // A secret has no flag, which other users of the machine could read, and is never shown.
  bool is_secret = false;

  std::string flag() const;      // "--wal-file-bytes-max"
  std::string variable() const;  // "CALLSCOPE_WAL_FILE_BYTES_MAX"
};

std::span<const Option> options();

}  // namespace callscope
