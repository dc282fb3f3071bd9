// Where the seconds between the caller's last word and the agent's first went: a heard gap, split
// among the stages that were at work in it. Pure; all times are seconds on the recording's clock.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audio/turn_taking.h"

namespace callscope::audio {

// In the order in which one waits for the other.
enum class Stage { kEndpointing, kStt, kLlm, kTool, kTts, kPlayout, kUnexplained };
std::string_view to_string(Stage stage);  // "endpointing", "stt", …
inline constexpr int kStageCount = 7;

// A stage at work, as one span reports it: the wait for the end of the caller's turn; the
// transcript's finalisation; the model until its first token; a tool; speech synthesis until its
// first byte; from then until the sound left.
struct StageSpan {
  Stage stage = Stage::kLlm;
  double start_s = 0;
  double end_s = 0;
  std::string span_id;
};

// One tool's own share of a gap. Those that ran side by side add up to more than their part.
struct ToolPart {
  std::string span_id;
  int64_t ms = 0;
};

struct GapPart {
  Stage stage = Stage::kUnexplained;
  // nullopt: the framework does not report this stage at all.
  std::optional<int64_t> ms;
  std::vector<std::string> span_ids;  // of the spans that touch the gap
  std::vector<ToolPart> tools;        // of kTool only
};

struct GapParts {
  int64_t heard_ms = 0;
  // One part for each stage, in their order; kUnexplained is last and always measured. The parts'
  // milliseconds sum to heard_ms exactly.
  std::vector<GapPart> parts;
};

// Splits `gap`, from the end of the caller's turn to the start of the agent's; nullopt where it has
// no length. `captured` has the stages that the framework reports at all.
//
// Where several stages are at work at once, the moment belongs to the first in this order:
// endpointing, STT, tool, LLM, TTS, play-out: as long as the turn's end is not decided nothing that
// runs ahead is waited for, and a model's span may enclose its tools'. Tools side by side count
// once.
std::optional<GapParts> attribute_gap(const Interval& gap, std::span<const StageSpan> spans,
                                      std::span<const Stage> captured);

}  // namespace callscope::audio
