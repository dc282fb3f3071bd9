#include "serve/compat/compat.h"

#include <fmt/format.h>

#include "serve/json_writer.h"

namespace callscope::serve::compat {
namespace {

Result<http::Response> ask(const Services& services, Needs needs, const Endpoint& endpoint,
                           const http::Request& request) {
  const receive::Identity caller = TRY(identify(services, request));
  TRY(require(needs, caller));
  Params params(request.query);
  Question question{request, params, caller, caller.project};
  return endpoint(services, question);
}

}  // namespace

http::Response error_answer(const Error& error) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  const bool is_about_input =
      error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kConflict;
  if (is_about_input) {
    json.foreign_key(error.field.empty() ? "non_field_errors" : std::string_view(error.field))
        .begin_array()
        .value(error.message)
        .end_array();
  }
  if (!is_about_input || error.code == ErrorCode::kConflict) json.member("detail", error.message);
  json.end_object();
  http::Response response = answer(http::status_of(error.code), std::move(out));
  if (error.code == ErrorCode::kResourceExhausted || error.code == ErrorCode::kUnavailable)
    response.headers.add("Retry-After", "1");
  return response;
}

void add(http::Router& router, const Services& services, std::string method, std::string pattern,
         Needs needs, Endpoint endpoint) {
  const http::RouteOptions options{
      .body_bytes_max = services.report_bytes_max,
      .unpacked_bytes_max = services.report_bytes_max,
      .admit = [&services, needs](const http::Request& request) -> std::optional<http::Response> {
        const auto caller = identify(services, request);
        if (!caller) return error_answer(caller.error());
        const auto allowed = require(needs, *caller);
        if (!allowed) return error_answer(allowed.error());
        return std::nullopt;
      },
      .errors = [](const http::Request&, const Error& error) { return error_answer(error); }};
  router.add(
      std::move(method), std::move(pattern),
      [&services, needs, endpoint = std::move(endpoint)](http::Request request,
                                                         http::Responder responder) {
        auto response = ask(services, needs, endpoint, request);
        responder.send(response ? std::move(*response) : error_answer(response.error()));
      },
      options);
}

Result<AgentId> agent_of(const Services& services, const receive::Identity& caller,
                         std::optional<int64_t> agent, std::string_view assistant,
                         std::string_view field) {
  if (agent) {
    if (services.catalog.agent(caller.project, *agent)) return *agent;
    for (const store::Agent& other : TRY(services.catalog.all_agents())) {
      if (other.id != *agent) continue;
      if (caller.admin) break;
      return Error{ErrorCode::kPermissionDenied,
                   "You do not have permission to perform this action: the agent belongs to "
                   "another project than the key.",
                   std::string(field)};
    }
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("Invalid pk \"{}\" - object does not exist.", *agent),
                 std::string(field)};
  }
  if (!assistant.empty()) {
    return TRY(services.catalog.write([&](store::Transaction& transaction) {
             return transaction.agent_of_service(caller.project, assistant);
           }))
        .id;
  }
  if (caller.agent != 0) return caller.agent;
  return Error{ErrorCode::kInvalidArgument,
               "This field is required: name the agent by its id here, or by assistant_id.",
               std::string(field)};
}

}  // namespace callscope::serve::compat
