#include "base/disk_space.h"

#include <fmt/format.h>

namespace callscope {

Result<void> expect_disk_space(const std::filesystem::path& folder, int64_t bytes_min) {
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  if (error || space.available >= static_cast<uintmax_t>(bytes_min)) return {};
  return Error{ErrorCode::kUnavailable, fmt::format("the disk of {} has less than {} MiB left",
                                                    folder.filename().string(), bytes_min >> 20)};
}

}  // namespace callscope
