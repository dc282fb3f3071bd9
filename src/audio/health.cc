#include "audio/health.h"

#include <fmt/format.h>

#include <cmath>

namespace callscope::audio {

std::string_view to_string(ChannelChoice choice) {
  switch (choice) {
    case ChannelChoice::kStated:
      return "stated";
    case ChannelChoice::kFound:
      return "found";
    case ChannelChoice::kUnknown:
      return "unknown";
  }
  return "";
}

void compare_with_call(Health& health, double expected_s, double slack_s) {
  if (expected_s <= 0) return;
  health.expected_duration_s = expected_s;
  const double heard_s = health.duration_s;
  if (std::fabs(heard_s - expected_s) <= slack_s) return;
  health.flags.push_back(
      {"length_differs_from_call",
       fmt::format("the call lasted {:.1f} s, the recording {:.1f} s", expected_s, heard_s)});
  for (const double ratio : {2.0, 3.0, 6.0, 48.0 / 44.1}) {
    if (std::fabs(heard_s / expected_s / ratio - 1) >= 0.02 &&
        std::fabs(expected_s / heard_s / ratio - 1) >= 0.02)
      continue;
    health.flags.push_back(
        {"sample_rate_suspect",
         fmt::format("the recording's length suggests that its sample rate of {} Hz is wrong",
                     health.sample_rate_hz)});
    return;
  }
}

}  // namespace callscope::audio
