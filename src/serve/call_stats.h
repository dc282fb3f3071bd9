// Numbers across calls that only the calls know: latencies of turns, whatever sent the call.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/api.h"

namespace callscope::serve {

enum class LatencySource { kReported, kComputed, kHeard };
std::string_view to_string(LatencySource source);
std::optional<LatencySource> parse_latency_source(std::string_view word);

// Percentiles of the response latencies of one source over the turns of the newest
// kCallsLookedAtMax calls. Grouped by agent, or by the model or provider of the
// calls' language models; kInvalidArgument for other groupings.
Result<std::vector<store::LatencyRow>> latency_of_calls(const Services& services,
                                                        const store::StatsQuery& query,
                                                        LatencySource source);
inline constexpr size_t kCallsLookedAtMax = 50'000;

struct SlowTurn {
  CallId call = 0;
  AgentId agent = 0;
  TimeNs call_started;
  std::optional<size_t> turn_index;  // absent where a heard answer belongs to no turn
  int64_t latency_ms = 0;
  LatencySource source = LatencySource::kReported;
};

// How often the newest kCallsLookedAtMax calls used tools that no span tells of.
struct ToldTool {
  uint64_t uses = 0;
  uint64_t errors = 0;
  std::vector<CallId> failed;  // calls in which it failed, newest first, at most kToldFailuresMax
};
inline constexpr size_t kToldFailuresMax = 20;
Result<std::map<std::string, ToldTool>> told_tools(const Services& services,
                                                   const store::StatsQuery& query);

// The slowest turns, slowest first. Without a source each call's turns count by what was reported,
// or by what was computed where nothing was.
Result<std::vector<SlowTurn>> slowest_turns(const Services& services,
                                            const store::StatsQuery& query,
                                            std::optional<LatencySource> source, size_t limit);

}  // namespace callscope::serve
