// What tools answer, where nobody says whether it is an error.
#pragma once

#include <string>
#include <string_view>

namespace callscope::normalise {

// What is wrong with a tool's result by the customs there are, such as {"error": "busy"} or
// {"success": false, "message": "busy"}; empty where nothing is.
std::string failure_in(std::string_view result);

}  // namespace callscope::normalise
