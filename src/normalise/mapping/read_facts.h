// Fills SpanFacts from a span by one rule.
#pragma once

#include "model/facts.h"
#include "normalise/mapping/rules.h"
#include "normalise/mapping/span_view.h"

namespace callscope::normalise::mapping {

// `facts` is as new. Sets everything but the framework's name.
void read_facts(const Mapping& mapping, const Rule& rule, SpanView& view, model::SpanFacts& facts);

// What is left to say once the framework is known: whether input tokens leave out cached ones.
void settle_tokens(const Framework* framework, model::SpanFacts& facts);

}  // namespace callscope::normalise::mapping
