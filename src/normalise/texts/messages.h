// The messages that go into a model and come out of it, in every dialect that lands in attributes:
// OpenAI's chat completions and responses, Anthropic, Gemini, Bedrock, the GenAI conventions'
// parts, LiveKit's chat context, Vercel's prompt. Input is hostile: it may be cut, nested or not
// JSON at all, and what can't be understood is kept as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/facts.h"
#include "model/span.h"

namespace callscope::normalise::texts {

// The messages in `json`: a list, one message, or an object that has them somewhere. Text that is
// no JSON is one message of `default_role`. Results stand with the uses they answer, too.
std::vector<model::Message> read_messages(std::string_view json, std::string_view default_role);

// Tool calls as a list of JSON objects, or of JSON texts.
std::vector<model::ToolMention> read_tool_calls(std::string_view json);

// The text of a list of parts, as system instructions are; `json` itself where it is none.
std::string read_parts(std::string_view json);

// Messages flattened into attributes: `prefix`.0.role, `prefix`.0.content, and OpenInference's
// `prefix`.0.message.role. Empty where there are none.
std::vector<model::Message> read_flat_messages(const model::Attributes& attributes,
                                               std::string_view prefix,
                                               std::string_view default_role);

// Messages as span events of the older GenAI conventions:
// gen_ai.{system,user,assistant,tool}.message are input, gen_ai.choice is output.
enum class Direction { kInput, kOutput };
std::vector<model::Message> read_event_messages(const std::vector<model::Event>& events,
                                                Direction direction);

// Puts each result with the use that it answers: the latest one of its id in front of it, or, where
// it has no id, the first one that has no answer yet.
void link_results(std::vector<model::Message>& messages);

// The contents of all messages, joined by newlines.
std::string contents_of(const std::vector<model::Message>& messages);

}  // namespace callscope::normalise::texts
