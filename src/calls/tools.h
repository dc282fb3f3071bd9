// The tool uses of a call: from spans, or, where the framework has none for them, read out of the
// messages of its model calls.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "calls/fact_set.h"
#include "calls/partition.h"
#include "calls/span_tree.h"
#include "model/call.h"

namespace callscope::calls {

// Whether the messages of a fact's span may tell of tool uses.
bool may_tell_of_tools(const FactSet& set, const Fact& fact);

// A use that spans show. Gemini Live under Pipecat has two: one asks, one answers.
struct ToolSpans {
  uint32_t asked = 0;                // position in the fact set
  std::optional<uint32_t> answered;  // where that is another span
};
std::vector<ToolSpans> find_tools(const FactSet& set, const SpanTree& tree, const CallFacts& call);

bool is_error(const FactSet& set, const ToolSpans& tool);

// The words of a fact's span.
using TextsOf = std::function<const model::SpanTexts&(uint32_t)>;

// In the words of the sender, by start. `turn_of` as in TurnSet.
std::vector<model::ToolUse> describe_tools(const FactSet& set, const std::vector<ToolSpans>& tools,
                                           const std::vector<int32_t>& turn_of,
                                           const TextsOf& texts_of);

// Uses that show only in messages: each is new in the input of a model call, so it ran between the
// call before and that one.
std::vector<model::ToolUse> read_out_tools(const FactSet& set, const CallFacts& call,
                                           const std::vector<int32_t>& turn_of,
                                           const TextsOf& texts_of);

}  // namespace callscope::calls
