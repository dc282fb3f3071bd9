// How commands on this machine reach the server that runs on a data folder: it leaves its address
// and a key of its own in the folder, in a file that only its user can read, and removes it when it
// stops.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace callscope {

struct LocalAccess {
  std::string url;               // of the HTTP port on this machine
  std::string key;               // Authenticator::accept_local_key takes it
  std::string certificate_file;  // of the server where it speaks TLS; empty for none
};

Result<void> write_local_access(const std::filesystem::path& data_folder,
                                const LocalAccess& access);
void remove_local_access(const std::filesystem::path& data_folder);
// kUnavailable where no server left its address.
Result<LocalAccess> read_local_access(const std::filesystem::path& data_folder);

}  // namespace callscope
