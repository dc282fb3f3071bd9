// The dialects of transcripts as tables: which members of an entry hold what.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "normalise/reports/drafts.h"

namespace callscope::normalise::reports {

struct TimeMember {
  std::string_view name;
  Unit unit = Unit::kUnknown;
};

struct Dialect {
  std::string_view name;
  std::span<const std::string_view> role;
  std::span<const std::string_view> text;
  std::span<const TimeMember> start, end, length;
  std::string_view clock_start = {}, clock_end = {};  // the clock's times beside those of the call
  bool tool_times_are_turns = false;  // a tool's entries have the times of the turn around them
};

// nullptr for a name that is none of ours.
const Dialect* dialect_named(std::string_view name);
// The one that entries look most like; never none.
const Dialect& detect(const json::array& entries);

// Reads entries by their table.
void read_entries(const Dialect& dialect, const json::array& entries, Drafts& drafts);

// "Agent: Hello" a line, perhaps with "[00:01]" in front. Whole and as system where no line names
// its speaker.
void read_plain_text(std::string_view text, Drafts& drafts);

// Words, utterances or streamed results of Deepgram, whose speakers are numbers. `agent_channel`
// tells who is who where the channels are the parties.
bool is_deepgram(const json::value& value);
void read_deepgram(const json::value& value, std::optional<int> agent_channel, Drafts& drafts);

}  // namespace callscope::normalise::reports
