// Fills SpanTexts from a span by one rule.
#pragma once

#include "model/facts.h"
#include "normalise/mapping/rules.h"
#include "normalise/mapping/span_view.h"

namespace callscope::normalise::texts {

// `framework` is the one that `facts` names, or nullptr.
model::SpanTexts read_texts(const mapping::Framework* framework, const mapping::Rule& rule,
                            const mapping::SpanView& view, const model::SpanFacts& facts);

// Whether the result that a tool's span has says that the tool failed.
bool tells_failure(const mapping::Rule& rule, const mapping::SpanView& view);

}  // namespace callscope::normalise::texts
