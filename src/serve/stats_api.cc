// Numbers across calls: latency, tokens, cost, tools, turns.
#include <algorithm>

#include "serve/call_stats.h"
#include "serve/endpoint.h"
#include "serve/json_writer.h"
#include "serve/routes.h"
#include "store/catalog/withheld_agents.h"

namespace callscope::serve {
namespace {

std::optional<store::GroupBy> parse_group_by(std::string_view word) {
  if (word == "none") return store::GroupBy::kNone;
  if (word == "model") return store::GroupBy::kModel;
  if (word == "provider") return store::GroupBy::kProvider;
  if (word == "agent") return store::GroupBy::kAgent;
  if (word == "tool") return store::GroupBy::kTool;
  if (word == "name") return store::GroupBy::kName;
  return std::nullopt;
}

enum class Grouping { kChosen, kFixed };

// Ends the reading of the parameters.
Result<store::StatsQuery> read_query(const Services& services, Question& question,
                                     Grouping grouping) {
  Params& params = question.params;
  store::StatsQuery query;
  query.project = question.project;
  query.agent = params.id("agent_id");
  query.started = params.time_range();
  if (grouping == Grouping::kChosen)
    query.group_by = params.word("group_by", store::GroupBy::kNone, parse_group_by);
  query.interval = params.interval("interval");
  TRY(params.done());
  // Nobody is shown them, so they count for nobody.
  const auto withheld = TRY(store::withheld_agents(services.catalog, query.project));
  if (!withheld.empty()) {
    (void)services.save_calls().has_value();
    query.left_out = TRY(store::withheld_traces(services.catalog, query.project));
  }
  return query;
}

JsonWriter& begin_row(JsonWriter& json, std::string_view group,
                      const std::optional<TimeNs>& bucket) {
  json.begin_object().member("group", group);
  if (bucket) json.member("time", to_rfc3339(*bucket));
  return json;
}

// A stage of spans, or none for "response", which is a latency of a call's turns.
using WantedStage = std::optional<store::Stage>;

std::optional<WantedStage> parse_wanted_stage(std::string_view word) {
  if (word == "response") return WantedStage();
  const std::optional<store::Stage> stage = store::parse_stage(word);
  return stage ? std::optional<WantedStage>(stage) : std::nullopt;
}

Result<http::Response> latency(const Services& services, Question& question) {
  Params& params = question.params;
  const WantedStage stage =
      params.word("stage", WantedStage(store::Stage::kLlm), parse_wanted_stage);
  const LatencySource source =
      params.word("source", LatencySource::kReported, parse_latency_source);
  if (stage && source != LatencySource::kReported)
    params.refuse("source", "can be computed or heard for stage response only");
  const store::StatsQuery query = TRY(read_query(services, question, Grouping::kChosen));
  PageWriter page;
  const auto rows = stage ? TRY(services.spans.latency(query, *stage))
                          : TRY(latency_of_calls(services, query, source));
  for (const store::LatencyRow& row : rows) {
    JsonWriter json(page.item());
    begin_row(json, row.group, row.bucket)
        .member("n", row.n)
        .member("p50_ms", row.p50_ms)
        .member("p90_ms", row.p90_ms)
        .member("p95_ms", row.p95_ms)
        .member("p99_ms", row.p99_ms)
        .end_object();
  }
  return answer(std::move(page).finish());
}

// Tokens and cost are two views of the same rows.
Result<http::Response> usage(const Services& services, Question& question) {
  const store::StatsQuery query = TRY(read_query(services, question, Grouping::kChosen));
  PageWriter page;
  for (const store::UsageRow& row : TRY(services.spans.usage(query))) {
    JsonWriter json(page.item());
    begin_row(json, row.group, row.bucket)
        .member("calls", row.requests)
        .member("input_tokens", row.input_tokens)
        .member("output_tokens", row.output_tokens)
        .member("cache_read_tokens", row.cache_read_tokens)
        .member("cache_write_tokens", row.cache_write_tokens)
        .member("characters", row.characters)
        .scaled_member("audio_s", row.audio_us, kUsPerS)
        .scaled_member("cost_usd", row.cost_nano_usd, kNanoUsdPerUsd)
        .member("unpriced_calls", row.unpriced_requests)
        .end_object();
  }
  return answer(std::move(page).finish());
}

// Where the call of a failed tool is; absent where it has gone meanwhile.
Result<std::optional<CallId>> call_of(const Services& services, ProjectId project,
                                      const TraceId& trace) {
  const std::vector<CallId> calls = TRY(services.catalog.calls_of_trace(project, trace));
  return calls.empty() ? std::optional<CallId>() : std::optional(calls.front());
}

// The tools that spans tell of and those that only calls tell of, the most used first.
struct CountedTool {
  store::ToolRow spans;
  ToldTool told;
  uint64_t n() const { return spans.n + told.uses; }
  uint64_t errors() const { return spans.errors + told.errors; }
};

Result<std::vector<CountedTool>> count_tools(const Services& services,
                                             const store::StatsQuery& query) {
  std::map<std::string, ToldTool> told = TRY(told_tools(services, query));
  std::vector<CountedTool> counted;
  for (store::ToolRow& row : TRY(services.spans.tools(query))) {
    CountedTool tool{.spans = std::move(row), .told = {}};
    if (auto same = told.extract(tool.spans.group)) tool.told = std::move(same.mapped());
    counted.push_back(std::move(tool));
  }
  for (auto& [name, tool] : told)
    counted.push_back({.spans = {.group = name}, .told = std::move(tool)});
  std::stable_sort(counted.begin(), counted.end(),
                   [](const CountedTool& a, const CountedTool& b) { return a.n() > b.n(); });
  return counted;
}

Result<http::Response> tools(const Services& services, Question& question) {
  const store::StatsQuery query = TRY(read_query(services, question, Grouping::kFixed));
  PageWriter page;
  const std::vector<CountedTool> counted = TRY(count_tools(services, query));
  for (const CountedTool& tool : counted) {
    JsonWriter json(page.item());
    json.begin_object()
        .member("group", tool.spans.group)
        .member("n", tool.n())
        .member("errors", tool.errors())
        .member("error_rate",
                tool.n() == 0 ? 0.0
                              : static_cast<double>(tool.errors()) / static_cast<double>(tool.n()));
    if (tool.spans.p50_ms) json.member("p50_ms", *tool.spans.p50_ms);
    if (tool.spans.p95_ms) json.member("p95_ms", *tool.spans.p95_ms);
    json.key("failures").begin_array();
    for (const store::ToolFailure& failure : tool.spans.failures) {
      const auto call = TRY(call_of(services, query.project, failure.trace_id));
      if (!call) continue;
      json.begin_object()
          .member("call_id", *call)
          .member("trace_id", failure.trace_id.hex())
          .member("span_id", failure.span_id.hex())
          .time_member("time", failure.start)
          .end_object();
    }
    for (const CallId call : tool.told.failed)
      json.begin_object().member("call_id", call).end_object();
    json.end_array().end_object();
  }
  return answer(std::move(page).finish());
}

Result<http::Response> turns(const Services& services, Question& question) {
  Params& params = question.params;
  std::optional<LatencySource> source;
  if (params.text("source"))
    source = params.word("source", LatencySource::kReported, parse_latency_source);
  const size_t limit = params.limit(services.list_limit);
  store::StatsQuery query;
  query.project = question.project;
  query.agent = params.id("agent_id");
  query.started = params.time_range();
  TRY(params.done());
  PageWriter page;
  for (const SlowTurn& turn : TRY(slowest_turns(services, query, source, limit))) {
    JsonWriter json(page.item());
    json.begin_object().member("call_id", turn.call).member("agent_id", turn.agent);
    if (turn.turn_index) json.member("turn_index", *turn.turn_index);
    json.member("latency_ms", turn.latency_ms)
        .member("source", to_string(turn.source))
        .time_member("started_at", turn.call_started)
        .end_object();
  }
  return answer(std::move(page).finish());
}

}  // namespace

void add_stats_routes(http::Router& router, const Services& services) {
  add_endpoint(router, services, "GET", "/api/v1/stats/latency", Needs::kRead, latency);
  add_endpoint(router, services, "GET", "/api/v1/stats/tokens", Needs::kRead, usage);
  add_endpoint(router, services, "GET", "/api/v1/stats/cost", Needs::kRead, usage);
  add_endpoint(router, services, "GET", "/api/v1/stats/tools", Needs::kRead, tools);
  add_endpoint(router, services, "GET", "/api/v1/stats/turns", Needs::kRead, turns);
}

}  // namespace callscope::serve
