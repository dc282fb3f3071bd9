#include "serve/call_stats.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "serve/call_audio.h"
#include "serve/heard_latency.h"

namespace callscope::serve {
namespace {

constexpr size_t kCallsPerPage = 1'000;

store::CallQuery calls_of(const Services& services, const store::StatsQuery& query) {
  store::CallQuery calls;
  calls.project = query.project;
  calls.agent = query.agent;
  calls.started = query.started;
  calls.now = services.clock.now();
  calls.limit = kCallsPerPage;
  return calls;
}

// Shows `visit` the calls, page by page, up to `calls_max` of them.
template <typename Visit>
Result<void> for_each_call(const Services& services, store::CallQuery query, size_t calls_max,
                           Visit visit) {
  (void)services.save_calls().has_value();  // what is not saved yet is missing, and no more
  for (size_t seen = 0; seen < calls_max;) {
    query.limit = std::min(kCallsPerPage, calls_max - seen);
    const store::CallPage page = TRY(services.catalog.list_calls(query));
    for (const model::CallSummary& call : page.calls) visit(call);
    seen += page.calls.size();
    if (!page.next) break;
    query.cursor = *page.next;
  }
  return {};
}

// Of the call's turns; what was heard is in the order of the recording.
const std::vector<model::Measure>& latencies_of(const model::CallSummary& call,
                                                LatencySource source, HeardByCall& heard) {
  switch (source) {
    case LatencySource::kReported:
      return call.turn_reported_ms;
    case LatencySource::kComputed:
      return call.turn_computed_ms;
    case LatencySource::kHeard:
      break;
  }
  return heard[call.id];
}

// The groups that a call's turns count in.
std::set<std::string> groups_of(const model::CallSummary& call, store::GroupBy group_by) {
  if (group_by == store::GroupBy::kAgent) return {std::to_string(call.agent)};
  if (group_by == store::GroupBy::kNone) return {""};
  std::set<std::string> groups;
  for (const model::ModelName& name : call.models) {
    if (name.kind != model::OpKind::kLlm && name.kind != model::OpKind::kS2s) continue;
    groups.insert(group_by == store::GroupBy::kModel ? name.model : name.provider);
  }
  if (groups.empty()) groups.insert("");  // nothing named one
  return groups;
}

// By the nearest rank, as all our percentiles. `sorted` is not empty.
double percentile(const std::vector<int64_t>& sorted, double p) {
  const auto rank = static_cast<size_t>(std::ceil(p / 100 * static_cast<double>(sorted.size())));
  return static_cast<double>(sorted[std::max<size_t>(rank, 1) - 1]);
}

std::optional<TimeNs> bucket_of(TimeNs time, const std::optional<DurationNs>& interval) {
  if (!interval) return std::nullopt;
  return TimeNs{time.ns - time.ns % interval->ns};
}

// The turn of the call whose answer was heard after each of those times.
Result<void> find_turns(const Services& services, ProjectId project, std::span<SlowTurn> turns) {
  std::unordered_map<CallId, std::vector<SlowTurn*>> by_call;
  for (SlowTurn& turn : turns) by_call[turn.call].push_back(&turn);
  for (auto& [id, heard] : by_call) {
    const auto saved = TRY(services.catalog.call(project, id));
    if (!saved) continue;  // deleted a moment ago
    auto whole = services.calls.read_whole(*saved);
    if (!whole || !add_audio(services, *whole)) continue;
    for (const model::Turn& turn : whole->call.turns) {
      const auto same = std::find_if(heard.begin(), heard.end(), [&](const SlowTurn* each) {
        return !each->turn_index && turn.heard_ms == each->latency_ms;
      });
      if (same != heard.end()) (*same)->turn_index = turn.index;
    }
  }
  return {};
}

}  // namespace

std::string_view to_string(LatencySource source) {
  switch (source) {
    case LatencySource::kReported:
      return "reported";
    case LatencySource::kComputed:
      return "computed";
    case LatencySource::kHeard:
      return "heard";
  }
  return "";
}

std::optional<LatencySource> parse_latency_source(std::string_view word) {
  if (word == "reported") return LatencySource::kReported;
  if (word == "computed") return LatencySource::kComputed;
  if (word == "heard") return LatencySource::kHeard;
  return std::nullopt;
}

Result<std::vector<store::LatencyRow>> latency_of_calls(const Services& services,
                                                        const store::StatsQuery& query,
                                                        LatencySource source) {
  if (query.group_by == store::GroupBy::kTool || query.group_by == store::GroupBy::kName) {
    return Error{ErrorCode::kInvalidArgument,
                 "group_by must be none, agent, model or provider for latencies of calls",
                 "group_by"};
  }
  std::map<std::pair<std::optional<TimeNs>, std::string>, std::vector<int64_t>> latencies;
  HeardByCall heard;
  if (source == LatencySource::kHeard)
    heard = TRY(heard_between(services, query.project, query.started));
  TRY(for_each_call(services, calls_of(services, query), kCallsLookedAtMax,
                    [&](const model::CallSummary& call) {
                      const auto& of_call = latencies_of(call, source, heard);
                      for (const std::string& group : groups_of(call, query.group_by)) {
                        auto& values = latencies[{bucket_of(call.started, query.interval), group}];
                        for (const model::Measure& ms : of_call) {
                          if (ms) values.push_back(*ms);
                        }
                      }
                    }));
  std::vector<store::LatencyRow> rows;
  for (auto& [key, values] : latencies) {
    if (values.empty()) continue;
    std::sort(values.begin(), values.end());
    rows.push_back({.group = key.second,
                    .bucket = key.first,
                    .n = values.size(),
                    .p50_ms = percentile(values, 50),
                    .p90_ms = percentile(values, 90),
                    .p95_ms = percentile(values, 95),
                    .p99_ms = percentile(values, 99)});
  }
  return rows;
}

Result<std::map<std::string, ToldTool>> told_tools(const Services& services,
                                                   const store::StatsQuery& query) {
  std::map<std::string, ToldTool> tools;
  TRY(for_each_call(services, calls_of(services, query), kCallsLookedAtMax,
                    [&](const model::CallSummary& call) {
                      for (const model::ToolTally& tally : call.told_tools) {
                        ToldTool& tool = tools[tally.name];
                        tool.uses += tally.uses;
                        tool.errors += tally.errors;
                        if (tally.errors > 0 && tool.failed.size() < kToldFailuresMax)
                          tool.failed.push_back(call.id);
                      }
                    }));
  return tools;
}

Result<std::vector<SlowTurn>> slowest_turns(const Services& services,
                                            const store::StatsQuery& query,
                                            std::optional<LatencySource> source, size_t limit) {
  store::CallQuery calls = calls_of(services, query);
  size_t calls_max = kCallsLookedAtMax;
  if (!source) {
    // The catalog sorts calls by just this, and a call has no turn slower than its slowest: the
    // slowest `limit` turns are in the slowest `limit` calls.
    calls.sort = store::CallSort::kLatency;
    calls_max = limit;
  }
  HeardByCall heard;
  if (source == LatencySource::kHeard)
    heard = TRY(heard_between(services, query.project, query.started));
  std::vector<SlowTurn> turns;
  const auto is_slower = [](const SlowTurn& a, const SlowTurn& b) {
    return a.latency_ms > b.latency_ms;
  };
  TRY(for_each_call(services, std::move(calls), calls_max, [&](const model::CallSummary& call) {
    const bool is_reported = call.reported.n > 0;
    const LatencySource from =
        source.value_or(is_reported ? LatencySource::kReported : LatencySource::kComputed);
    const auto& latencies = latencies_of(call, from, heard);
    for (size_t i = 0; i < latencies.size(); ++i) {
      if (!latencies[i]) continue;
      turns.push_back({call.id, call.agent, call.started, {}, *latencies[i], from});
      // The turns of a recording need not be the call's.
      if (from != LatencySource::kHeard) turns.back().turn_index = i;
      // A heap of the slowest so far, the least slow on top.
      std::push_heap(turns.begin(), turns.end(), is_slower);
      if (turns.size() > limit) {
        std::pop_heap(turns.begin(), turns.end(), is_slower);
        turns.pop_back();
      }
    }
  }));
  std::sort_heap(turns.begin(), turns.end(), is_slower);
  if (source == LatencySource::kHeard) TRY(find_turns(services, query.project, turns));
  return turns;
}

}  // namespace callscope::serve
