// Texts that senders choose, cut to what a summary keeps of them.
#pragma once

#include <cstddef>
#include <string_view>

namespace callscope::calls {

// At most `bytes_max` bytes of `text`, and no half of a UTF-8 character at the end.
inline std::string_view cut_text(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0) == 0x80) --bytes_max;
  return text.substr(0, bytes_max);
}

}  // namespace callscope::calls
