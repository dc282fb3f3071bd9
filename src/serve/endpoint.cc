#include "serve/endpoint.h"

#include <charconv>

#include "serve/json_body.h"
#include "serve/json_writer.h"
#include "serve/session_cookie.h"

namespace callscope::serve {
namespace {

Result<http::Response> ask(const Services& services, Needs needs, const Endpoint& endpoint,
                           const http::Request& request) {
  const receive::Identity caller = TRY(identify(services, request));
  TRY(require(needs, caller));
  Params params(request.query);
  const ProjectId project = TRY(project_of(params, caller));
  Question question{request, params, caller, project};
  return endpoint(services, question);
}

std::optional<int64_t> whole_number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

void add_endpoint(http::Router& router, const Services& services, std::string method,
                  std::string pattern, Needs needs, Endpoint endpoint) {
  router.add(
      std::move(method), std::move(pattern),
      [&services, needs, endpoint = std::move(endpoint)](http::Request request,
                                                         http::Responder responder) {
        auto response = ask(services, needs, endpoint, request);
        responder.send(response ? std::move(*response) : http::error_response(response.error()));
      });
}

// A key counts before a session: who sends one means it.
Result<receive::Identity> identify(const Services& services, const http::Request& request) {
  const receive::HeaderLookup header = [&](std::string_view name) {
    return request.headers.find(name);
  };
  const auto token = session_token(request);
  if (!token || receive::sent_key(header)) return services.auth.authenticate(header);
  TRY(expect_page_of_ours(request));
  return services.auth.authenticate_session(*token);
}

Result<void> require(Needs needs, const receive::Identity& caller) {
  if (needs == Needs::kAdmin && !caller.admin) {
    return Error{ErrorCode::kPermissionDenied, "this takes an administrator, or the key of one",
                 caller.user == 0 ? "x-cekura-api-key" : ""};
  }
  return needs == Needs::kRead ? Result<void>() : receive::require_write(caller);
}

Result<ProjectId> project_of(Params& params, const receive::Identity& caller) {
  const auto named = params.id("project_id");
  if (!named || *named == caller.project) return caller.project;
  if (caller.admin) return *named;
  return Error{ErrorCode::kPermissionDenied, "project_id must be the project of the key",
               "project_id"};
}

Result<ProjectId> project_in_body(const Services& services, const Question& question,
                                  JsonBody& body) {
  const ProjectId named = body.id("project_id").value_or(question.project);
  TRY(body.done());
  if (named == question.caller.project) return named;
  if (!question.caller.admin) {
    return Error{ErrorCode::kPermissionDenied, "project_id must be the project of the key",
                 "project_id"};
  }
  if (!services.catalog.project(named)) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("there is no project {}", named),
                 "project_id"};
  }
  return named;
}

Result<ProjectId> project_in_path(const Services& services, const Question& question) {
  const ProjectId id = TRY(path_id(question.request, "id"));
  if (id != question.caller.project && !question.caller.admin) {
    return Error{ErrorCode::kPermissionDenied, "the project is not that of the key", "id"};
  }
  TRY(services.catalog.project(id));
  return id;
}

http::Response answer(std::string json) { return answer(200, std::move(json)); }

http::Response answer(int status, std::string json) {
  http::Response response = http::Response::json(status, std::move(json));
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

std::string PageWriter::finish(const std::optional<std::string>& next) && {
  out_ += R"(],"next":)";
  if (next) {
    append_json_string(out_, *next);
  } else {
    out_ += "null";
  }
  out_ += '}';
  return std::move(out_);
}

Paging::Paging(Params& params, LimitRange range) : limit_(params.limit(range)) {
  const auto cursor = params.text("cursor");
  if (!cursor) return;
  const auto position = whole_number(*cursor);
  if (position) {
    begin_ = static_cast<size_t>(*position);
  } else {
    params.refuse("cursor", "is not one that this list gave");
  }
}

Slice Paging::slice(size_t size) const {
  Slice slice;
  slice.begin = std::min(begin_, size);
  slice.end = std::min(slice.begin + limit_, size);
  if (slice.end < size) slice.next = std::to_string(slice.end);
  return slice;
}

Error not_found(std::string_view what) {
  return {ErrorCode::kNotFound, fmt::format("there is no {}", what), ""};
}

Result<int64_t> path_id(const http::Request& request, std::string_view name) {
  if (const auto id = whole_number(request.parameter(name))) return *id;
  return Error{ErrorCode::kInvalidArgument, fmt::format("{} must be a whole number", name),
               std::string(name)};
}

Result<TraceId> path_trace_id(const http::Request& request) {
  if (const auto id = TraceId::from_hex(request.parameter("trace_id"))) return *id;
  return Error{ErrorCode::kInvalidArgument, "trace_id must be 32 hex digits", "trace_id"};
}

}  // namespace callscope::serve
