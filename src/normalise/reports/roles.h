// Who speaks in an entry of a transcript, in all the words that senders have for it.
#pragma once

#include <cstdint>
#include <string_view>

namespace callscope::normalise::reports {

enum class Speaker : uint8_t {
  kUnknown,
  kCaller,
  kAgent,
  kSystem,
  kToolCall,
  kToolResult,
  kNothing,  // a known kind of entry in which nobody speaks: a change of settings
};

// Case, blanks, "-" and "_" do not count: "Testing Agent" is "testing_agent".
Speaker speaker_of(std::string_view role);

}  // namespace callscope::normalise::reports
