// Signing in with a password, signing out, and who one is.
#include "serve/endpoint.h"
#include "serve/json_body.h"
#include "serve/routes.h"
#include "serve/session_cookie.h"
#include "serve/sign_ins.h"
#include "serve/user_json.h"
#include "store/catalog/password.h"
#include "store/catalog/users.h"

namespace callscope::serve {
namespace {

// Ample for a name and a password.
constexpr size_t kBodyBytesMax = 16 << 10;

// A proxy may speak TLS for us.
Transport transport_of(const Services& services, const http::Request& request) {
  const bool is_tls = services.info().http.starts_with("https://") ||
                      request.headers.get("x-forwarded-proto") == "https";
  return is_tls ? Transport::kTls : Transport::kPlain;
}

http::Response refused(const SignIns::Refusal& refusal) {
  http::Response response = http::error_response(refusal.error);
  if (refusal.wait.count() > 0)
    response.headers.set("Retry-After", std::to_string(refusal.wait.count()));
  return response;
}

// The content type is one that a page of another origin may not send unasked, so that nobody is
// signed in as somebody else behind their back.
Result<http::Response> sign_in(const Services& services, SignIns& sign_ins,
                               const http::Request& request) {
  if (http::media_type(request.headers.get("content-type")) != "application/json") {
    return Error{ErrorCode::kUnsupported, "the content type must be application/json",
                 "content-type"};
  }
  JsonBody body = TRY(JsonBody::parse(request));
  const std::string name = body.text("name").value_or("");
  if (name.empty()) body.refuse("name", "must be a string that is not empty");
  const std::string password = body.text("password").value_or("");
  if (password.empty()) body.refuse("password", "must be a string that is not empty");
  TRY(body.done());
  auto checked = sign_ins.check(name, password, request.peer.address);
  if (const auto* refusal = std::get_if<SignIns::Refusal>(&checked)) return refused(*refusal);
  const store::User user = std::get<store::User>(checked);
  const TimeNs expires =
      services.clock.now() + DurationNs::from_s(std::chrono::seconds(kSessionLifetime).count());
  const std::string token = TRY(services.catalog.write(
      [&](store::Transaction& t) { return store::begin_session(t, user.id, expires); }));
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("user");
  std::string shown;
  append(shown, user);
  json.raw(shown).time_member("expires_at", expires).end_object();
  http::Response response = answer(201, std::move(out));
  response.headers.add("Set-Cookie", begin_session_cookie(token, transport_of(services, request)));
  return response;
}

http::Response without_cookie(const Services& services, const http::Request& request) {
  http::Response response = http::Response::empty(204);
  response.headers.add("Set-Cookie", end_session_cookie(transport_of(services, request)));
  return response;
}

Result<http::Response> sign_out(const Services& services, Question& question) {
  TRY(question.params.done());
  const auto token = session_token(question.request);
  if (question.caller.user == 0 || !token) {
    return Error{ErrorCode::kPermissionDenied, "an API key has no session to end",
                 "x-cekura-api-key"};
  }
  TRY(services.catalog.write([&](store::Transaction& t) { return store::end_session(t, *token); }));
  return without_cookie(services, question.request);
}

Result<http::Response> get_me(const Services& services, Question& question) {
  TRY(question.params.done());
  const receive::Identity& caller = question.caller;
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .member("project_id", caller.project)
      .member("access", to_string(caller.access))
      .member("admin", caller.admin);
  if (caller.user != 0) {
    const auto found = TRY(store::user_of_id(services.catalog, caller.user));
    if (!found) return not_found(fmt::format("user {}", caller.user));
    std::string shown;
    append(shown, found->user);
    json.key("user").raw(shown);
  }
  json.end_object();
  return answer(std::move(out));
}

// A password of one's own is changed by whoever knows it, and by nobody who finds a screen open.
Result<http::Response> change_me(const Services& services, SignIns& sign_ins, Question& question) {
  TRY(question.params.done());
  JsonBody body = TRY(JsonBody::parse(question.request));
  const std::string known = body.text("current_password").value_or("");
  if (known.empty()) body.refuse("current_password", "must be a string that is not empty");
  const std::string wanted = body.text("password").value_or("");
  if (wanted.empty()) body.refuse("password", "must be a string that is not empty");
  TRY(body.done());
  const auto self = TRY(store::user_of_id(services.catalog, question.caller.user));
  if (!self) {
    return Error{ErrorCode::kPermissionDenied, "an API key has no password to change",
                 "x-cekura-api-key"};
  }
  const auto checked = sign_ins.check(self->user.name, known, question.request.peer.address);
  if (const auto* refusal = std::get_if<SignIns::Refusal>(&checked)) {
    if (refusal->error.code != ErrorCode::kUnauthenticated) return refused(*refusal);
    // Whoever asks is signed in, so this is no 401.
    return Error{ErrorCode::kPermissionDenied, "the current password is wrong", "current_password"};
  }
  const std::string hash = TRY(store::hash_password(wanted));
  TRY(services.catalog.write(
      [&](store::Transaction& t) {
        return store::change_user(t, self->user.id, {.password_hash = hash});
      },
      store::Durability::kPower));
  return without_cookie(services, question.request);
}

}  // namespace

void add_session_routes(http::Router& router, const Services& services, SignIns& sign_ins) {
  router.add(
      "POST", "/api/v1/sessions",
      [&](http::Request request, http::Responder responder) {
        auto response = sign_in(services, sign_ins, request);
        responder.send(response ? std::move(*response) : http::error_response(response.error()));
      },
      {.body_bytes_max = kBodyBytesMax, .unpacked_bytes_max = kBodyBytesMax});
  add_endpoint(router, services, "DELETE", "/api/v1/sessions/current", Needs::kRead, sign_out);
  add_endpoint(router, services, "GET", "/api/v1/me", Needs::kRead, get_me);
  add_endpoint(router, services, "PATCH", "/api/v1/me", Needs::kRead,
               [&sign_ins](const Services& all, Question& question) {
                 return change_me(all, sign_ins, question);
               });
}

}  // namespace callscope::serve
