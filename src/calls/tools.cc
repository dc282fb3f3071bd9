#include "calls/tools.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "normalise/tool_result.h"

namespace callscope::calls {
namespace {

using model::OpKind;
using model::ToolUse;

bool is_tool(const FactSet& set, uint32_t i) {
  const Fact& fact = set.facts[i];
  if (fact.has(kProvisional)) return false;
  return fact.kind == OpKind::kTool || fact.rule == set.known.tool_asked;
}

std::optional<uint32_t> turn_index(const std::vector<int32_t>& turn_of, uint32_t i) {
  return turn_of[i] < 0 ? std::nullopt : std::optional(static_cast<uint32_t>(turn_of[i]));
}

// Tells one use from another where the sender gives it no id.
std::string key_of(const model::ToolMention& tool) {
  return tool.call_id.empty() ? tool.name + '\n' + tool.arguments : tool.call_id;
}

// The answers in a history, by the id of the use they answer.
using Answers = std::unordered_map<std::string_view, std::string_view>;
Answers answers_in(const std::vector<model::Message>& messages) {
  Answers answers;
  for (const model::Message& message : messages) {
    if (!message.tool_call_id.empty()) answers[message.tool_call_id] = message.content;
  }
  return answers;
}

}  // namespace

bool may_tell_of_tools(const FactSet& set, const Fact& fact) {
  if (fact.has(kProvisional)) return false;
  // Pipecat has what a realtime model was told in a span beside its answer.
  if (fact.rule == set.known.realtime_request) return true;
  return (fact.kind == OpKind::kLlm || fact.kind == OpKind::kS2s) && fact.has(kBillable);
}

std::vector<ToolSpans> find_tools(const FactSet& set, const SpanTree& tree, const CallFacts& call) {
  const bool has_tools = std::any_of(call.facts.begin(), call.facts.end(),
                                     [&](uint32_t i) { return is_tool(set, i); });
  if (!has_tools) return {};
  const auto within = tree.nearest([&](uint32_t i) { return is_tool(set, i); });
  std::vector<ToolSpans> tools;
  std::vector<size_t> unanswered;  // indices of `tools`
  for (const uint32_t i : call.facts) {
    const Fact& fact = set.facts[i];
    if (!is_tool(set, i)) continue;
    // A second instrumentation's span of the same use lies inside the first one's.
    const int32_t above = tree.has_parent(i) ? within[static_cast<size_t>(tree.parent(i))] : -1;
    if (above >= 0 && set.facts[static_cast<size_t>(above)].tool == fact.tool) continue;

    if (fact.rule == set.known.tool_answered) {
      const auto asked = std::find_if(unanswered.begin(), unanswered.end(), [&](size_t t) {
        return set.facts[tools[t].asked].tool == fact.tool;
      });
      if (asked != unanswered.end()) {
        tools[*asked].answered = i;
        unanswered.erase(asked);
        continue;
      }
    }
    if (fact.rule == set.known.tool_asked) unanswered.push_back(tools.size());
    tools.push_back({.asked = i});
  }
  return tools;
}

bool is_error(const FactSet& set, const ToolSpans& tool) {
  return set.facts[tool.asked].has(kIsError) ||
         (tool.answered && set.facts[*tool.answered].has(kIsError));
}

std::vector<ToolUse> describe_tools(const FactSet& set, const std::vector<ToolSpans>& tools,
                                    const std::vector<int32_t>& turn_of, const TextsOf& texts_of) {
  std::vector<ToolUse> uses;
  for (const ToolSpans& tool : tools) {
    const Fact& asked = set.facts[tool.asked];
    const uint32_t last = tool.answered.value_or(tool.asked);
    const Fact& answered = set.facts[last];
    ToolUse use;
    use.name = set.name(asked.tool);
    use.start = asked.start;
    use.trace_id = set.traces[asked.trace].id;
    use.span_id = asked.id;
    use.turn_index = turn_index(turn_of, tool.asked);
    use.is_error = is_error(set, tool);
    if (tool.answered) {
      use.duration_us =
          std::max<int64_t>(0, (answered.end_or_start() - asked.start).microseconds());
    } else if (asked.end.is_set() && asked.has(kDurationValid)) {
      use.duration_us = asked.duration().microseconds();
    }
    const model::SpanTexts& question = texts_of(tool.asked);
    const model::SpanTexts& answer = texts_of(last);
    use.call_id = question.tool_call_id;
    use.arguments = question.arguments;
    if (!answer.result.empty()) use.result = answer.result;
    if (use.is_error) {
      use.error = answer.error_message.empty() ? answer.error_type : answer.error_message;
      // Then it is the answer that says what went wrong.
      if (use.error.empty()) use.error = answer.result;
    }
    uses.push_back(std::move(use));
  }
  return uses;
}

std::vector<ToolUse> read_out_tools(const FactSet& set, const CallFacts& call,
                                    const std::vector<int32_t>& turn_of, const TextsOf& texts_of) {
  std::vector<ToolUse> uses;
  std::unordered_map<std::string, size_t> known;  // index in `uses` by key
  std::unordered_set<std::string> before;         // keys of uses in an earlier call
  std::optional<uint32_t> asking;                 // the model call before
  for (const uint32_t i : call.facts) {
    const Fact& fact = set.facts[i];
    if (!may_tell_of_tools(set, fact)) continue;
    const model::SpanTexts& texts = texts_of(i);
    const Answers answers = answers_in(texts.input);
    const auto take_in = [&](const model::ToolMention& tool, uint32_t asked_by) {
      if (before.contains(key_of(tool))) return;
      const auto [entry, is_new] = known.try_emplace(key_of(tool), uses.size());
      if (is_new) {
        const Fact& asker = set.facts[asked_by];
        ToolUse use;
        use.name = tool.name;
        use.call_id = tool.call_id;
        use.arguments = tool.arguments;
        use.start = asker.end_or_start();
        use.turn_index = turn_index(turn_of, asked_by);
        use.trace_id = set.traces[asker.trace].id;
        use.span_id = asker.id;
        use.synthetic = true;
        uses.push_back(std::move(use));
      }
      ToolUse& use = uses[entry->second];
      const auto answer = answers.find(tool.call_id);
      if (!use.result && tool.result) use.result = *tool.result;
      if (!use.result && answer != answers.end()) use.result = std::string(answer->second);
      // The next model call begins once all tools have answered.
      if (use.result && !use.duration_us && fact.start >= use.start && asked_by != i) {
        use.duration_us = (fact.start - use.start).microseconds();
      }
    };
    for (const model::Message& message : texts.input) {
      for (const model::ToolMention& tool : message.tool_calls) {
        // What the first request of a call has been told was before the call.
        if (asking) {
          take_in(tool, *asking);
        } else {
          before.insert(key_of(tool));
        }
      }
    }
    for (const model::Message& message : texts.output) {
      for (const model::ToolMention& tool : message.tool_calls) take_in(tool, i);
    }
    asking = i;
  }
  for (ToolUse& use : uses) {
    if (use.result) use.error = normalise::failure_in(*use.result);
    use.is_error = !use.error.empty();
  }
  return uses;
}

}  // namespace callscope::calls
