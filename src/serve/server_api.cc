// The server about itself: who it is, whether it is well, its metrics, its contract, and whether a
// key would do.
#include <algorithm>

#include "serve/endpoint.h"
#include "serve/json_writer.h"
#include "serve/routes.h"

namespace callscope::embedded {
std::string_view openapi();
}

namespace callscope::serve {
namespace {

Result<http::Response> get_server(const Services& services, Question& question) {
  TRY(question.params.done());
  const ServerInfo info = services.info();
  std::string out;
  JsonWriter(out)
      .begin_object()
      .member("version", info.version)
      .member("grpc", info.grpc)
      .member("http", info.http)
      .member("project_id", question.caller.project)
      .member("access", to_string(question.caller.access))
      .member("admin", question.caller.admin)
      .end_object();
  return answer(std::move(out));
}

// For administrators: the keys are those of every project's senders.
Result<http::Response> list_unmapped(const Services& services, Question& question) {
  TRY(question.params.done());
  PageWriter page;
  for (const normalise::UnmappedKey& key : services.classifier.unmapped()) {
    JsonWriter(page.item())
        .begin_object()
        .member("framework", key.framework)
        .member("key", key.key)
        .member("count", key.count)
        .end_object();
  }
  return answer(std::move(page).finish());
}

// Asks the authenticator as a sender would that puts the parameters into its headers.
Result<http::Response> validate(const Services& services, const http::Request& request) {
  Params params(request.query);
  const auto agent = params.text("agent_id");
  const auto project = params.text("project_id");
  TRY(params.done());
  const receive::Identity identity =
      TRY(services.auth.authenticate([&](std::string_view name) -> std::optional<std::string_view> {
        if (agent && name == "x-cekura-agent-id") return *agent;
        if (project && name == "x-cekura-project-id") return *project;
        return request.headers.find(name);
      }));
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("valid", true).member("project_id", identity.project);
  if (identity.agent != 0) json.member("agent_id", identity.agent);
  json.end_object();
  return answer(std::move(out));
}

http::Response metrics(const Services& services, const http::Request& request) {
  // A proxy on this machine speaks for peers elsewhere.
  const bool is_forwarded =
      request.headers.find("X-Forwarded-For") || request.headers.find("Forwarded");
  if (!request.peer.is_loopback || is_forwarded) {
    if (const auto caller = identify(services, request); !caller)
      return http::error_response(caller.error());
  }
  return {200,
          {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
          services.metrics.prometheus()};
}

http::Response ready(const Services& services) {
  const auto state = services.ready();
  return state ? http::Response::text(200, "ready\n") : http::error_response(state.error());
}

}  // namespace

void add_server_routes(http::Router& router, const Services& services) {
  add_endpoint(router, services, "GET", "/api/v1/server", Needs::kRead, get_server);
  add_endpoint(router, services, "GET", "/api/v1/unmapped", Needs::kAdmin, list_unmapped);
  router.add("GET", "/app/otel/validate/", [&](http::Request request, http::Responder responder) {
    auto response = validate(services, request);
    responder.send(response ? std::move(*response) : http::error_response(response.error()));
  });
  router.add("GET", "/api/v1/openapi.json",
             [](http::Request, http::Responder responder) {
               responder.send(http::Response::json(200, http::Body::lasting(embedded::openapi())));
             },
             {.run = http::Run::kInline});
  router.add("GET", "/healthz",
             [](http::Request, http::Responder responder) {
               responder.send(http::Response::text(200, "ok\n"));
             },
             {.run = http::Run::kInline});
  router.add("GET", "/readyz",
             [&](http::Request, http::Responder responder) { responder.send(ready(services)); },
             {.run = http::Run::kInline});
  router.add("GET", "/metrics", [&](http::Request request, http::Responder responder) {
    responder.send(metrics(services, request));
  });
}

}  // namespace callscope::serve
