#include "audio/health.h"

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

}  // namespace callscope::audio
