// What a command works on: a data folder, or a server over HTTP.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "main/config.h"

namespace callscope {

// As given on the command line; empty where not.
struct TargetFlags {
  std::string data;
  std::string server;
  std::string key;
  ProjectId project = 0;  // 0: the key's own; on a data folder, project 1
};

struct ServerTarget {
  std::string url;  // without a slash at its end
  std::string key;
  std::string certificate_file;  // the only one to trust; empty for those the system trusts
};

// The server, where one is meant: --server, or CALLSCOPE_URL unless --data is given. With its key
// from
// --key or CALLSCOPE_API_KEY, which it must have.
Result<std::optional<ServerTarget>> named_server(const TargetFlags& flags,
                                                 const Environment& environment);

// --data, CALLSCOPE_DATA, or the default folder.
std::filesystem::path data_folder(const TargetFlags& flags, const Environment& environment);

// The server that is meant, else the one that runs on the data folder.
Result<ServerTarget> find_server(const TargetFlags& flags, const Environment& environment);

}  // namespace callscope
