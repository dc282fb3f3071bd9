// Writing calls by our own API: making one, changing it, and merging and splitting by hand.
#include <boost/json.hpp>

#include "calls/call_edits.h"
#include "normalise/report.h"
#include "serve/call_change.h"
#include "serve/call_removal.h"
#include "serve/endpoint.h"
#include "serve/lookup.h"
#include "serve/routes.h"
#include "serve/whole_call.h"

namespace callscope::serve {
namespace {

namespace json = boost::json;
using model::ReportKind;

Result<json::value> parse_body(const http::Request& request) {
  boost::system::error_code error;
  json::value body = json::parse(request.body, error, {}, {.max_depth = 200});
  if (error) return Error{ErrorCode::kInvalidArgument, "the body must be JSON", "body"};
  return body;
}

Result<json::object> parse_object(const http::Request& request) {
  json::value body = TRY(parse_body(request));
  if (!body.is_object())
    return Error{ErrorCode::kInvalidArgument, "the body must be a JSON object", "body"};
  return std::move(body.get_object());
}

Result<http::Response> show(const Services& services, ProjectId project, CallId id, int status) {
  const model::CallSummary saved = TRY(find_call(services, project, id));
  return answer(status, TRY(whole_call(services, saved)));
}

Result<AgentId> agent_of(const Services& services, const Question& question,
                         const model::Report& report) {
  if (!report.agent_id) return question.caller.agent;
  if (services.catalog.agent(question.project, *report.agent_id)) return *report.agent_id;
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("the project has no agent {}", *report.agent_id), "agent_id"};
}

// Posting the same call_id again changes the call that is there.
Result<http::Response> create(const Services& services, Question& question) {
  TRY(question.params.done());
  calls::ReportToSave to_save;
  to_save.body = question.request.body;
  to_save.report =
      TRY(normalise::read_report(ReportKind::kApi, to_save.body, services.report_limits));
  to_save.project = question.project;
  to_save.agent = TRY(agent_of(services, question, to_save.report));
  const calls::SavedAs saved = TRY(services.reports.save(std::move(to_save)));
  return show(services, question.project, saved.call, saved.is_new ? 201 : 200);
}

Result<http::Response> change(const Services& services, Question& question) {
  TRY(question.params.done());
  const model::CallSummary call = TRY(find_call(services, question));
  TRY(change_call(services, call, ReportKind::kApi, TRY(parse_object(question.request))));
  return show(services, question.project, call.id, 200);
}

// The body is the list, or {"transcript": the list, "transcript_type": its dialect}.
Result<http::Response> put_transcript(const Services& services, Question& question) {
  TRY(question.params.done());
  const model::CallSummary call = TRY(find_call(services, question));
  json::value body = TRY(parse_body(question.request));
  json::object changed;
  if (body.is_object() && body.get_object().contains("transcript")) {
    changed = std::move(body.get_object());
  } else if (body.is_array()) {
    changed["transcript"] = std::move(body);
  } else {
    return Error{ErrorCode::kInvalidArgument, "must be a list of entries", "transcript"};
  }
  TRY(change_call(services, call, ReportKind::kApi, std::move(changed)));
  return show(services, question.project, call.id, 200);
}

// {"items": [{"time", "level", "logger", "message"}]}, added to those that were posted before.
Result<http::Response> add_logs(const Services& services, Question& question) {
  TRY(question.params.done());
  const model::CallSummary call = TRY(find_call(services, question));
  json::object body = TRY(parse_object(question.request));
  if (!body.contains("items") || !body["items"].is_array())
    return Error{ErrorCode::kInvalidArgument, "must be a list of log lines", "items"};
  json::array lines;
  const auto known = TRY(own_report(services, call, ReportKind::kApi));
  if (known) {
    boost::system::error_code error;
    json::value before = json::parse(known->body, error, {}, {.max_depth = 200});
    if (!error && before.is_object()) {
      if (json::value* logs = before.get_object().if_contains("logs"); logs && logs->is_array())
        lines = std::move(logs->get_array());
    }
  }
  for (json::value& line : body["items"].get_array()) lines.push_back(std::move(line));
  json::object changed;
  changed["logs"] = std::move(lines);
  TRY(change_call(services, call, ReportKind::kApi, std::move(changed)));
  return show(services, question.project, call.id, 200);
}

Result<std::vector<std::string>> texts_in(const json::object& body, std::string_view name) {
  const json::value* list = body.if_contains(name);
  std::vector<std::string> texts;
  if (list && list->is_array()) {
    for (const json::value& each : list->get_array()) {
      if (each.is_string()) texts.emplace_back(each.get_string());
      if (each.is_int64()) texts.push_back(std::to_string(each.get_int64()));
    }
  }
  if (texts.empty())
    return Error{ErrorCode::kInvalidArgument, "must be a list and not empty", std::string(name)};
  return texts;
}

Result<http::Response> merge(const Services& services, Question& question) {
  TRY(question.params.done());
  std::vector<model::CallSummary> all{TRY(find_call(services, question))};
  const json::object body = TRY(parse_object(question.request));
  for (const std::string& id : TRY(texts_in(body, "with"))) {
    all.push_back(
        TRY(find_call(services, question.project, std::strtoll(id.c_str(), nullptr, 10), "with")));
    if (all.back().id == all.front().id)
      return Error{ErrorCode::kInvalidArgument, "a call can't be merged with itself", "with"};
  }
  TRY(calls::merge_calls(services.catalog, services.book, services.clock, all));
  return show(services, question.project, all.front().id, 200);
}

Result<http::Response> split(const Services& services, Question& question) {
  TRY(question.params.done());
  const model::CallSummary call = TRY(find_call(services, question));
  const json::object body = TRY(parse_object(question.request));
  std::vector<TraceId> parts;
  for (const std::string& text : TRY(texts_in(body, "parts"))) {
    const auto id = TraceId::from_hex(text);
    if (!id) {
      return Error{ErrorCode::kInvalidArgument, fmt::format("\"{}\" is the id of no part", text),
                   "parts"};
    }
    parts.push_back(*id);
  }
  TRY(calls::split_call(services.catalog, services.book, services.clock, call, parts));
  return show(services, question.project, call.id, 200);
}

Result<http::Response> undo(const Services& services, Question& question) {
  TRY(question.params.done());
  const model::CallSummary call = TRY(find_call(services, question));
  TRY(calls::undo_edit(services.catalog, services.book, call));
  return show(services, question.project, call.id, 200);
}

// {"agent_id", "session_id", "trace_id"}: an SDK takes back what it has sent of a session. Spans of
// the trace that come later are dropped too.
Result<http::Response> withdraw(const Services& services, Question& question) {
  TRY(question.params.done());
  const json::object body = TRY(parse_object(question.request));
  const auto text = [&](std::string_view name) -> std::string {
    const json::value* member = body.if_contains(name);
    return member && member->is_string() ? std::string(member->get_string()) : std::string();
  };
  const std::string session = text("session_id");
  if (session.empty()) {
    return Error{ErrorCode::kInvalidArgument, "must be a string that is not empty", "session_id"};
  }
  const std::string trace_text = text("trace_id");
  const auto trace = TraceId::from_hex(trace_text);
  if (!trace_text.empty() && !trace)
    return Error{ErrorCode::kInvalidArgument, "must be 32 hex digits", "trace_id"};
  (void)services.save_calls().has_value();
  std::vector<CallId> ids;
  if (trace) {
    ids = TRY(services.catalog.calls_of_trace(question.project, *trace));
  } else if (const auto named = TRY(services.catalog.call_by_name(question.project, session))) {
    const json::value* agent = body.if_contains("agent_id");
    const bool is_other = agent && agent->is_int64() && agent->get_int64() != named->agent;
    if (!is_other) ids.push_back(named->id);
  }
  for (const CallId id : ids) {
    const auto call = TRY(services.catalog.call(question.project, id));
    if (call) TRY(remove_call(services, *call, true));
  }
  if (trace) {
    TRY(services.spans.remove_trace(question.project, *trace));
    services.forget_trace(question.project, *trace);
  }
  return answer(R"({"withdrawn":true})");
}

}  // namespace

void add_call_write_routes(http::Router& router, const Services& services) {
  add_endpoint(router, services, "POST", "/api/v1/calls", Needs::kWrite, create);
  add_endpoint(router, services, "PATCH", "/api/v1/calls/{id}", Needs::kWrite, change);
  add_endpoint(router, services, "PUT", "/api/v1/calls/{id}/transcript", Needs::kWrite,
               put_transcript);
  add_endpoint(router, services, "POST", "/api/v1/calls/{id}/logs", Needs::kWrite, add_logs);
  add_endpoint(router, services, "POST", "/api/v1/calls/{id}/merge", Needs::kWrite, merge);
  add_endpoint(router, services, "POST", "/api/v1/calls/{id}/split", Needs::kWrite, split);
  add_endpoint(router, services, "POST", "/api/v1/calls/{id}/undo", Needs::kWrite, undo);
  add_endpoint(router, services, "POST", "/api/v1/sessions/withdraw", Needs::kWrite, withdraw);
}

}  // namespace callscope::serve
