// What a tool was given and answered, out of the objects that libraries wrap around it.
#pragma once

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace callscope::normalise::texts {

// LangChain's message of a tool, wherever it stands in `value`: it has the tool's own answer as its
// content, and a status. Null where there is none.
const boost::json::object* tool_message_in(const boost::json::value& value);

// The answer itself, a text without its JSON quotes; `result` where nothing is wrapped around it.
std::string unwrapped_result(std::string result);

// {"city": "Oslo"} of a Python call {"args": [], "kwargs": {"city": "Oslo"}} or of LangChain's
// {"input_str": …, "inputs": {"city": "Oslo"}}; `arguments` where nothing is wrapped around them.
std::string unwrapped_arguments(std::string arguments);

}  // namespace callscope::normalise::texts
