// Transcripts in all their dialects, as one list of utterances with times from the report's zero.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "normalise/reports/reading.h"

namespace callscope::normalise::reports {

struct TranscriptSource {
  std::string_view field;            // as errors and notes name it: "transcript_json"
  const json::value* value;          // null where there is none
  std::string_view dialect;          // as stated; empty for none
  std::optional<int> agent_channel;  // tells the speakers of a recording apart
};

// Reads `source` into the report: its transcript, dialect, notes, and zero where none was known and
// the entries have times of the clock. Refuses only a transcript that is too long.
Result<void> read_transcript(Reading& reading, const TranscriptSource& source);

}  // namespace callscope::normalise::reports
