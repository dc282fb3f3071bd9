// Goes over JSON text before it becomes a tree: bounds its nesting, and mends what Python's json
// writes though no parser of JSON takes it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace callscope::normalise::reports {

// `text` where it can be parsed as it stands, else `mended`: NaN and the infinities are null, half
// of a surrogate pair is U+FFFD. An error names the member of the outermost object that nests
// deeper than `depth_max`. Text that is no JSON at all passes; the parser says so.
Result<std::string_view> check_json(std::string_view text, size_t depth_max, std::string& mended);

}  // namespace callscope::normalise::reports
