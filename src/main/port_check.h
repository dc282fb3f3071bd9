// Whether an address could be listened on.
#pragma once

#include <string>

namespace callscope {

// Why "HOST:PORT" cannot be listened on; empty where it can, or where the port is 0.
std::string why_not_listen(const std::string& address);

}  // namespace callscope
