// A call, a list of calls and a trace as text for terminals, from the API's JSON.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "main/json_view.h"

namespace callscope {

std::string calls_as_text(const boost::json::array& calls);
std::string call_as_text(JsonView call);
// The spans as a tree, each with its offset from the first and its length.
std::string trace_as_text(JsonView trace);

}  // namespace callscope
