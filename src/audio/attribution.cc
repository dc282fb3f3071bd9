#include "audio/attribution.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace callscope::audio {
namespace {

// The first of these that is at work is what one waits for.
constexpr Stage kWaitedFor[] = {Stage::kEndpointing, Stage::kStt, Stage::kTool,
                                Stage::kLlm,         Stage::kTts, Stage::kPlayout};

size_t index(Stage stage) { return static_cast<size_t>(stage); }

// A span's part of the gap, in whole milliseconds from its start.
struct Piece {
  int64_t from = 0, to = 0;
  const StageSpan* span = nullptr;
};

}  // namespace

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::kEndpointing:
      return "endpointing";
    case Stage::kStt:
      return "stt";
    case Stage::kLlm:
      return "llm";
    case Stage::kTool:
      return "tool";
    case Stage::kTts:
      return "tts";
    case Stage::kPlayout:
      return "playout";
    case Stage::kUnexplained:
      return "unexplained";
  }
  return "";
}

std::optional<GapParts> attribute_gap(const Interval& gap, std::span<const StageSpan> spans,
                                      std::span<const Stage> captured) {
  const auto heard_ms = static_cast<int64_t>(std::llround(gap.length_s() * 1000));
  if (!(gap.length_s() > 0) || heard_ms <= 0) return std::nullopt;

  // Every boundary is rounded once, so that the parts add up.
  std::vector<Piece> pieces;
  std::vector<int64_t> cuts{0, heard_ms};
  for (const StageSpan& span : spans) {
    const auto at = [&](double s) {
      return static_cast<int64_t>(
          std::llround(std::clamp((s - gap.start_s) * 1000, 0.0, static_cast<double>(heard_ms))));
    };
    const Piece piece{at(span.start_s), at(span.end_s), &span};
    if (piece.from >= piece.to || span.stage == Stage::kUnexplained) continue;
    pieces.push_back(piece);
    cuts.push_back(piece.from);
    cuts.push_back(piece.to);
  }
  std::sort(cuts.begin(), cuts.end());

  std::array<int64_t, kStageCount> ms{};
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    const int64_t length = cuts[i + 1] - cuts[i];
    if (length == 0) continue;
    const auto at_work = [&](Stage stage) {
      return std::any_of(pieces.begin(), pieces.end(), [&](const Piece& p) {
        return p.span->stage == stage && p.from <= cuts[i] && p.to > cuts[i];
      });
    };
    const auto* const waited_for =
        std::find_if(std::begin(kWaitedFor), std::end(kWaitedFor), at_work);
    ms[index(waited_for == std::end(kWaitedFor) ? Stage::kUnexplained : *waited_for)] += length;
  }

  GapParts split{.heard_ms = heard_ms};
  for (int i = 0; i < kStageCount; ++i) {
    GapPart part{.stage = static_cast<Stage>(i)};
    for (const Piece& piece : pieces) {
      if (piece.span->stage != part.stage) continue;
      part.span_ids.push_back(piece.span->span_id);
      if (part.stage == Stage::kTool)
        part.tools.push_back({piece.span->span_id, piece.to - piece.from});
    }
    const bool known = part.stage == Stage::kUnexplained || !part.span_ids.empty() ||
                       std::find(captured.begin(), captured.end(), part.stage) != captured.end();
    if (known) part.ms = ms[index(part.stage)];
    split.parts.push_back(std::move(part));
  }
  return split;
}

}  // namespace callscope::audio
