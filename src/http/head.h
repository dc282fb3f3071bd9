// The text of a response's head.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/message.h"

namespace callscope::http {

enum class Persistence { kKeepAlive, kClose };

struct Framing {
  bool http_1_1 = true;
  Persistence persistence = Persistence::kKeepAlive;
  std::optional<uint64_t> content_length;  // absent: chunked, or up to the end in HTTP/1.0
};

// Appends status line, the response's headers, Date, Connection and the framing, up to and with the
// empty line. Control characters in a header's value are left out.
void append_head(std::string& out, const Response& response, const Framing& framing);

}  // namespace callscope::http
