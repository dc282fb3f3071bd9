// Exchanges of a reported transcript: what is a turn where no span tells.
#pragma once

#include <cstddef>
#include <vector>

#include "model/report.h"

namespace callscope::calls {

// A caller's words and the agent's that follow, either of which may be missing. Positions in the
// transcript.
struct Exchange {
  std::vector<size_t> caller;
  std::vector<size_t> agent;
  std::vector<size_t> tools;
};

// In the order of the transcript: a new exchange begins where the caller speaks after the agent
// did.
std::vector<Exchange> find_exchanges(const std::vector<model::Utterance>& transcript);

// What the sender measured of the wait for the agent's reply: each part as the first of the agent's
// words, or the last of the caller's, have it.
model::ReportedWait wait_of(const std::vector<model::Utterance>& transcript,
                            const Exchange& exchange);

}  // namespace callscope::calls
