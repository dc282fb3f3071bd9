#include "model/facts.h"

#include <array>

namespace callscope::model {
namespace {

constexpr std::array<std::string_view, kOpKindCount> kNames = {
    "other",   "call",     "turn",      "user_turn",      "agent_turn",  "stt",          "llm",
    "s2s",     "tts",      "tool",      "turn_detection", "user_speech", "agent_speech", "amd",
    "agent",   "workflow", "retrieval", "embedding",      "memory",      "guardrail",    "eval",
    "wrapper", "attempt",  "transport", "lifecycle",      "stall",
};

}  // namespace

std::string_view to_string(OpKind kind) { return kNames[static_cast<size_t>(kind)]; }

std::optional<OpKind> parse_op_kind(std::string_view text) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == text) return static_cast<OpKind>(i);
  }
  return std::nullopt;
}

}  // namespace callscope::model
