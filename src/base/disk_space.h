// How much room a disk has left.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace callscope {

// kUnavailable where the disk of `folder` has less than `bytes_min` left.
Result<void> expect_disk_space(const std::filesystem::path& folder, int64_t bytes_min);

}  // namespace callscope
