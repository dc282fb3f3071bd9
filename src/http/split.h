// Cuts text at a separator, from the front.
#pragma once

#include <string_view>

namespace callscope::http {

// Returns what is in front of the first `separator` and leaves what is behind it in `rest`; all of
// it and nothing where there is none.
inline std::string_view take_until(std::string_view& rest, char separator) {
  const size_t at = rest.find(separator);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return part;
}

}  // namespace callscope::http
