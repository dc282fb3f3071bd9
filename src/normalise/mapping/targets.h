// The fields of SpanFacts and SpanTexts by the names they have there: the left sides of "fields"
// and "texts" in the mapping table.
#pragma once

#include <map>
#include <string_view>

#include "normalise/mapping/rules.h"

namespace callscope::normalise::mapping {

const std::map<std::string_view, decltype(FactField::target)>& fact_targets();
const std::map<std::string_view, decltype(TextField::target)>& text_targets();

}  // namespace callscope::normalise::mapping
