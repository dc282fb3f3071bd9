#include "normalise/runs_tools.h"

#include <algorithm>

#include "normalise/mapping/rules.h"

namespace callscope::normalise {

bool runs_tools(std::string_view framework) {
  const auto& frameworks = mapping::embedded().frameworks;
  return std::any_of(frameworks.begin(), frameworks.end(), [&](const mapping::Framework& each) {
    return each.runs_tools && each.name == framework;
  });
}

}  // namespace callscope::normalise
