#include "model/report.h"

#include <array>

namespace callscope::model {

std::string_view to_string(ReportKind kind) {
  static constexpr std::array<std::string_view, kReportKindCount> kNames = {"observe",
                                                                            "pipecat_session",
                                                                            "pipecat_simulation",
                                                                            "livekit_session",
                                                                            "livekit_simulation",
                                                                            "livekit_upload",
                                                                            "vapi",
                                                                            "retell",
                                                                            "elevenlabs",
                                                                            "api"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view to_string(Role role) {
  static constexpr std::array<std::string_view, 4> kNames = {"caller", "agent", "tool", "system"};
  return kNames[static_cast<size_t>(role)];
}

}  // namespace callscope::model
