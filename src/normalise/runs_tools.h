// Which frameworks run the tools of their agents.
#pragma once

#include <string_view>

namespace callscope::normalise {

// Whether each tool use has a span of its own in this framework, by the mapping table. What only
// watches model calls tells of tools in their messages alone.
bool runs_tools(std::string_view framework);

}  // namespace callscope::normalise
