// Lists of calls, one call, its spans and log lines, and its deletion.
#include <algorithm>
#include <unordered_set>

#include "serve/agent_names.h"
#include "serve/call_json.h"
#include "serve/call_removal.h"
#include "serve/endpoint.h"
#include "serve/live_calls.h"
#include "serve/lookup.h"
#include "serve/routes.h"
#include "serve/span_json.h"
#include "serve/whole_call.h"

namespace callscope::serve {
namespace {

// A search for calls by text looks at so many of the newest spans that have it.
constexpr size_t kTextSpansMax = 5'000;

// The calls with spans that have the text, and the call that is named so.
Result<std::vector<CallId>> calls_with_text(const Services& services, const store::CallQuery& query,
                                            const std::string& text) {
  store::SpanQuery spans;
  spans.project = query.project;
  spans.agent = query.agent;
  spans.started.from = query.started.from;
  spans.text = text;
  spans.limit = 1'000;
  std::vector<TraceId> traces;
  for (size_t seen = 0; seen < kTextSpansMax;) {
    const store::SpanPage page = TRY(services.spans.search(spans));
    for (const model::Span& span : page.batch->spans) traces.push_back(span.trace_id);
    seen += page.batch->spans.size();
    if (!page.next) break;
    spans.cursor = *page.next;
  }
  std::sort(traces.begin(), traces.end());
  traces.erase(std::unique(traces.begin(), traces.end()), traces.end());
  std::vector<CallId> calls = TRY(services.catalog.calls_of_traces(query.project, traces));
  if (const auto named = TRY(services.catalog.call_by_name(query.project, text)))
    calls.push_back(named->id);
  return calls;
}

// Leaves those of which an answer was heard after that long or longer.
Result<void> keep_heard_slower(const Services& services, DurationNs least,
                               store::CallQuery& query) {
  const auto is_slow = [&](const model::Measure& ms) {
    return ms && DurationNs::from_ms(*ms) >= least;
  };
  std::vector<CallId> slow;
  for (const auto& [call, heard] : TRY(heard_between(services, query.project, query.started))) {
    if (std::any_of(heard.begin(), heard.end(), is_slow)) slow.push_back(call);
  }
  if (query.among) {
    const std::unordered_set<CallId> before(query.among->begin(), query.among->end());
    std::erase_if(slow, [&](CallId id) { return !before.contains(id); });
  }
  query.among = std::move(slow);
  return {};
}

// "flag", which may come more than once: a call has all of them.
uint32_t read_flags(Params& params) {
  uint32_t flags = 0;
  for (const std::string& code : params.all("flag")) {
    if (code.empty()) continue;
    const uint32_t before = flags;
    for (int i = 0; i < model::kCallFlagCount; ++i) {
      const auto flag = static_cast<model::CallFlag>(1u << i);
      if (flag_text(flag).code == code) flags |= bit(flag);
    }
    if (flags == before) params.refuse("flag", "is the code of no flag");
  }
  return flags;
}

std::optional<model::CallState> parse_state(std::string_view word) {
  for (const auto state :
       {model::CallState::kRunning, model::CallState::kQuiet, model::CallState::kEnded}) {
    if (to_string(state) == word) return state;
  }
  return std::nullopt;
}

struct Sorting {
  store::CallSort sort = store::CallSort::kStartedAt;
  store::Order order = store::Order::kDescending;
};

// "-started_at" and the like.
std::optional<Sorting> parse_sorting(std::string_view word) {
  const bool is_descending = word.starts_with('-');
  const auto sort = store::parse_call_sort(is_descending ? word.substr(1) : word);
  if (!sort) return std::nullopt;
  return Sorting{*sort, is_descending ? store::Order::kDescending : store::Order::kAscending};
}

Result<http::Response> list_calls(const Services& services, Question& question) {
  Params& params = question.params;
  store::CallQuery query;
  query.project = question.project;
  query.now = services.clock.now();
  query.agent = params.id("agent_id");
  query.started = params.time_range();
  if (params.text("state"))
    query.state = params.word("state", model::CallState::kEnded, parse_state);
  query.model = params.text("model");
  query.tool = params.text("tool");
  query.errors_only = params.flag("error").value_or(false);
  query.flags = read_flags(params);
  query.latency_min = params.milliseconds("min_latency_ms");
  const auto heard_min = params.milliseconds("min_heard_latency_ms");
  query.metadata = params.keyed("metadata");
  const Sorting sorting = params.word("sort", Sorting{}, parse_sorting);
  query.sort = sorting.sort;
  query.order = sorting.order;
  query.limit = params.limit(services.list_limit);
  query.cursor = params.text("cursor").value_or("");
  const auto text = params.text("text");
  TRY(params.done());

  (void)services.save_calls().has_value();
  if (text) query.among = TRY(calls_with_text(services, query, *text));
  if (heard_min) TRY(keep_heard_slower(services, *heard_min, query));
  const store::CallPage found = TRY(services.catalog.list_calls(query));
  const AgentNames agents = TRY(AgentNames::load(services.catalog, question.project));
  PageWriter page;
  const HeardByCall heard = TRY(heard_of(services, question.project, found.calls));
  for (const model::CallSummary& call : found.calls) {
    append_call_summary(page.item(), call, agents, query.now, heard_latency(heard, call.id));
  }
  return answer(std::move(page).finish(found.next));
}

Result<http::Response> get_call(const Services& services, Question& question) {
  TRY(question.params.done());
  const model::CallSummary saved = TRY(find_call(services, question));
  return answer(TRY(whole_call(services, saved)));
}

Result<http::Response> list_call_spans(const Services& services, Question& question) {
  const bool wants_attributes = question.params.flag("attributes").value_or(true);
  const Paging paging(question.params, services.call_part_limit);
  TRY(question.params.done());
  const model::CallSummary saved = TRY(find_call(services, question));
  const calls::CallSpans found = TRY(services.calls.spans(saved));
  SpanJson json(services.classifier, services.prices);
  const SpanForm form = wants_attributes ? SpanForm::kFull : SpanForm::kLight;
  return page_of(found.spans, paging, [&](std::string& out, const calls::CallSpan& span) {
    json.append(out, *span.span, form);
  });
}

Result<http::Response> list_call_logs(const Services& services, Question& question) {
  const Paging paging(question.params, services.call_part_limit);
  TRY(question.params.done());
  const model::CallSummary call = TRY(find_call(services, question));
  const bool shares_trace = !call.anchor.is_zero();
  std::unordered_set<SpanId, SpanIdHash> own;
  // Then a log line belongs to the call that its span belongs to.
  if (shares_trace) own = TRY(span_ids(services, call));

  std::vector<std::unique_ptr<model::LogBatch>> batches;
  std::vector<const model::LogLine*> lines;
  for (const TraceId& trace : call.trace_ids) {
    batches.push_back(TRY(services.spans.logs(question.project, trace)));
    for (const model::LogLine& line : batches.back()->lines) {
      if (!shares_trace || own.contains(line.span_id)) lines.push_back(&line);
    }
  }
  // Those that came with a report.
  std::vector<model::ReportedLog> reported;
  if (!call.reports.empty()) reported = TRY(services.calls.read(call)).logs;
  std::vector<model::Scope> loggers(reported.size());
  std::vector<model::LogLine> of_reports(reported.size());
  for (size_t i = 0; i < reported.size(); ++i) {
    loggers[i].name = reported[i].logger;
    of_reports[i] = {.time = reported[i].time,
                     .severity_text = reported[i].level,
                     .body = model::Value::of(reported[i].message),
                     .scope = &loggers[i]};
    lines.push_back(&of_reports[i]);
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto* a, const auto* b) { return a->time < b->time; });
  SpanJson json(services.classifier, services.prices);
  return page_of(lines, paging, [&](std::string& out, const model::LogLine* line) {
    json.append_log(out, *line);
  });
}

Result<http::Response> delete_call(const Services& services, Question& question) {
  const bool takes_shared = question.params.flag("shared").value_or(false);
  TRY(question.params.done());
  TRY(remove_call(services, TRY(find_call(services, question)), takes_shared));
  return http::Response::empty(204);
}

}  // namespace

void add_call_routes(http::Router& router, const Services& services, LiveCalls& live) {
  add_endpoint(router, services, "GET", "/api/v1/calls", Needs::kRead, list_calls);
  add_endpoint(router, services, "GET", "/api/v1/calls/{id}", Needs::kRead, get_call);
  add_endpoint(router, services, "DELETE", "/api/v1/calls/{id}", Needs::kWrite, delete_call);
  add_endpoint(router, services, "GET", "/api/v1/calls/{id}/spans", Needs::kRead, list_call_spans);
  add_endpoint(router, services, "GET", "/api/v1/calls/{id}/logs", Needs::kRead, list_call_logs);
  router.add("GET", "/api/v1/calls/{id}/events",
             [&](http::Request request, http::Responder responder) {
               if (auto followed = live.follow(request, responder); !followed) {
                 responder.send(http::error_response(followed.error()));
               }
             });
}

}  // namespace callscope::serve
