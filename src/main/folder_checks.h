// What `callscope doctor` looks at in a data folder and around it.
#pragma once

#include <filesystem>
#include <vector>

#include "base/time.h"
#include "main/config.h"
#include "main/doctor.h"

namespace callscope {

struct FolderCheckOptions {
  Config config;  // as the server would be started; its data folder is the one looked at
  bool read_every_page = false;  // of every segment, with its checksum
  bool release = false;  // let the next start take up quarantined segments that are sound again
};

std::vector<DoctorCheck> folder_checks(const FolderCheckOptions& options, const Clock& clock);

}  // namespace callscope
