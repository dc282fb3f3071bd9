// Reading, changing and deleting calls by the hosted service's paths. Each is there under three
// prefixes.
#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "normalise/otlp_json.h"
#include "serve/call_change.h"
#include "serve/call_removal.h"
#include "serve/compat/call_filter.h"
#include "serve/compat/compat.h"
#include "serve/json_writer.h"
#include "serve/lookup.h"
#include "serve/play_links.h"
#include "serve/span_json.h"
#include "serve/withheld_calls.h"

namespace callscope::serve::compat {
namespace {

namespace json = boost::json;

constexpr std::string_view kPrefixes[] = {"/observability/v1/call-logs",
                                          "/observability/v1/call-logs-external",
                                          "/observability/v2/call-logs"};
constexpr DurationNs kListedByDefault = DurationNs::from_s(30 * 86'400);
constexpr size_t kPageSizeDefault = 20;
constexpr size_t kPageSizeMax = 200;
// A list counts its calls, so it looks at all of them; beyond this many it says that there are so
// many.
constexpr size_t kListedMax = 20'000;

constexpr std::string_view kNoMetrics =
    "This server computes no metrics: calls have neither scores nor a status to change.";
constexpr std::string_view kNoScenarios =
    "This server runs no simulations: no scenarios are made of calls.";
constexpr std::string_view kNoExport =
    "This server has no exports: read the list page by page, or its lake of Parquet files.";
constexpr std::string_view kNoUpload =
    "Recordings are posted with the call log, to /observability/v1/observe/, or to "
    "/api/v1/calls/{id}/recordings.";

Error no_such_call() { return {ErrorCode::kNotFound, "No CallLog matches the given query.", ""}; }

Result<model::CallSummary> find_log(const Services& services, ProjectId project, CallId id) {
  auto call = serve::find_call(services, project, id);
  if (!call && call.error().code == ErrorCode::kNotFound) return no_such_call();
  return call;
}

Result<model::CallSummary> find_log(const Services& services, const Question& question) {
  const auto id = path_id(question.request, "id");
  if (!id) return no_such_call();
  return find_log(services, question.project, *id);
}

// As there, one that takes no key and holds for a while.
Result<std::string> recording_url(const Services& services, const model::CallSummary& call) {
  const auto recordings = TRY(services.catalog.recordings_of_call(call.project, call.id));
  const auto complete = std::find_if(recordings.begin(), recordings.end(), [](const auto& each) {
    return each.state == store::RecordingState::kComplete;
  });
  if (complete == recordings.end()) return std::string();
  return services.info().http + play_link(services, call.id, *complete);
}

Result<http::Response> detail_answer(const Services& services, const model::CallSummary& saved) {
  const model::Call call = TRY(services.calls.read(saved));
  const AgentNames agents = TRY(AgentNames::load(services.catalog, saved.project));
  std::string out;
  append_detail(out, call, agents, TRY(recording_url(services, saved)));
  return answer(std::move(out));
}

Result<http::Response> get(const Services& services, Question& question) {
  return detail_answer(services, TRY(find_log(services, question)));
}

// ---- the list ----

struct ListQuery {
  store::CallQuery calls;
  std::optional<std::string> assistant;
  std::set<CallId> ids;
  std::string search;
  CallFilter filter;
  size_t page = 1;
  size_t page_size = kPageSizeDefault;
};

Result<std::set<CallId>> parse_ids(std::string_view list) {
  std::set<CallId> ids;
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    const std::string word(list.substr(0, comma));
    char* end = nullptr;
    const long long id = std::strtoll(word.c_str(), &end, 10);
    if (word.empty() || *end != '\0')
      return Error{ErrorCode::kInvalidArgument, "A valid integer is required.", "call_ids"};
    ids.insert(id);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return ids;
}

Result<ListQuery> read_query(const Services& services, Question& question) {
  Params& params = question.params;
  ListQuery query;
  query.calls.project = question.project;
  query.calls.now = services.clock.now();
  query.calls.limit = 1'000;
  query.calls.agent = params.id("agent_id");
  if (const auto project = params.id("project_id"); project && *project != question.project) {
    if (!question.caller.admin) {
      return Error{ErrorCode::kPermissionDenied,
                   "You do not have permission to perform this action: project_id is not the "
                   "project of the key.",
                   "project_id"};
    }
    query.calls.project = *project;
  }
  query.assistant = params.text("assistant_id");
  if (const auto from = params.time("timestamp_from")) query.calls.started.from = *from;
  if (const auto to = params.time("timestamp_to")) query.calls.started.to = *to;
  const auto ids = params.text("call_ids");
  if (ids) query.ids = TRY(parse_ids(*ids));
  query.search = params.text("search").value_or("");
  const bool has_range =
      params.text("timestamp_from") || params.text("timestamp_to") || ids || !query.search.empty();
  if (!has_range) query.calls.started.from = query.calls.now - kListedByDefault;
  query.filter = TRY(CallFilter::parse(params.text("filters_v2").value_or(""), query.calls.now));
  query.page = static_cast<size_t>(params.id("page").value_or(1));
  query.page_size = std::min(
      kPageSizeMax,
      static_cast<size_t>(params.id("page_size").value_or(static_cast<int64_t>(kPageSizeDefault))));
  return query;
}

bool mentions(const model::CallSummary& call, std::string_view text) {
  const auto has = [&](std::string_view value) { return value.find(text) != value.npos; };
  return has(call.call_id) || has(call.end_reason) ||
         std::any_of(call.session_keys.begin(), call.session_keys.end(), has) ||
         std::any_of(call.trace_ids.begin(), call.trace_ids.end(),
                     [&](const TraceId& id) { return id.hex() == text; }) ||
         std::any_of(call.metadata.begin(), call.metadata.end(),
                     [&](const auto& entry) { return has(entry.second); });
}

Result<std::vector<model::CallSummary>> find_all(const Services& services, ListQuery& query,
                                                 const AgentNames& agents) {
  (void)services.save_calls().has_value();
  if (query.assistant) {
    query.calls.agent = -1;  // of no call
    for (const store::Agent& agent : TRY(services.catalog.agents(query.calls.project))) {
      if (agent.service_name == *query.assistant) query.calls.agent = agent.id;
    }
  }
  std::vector<model::CallSummary> found;
  while (found.size() < kListedMax) {
    store::CallPage page = TRY(services.catalog.list_calls(query.calls));
    for (model::CallSummary& call : page.calls) {
      if (!query.ids.empty() && !query.ids.contains(call.id)) continue;
      if (!query.search.empty() && !mentions(call, query.search)) continue;
      if (query.filter.passes(call, agents)) found.push_back(std::move(call));
    }
    if (!page.next) break;
    query.calls.cursor = *page.next;
  }
  return found;
}

std::string page_url(const Services& services, const http::Request& request, size_t page) {
  std::string url = services.info().http + request.path + "?";
  for (const auto& [name, value] : request.query) {
    if (name != "page")
      url += fmt::format("{}={}&", http::percent_encode(name), http::percent_encode(value));
  }
  return url += fmt::format("page={}", page);
}

Result<http::Response> list(const Services& services, Question& question) {
  ListQuery query = TRY(read_query(services, question));
  const AgentNames agents = TRY(AgentNames::load(services.catalog, query.calls.project));
  const std::vector<model::CallSummary> found = TRY(find_all(services, query, agents));
  const size_t begin = (query.page - 1) * query.page_size;
  if (query.page > 1 && begin >= found.size())
    return Error{ErrorCode::kNotFound, "Invalid page.", ""};
  const size_t end = std::min(begin + query.page_size, found.size());
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("count", found.size());
  const auto link = [&](std::string_view name, bool is_there, size_t page) {
    json.key(name);
    if (is_there) {
      json.value(page_url(services, question.request, page));
    } else {
      json.null();
    }
  };
  link("next", end < found.size(), query.page + 1);
  link("previous", query.page > 1, query.page - 1);
  json.key("results").begin_array();
  for (size_t i = begin; i < end; ++i) {
    const auto call = services.calls.read(found[i]);
    if (!call) continue;  // deleted a moment ago
    std::string item;
    append_list_item(item, *call, agents);
    json.raw(item);
  }
  json.end_array().end_object();
  return answer(std::move(out));
}

// ---- changing ----

// The members of a PATCH that change something; others are passed over, as there.
constexpr std::string_view kMayChange[] = {"call_id",
                                           "transcript_type",
                                           "transcript_json",
                                           "timestamp",
                                           "duration",
                                           "call_ended_reason",
                                           "customer_number",
                                           "metadata",
                                           "dynamic_variables",
                                           "feedback",
                                           "agent",
                                           "trace_id",
                                           "main_agent_channel_index"};

// A length alone is counted from the start that the call has.
Result<void> add_start(const Services& services, const model::CallSummary& call,
                       json::object& change) {
  const auto own = TRY(own_report(services, call, model::ReportKind::kObserve));
  boost::system::error_code error;
  const json::value before =
      own ? json::parse(own->body, error, {}, {.max_depth = 200}) : json::value();
  const bool has_start = before.is_object() && before.get_object().contains("timestamp");
  if (!has_start && call.started.is_set()) change["timestamp"] = to_rfc3339(call.started);
  return {};
}

Result<void> refuse_scores(const json::object& sent) {
  const json::value* again = sent.if_contains("reevaluate_metrics");
  if (again != nullptr && *again != json::value(false) && !again->is_null())
    return Error{ErrorCode::kInvalidArgument, std::string(kNoMetrics), "reevaluate_metrics"};
  const json::value* status = sent.if_contains("status");
  if (status != nullptr && !status->is_null())
    return Error{ErrorCode::kInvalidArgument, std::string(kNoMetrics), "status"};
  return {};
}

Result<http::Response> patch(const Services& services, Question& question) {
  const model::CallSummary saved = TRY(find_log(services, question));
  boost::system::error_code error;
  json::value sent = json::parse(question.request.body, error, {}, {.max_depth = 200});
  if (error || !sent.is_object())
    return Error{ErrorCode::kInvalidArgument, "The body must be a JSON object.", ""};
  TRY(refuse_scores(sent.get_object()));
  json::object change;
  for (auto& [name, value] : sent.get_object()) {
    const bool is_known =
        std::find(std::begin(kMayChange), std::end(kMayChange), name) != std::end(kMayChange);
    if (is_known) change[name] = std::move(value);
  }
  if (change.contains("duration") &&
      (!change["duration"].is_number() || change["duration"].to_number<double>() < 0)) {
    return Error{ErrorCode::kInvalidArgument, "A valid number of minutes is required.", "duration"};
  }
  if (change.contains("duration") && !change.contains("timestamp"))
    TRY(add_start(services, saved, change));
  TRY(change_call(services, saved, model::ReportKind::kObserve, std::move(change)));
  return detail_answer(services, TRY(find_log(services, saved.project, saved.id)));
}

Result<http::Response> remove(const Services& services, Question& question) {
  TRY(remove_call(services, TRY(find_log(services, question)), true));
  return http::Response::empty(204);
}

// The ids in a body such as {"call_logs": [1, 2]}.
Result<std::vector<CallId>> ids_in_body(const http::Request& request) {
  boost::system::error_code error;
  const json::value body = json::parse(request.body, error);
  const json::value* list = nullptr;
  if (!error && body.is_object()) {
    for (const std::string_view name : {"call_logs", "call_log_ids", "ids"}) {
      if (!list) list = body.get_object().if_contains(name);
    }
  }
  if (!list || !list->is_array())
    return Error{ErrorCode::kInvalidArgument, "This field is required: a list of ids.",
                 "call_logs"};
  std::vector<CallId> ids;
  for (const json::value& each : list->get_array()) {
    if (!each.is_int64())
      return Error{ErrorCode::kInvalidArgument, "A valid integer is required.", "call_logs"};
    ids.push_back(each.get_int64());
  }
  return ids;
}

Result<http::Response> remove_many(const Services& services, Question& question) {
  size_t deleted = 0;
  for (const CallId id : TRY(ids_in_body(question.request))) {
    const auto call = find_log(services, question.project, id);
    if (!call) continue;
    TRY(remove_call(services, *call, true));
    ++deleted;
  }
  return answer(fmt::format(R"({{"deleted":{}}})", deleted));
}

// 404 and not 501, upon which the hosted service's own client would ask twice more.
Endpoint not_here(std::string_view why) {
  return [why](const Services&, Question&) -> Result<http::Response> {
    return Error{ErrorCode::kNotFound, std::string(why), ""};
  };
}

// ---- what belongs to a call ----

// {"trace_id", "spans"}: the spans as Tempo gives a trace, which is OTLP in JSON.
Result<http::Response> trace(const Services& services, Question& question) {
  const model::CallSummary call = TRY(find_log(services, question));
  for (const TraceId& id : call.trace_ids) {
    const auto batch = TRY(services.spans.trace(call.project, id));
    if (batch->spans.empty()) continue;
    std::string spans;
    normalise::append_otlp_json(spans, *batch);
    // Tempo's name for what OTLP calls resourceSpans.
    constexpr std::string_view kOtlpName = "{\"resourceSpans\":";
    if (spans.starts_with(kOtlpName)) spans.replace(0, kOtlpName.size(), "{\"batches\":");
    std::string out;
    JsonWriter(out)
        .begin_object()
        .member("trace_id", id.hex())
        .key("spans")
        .raw(spans)
        .end_object();
    return answer(std::move(out));
  }
  return Error{ErrorCode::kNotFound, "The call has no trace, or it has expired.", ""};
}

// The values that a list's pickers offer, of the calls of the last 30 days.
Result<http::Response> filter_values(const Services& services, Question& question) {
  ListQuery query = TRY(read_query(services, question));
  const AgentNames agents = TRY(AgentNames::load(services.catalog, query.calls.project));
  std::set<std::string> ids, numbers, reasons, keys;
  for (const model::CallSummary& call : TRY(find_all(services, query, agents))) {
    if (!call.call_id.empty()) ids.insert(call.call_id);
    if (!call.end_reason.empty()) reasons.insert(call.end_reason);
    for (const auto& [name, value] : call.metadata) {
      if (name == "customer_number") {
        numbers.insert(value);
      } else {
        keys.insert(name);
      }
    }
  }
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  for (const auto& [name, values] :
       {std::pair("call_id", &ids), std::pair("customer_number", &numbers),
        std::pair("call_ended_reason", &reasons), std::pair("metadata", &keys)}) {
    json.key(name).begin_array();
    for (const std::string& value : *values) json.value(value);
    json.end_array();
  }
  json.end_object();
  return answer(std::move(out));
}

}  // namespace

void add_call_log_routes(http::Router& router, const Services& services) {
  for (const std::string_view prefix : kPrefixes) {
    const auto route = [&](std::string method, std::string_view path, Needs needs,
                           Endpoint endpoint) {
      add(router, services, std::move(method), std::string(prefix).append(path), needs,
          std::move(endpoint));
    };
    route("GET", "/", Needs::kRead, list);
    route("GET", "/filters/", Needs::kRead, filter_values);
    route("GET", "/filters_call_id/", Needs::kRead, filter_values);
    route("GET", "/filters_customer_number/", Needs::kRead, filter_values);
    route("POST", "/delete_call_logs/", Needs::kWrite, remove_many);
    route("POST", "/evaluate_metrics/", Needs::kWrite, not_here(kNoMetrics));
    route("POST", "/rerun_evaluation/", Needs::kWrite, not_here(kNoMetrics));
    route("POST", "/{id}/mark_metric_vote/", Needs::kWrite, not_here(kNoMetrics));
    route("POST", "/{id}/mark_critical_scenario_wrong/", Needs::kWrite, not_here(kNoMetrics));
    route("POST", "/{id}/unmark_critical_scenario_wrong/", Needs::kWrite, not_here(kNoMetrics));
    route("GET", "/analyze_call_logs/", Needs::kRead, not_here(kNoMetrics));
    route("POST", "/create_scenarios/", Needs::kWrite, not_here(kNoScenarios));
    route("GET", "/create_scenarios_progress/", Needs::kRead, not_here(kNoScenarios));
    route("GET", "/export_call_logs/", Needs::kRead, not_here(kNoExport));
    route("GET", "/export_call_logs_progress/", Needs::kRead, not_here(kNoExport));
    for (const char* upload : {"/get-upload-url/", "/complete-upload/"}) {
      route("GET", upload, Needs::kWrite, not_here(kNoUpload));
      route("POST", upload, Needs::kWrite, not_here(kNoUpload));
    }
    route("GET", "/{id}/", Needs::kRead, get);
    route("PATCH", "/{id}/", Needs::kWrite, patch);
    route("DELETE", "/{id}/", Needs::kWrite, remove);
    route("GET", "/{id}/trace/", Needs::kRead, trace);
  }
}

}  // namespace callscope::serve::compat
