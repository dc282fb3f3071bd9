// Users: signing in with a password, what each role may do, and what ends a session.
#include <gtest/gtest.h>

#include "serve/api_fixture.h"

namespace callscope::serve {
namespace {

constexpr const char* kPassword = "correct horse";

class UsersTest : public ApiTest {
 protected:
  int64_t make_user(std::string_view name, std::string_view role, ProjectId project = 1) {
    return json("POST", "/api/v1/users", 201, admin_key,
                fmt::format(R"({{"name":"{}","password":"{}","role":"{}","project_id":{}}})", name,
                            kPassword, role, project))
        .at("id")
        .as_int64();
  }

  http::ClientResponse try_sign_in(std::string_view name, std::string_view password) {
    return http::fetch(server_->port(), "POST", "/api/v1/sessions",
                       {{"Content-Type", "application/json"}},
                       fmt::format(R"({{"name":"{}","password":"{}"}})", name, password));
  }
  // The Cookie header of a new session.
  std::string sign_in(std::string_view name, std::string_view password = kPassword) {
    const http::ClientResponse response = try_sign_in(name, password);
    EXPECT_EQ(response.status, 201) << response.body;
    const std::string_view set = response.headers.get("Set-Cookie");
    return std::string(set.substr(0, set.find(';')));
  }

  enum class Sends { kPageHeader, kCookieOnly };
  http::ClientResponse as(const std::string& cookie, std::string_view method,
                          std::string_view target, std::string_view body = {},
                          Sends sends = Sends::kPageHeader) {
    http::Headers headers{{"Cookie", "theme=dark; " + cookie}};
    if (sends == Sends::kPageHeader) headers.add("x-callscope-page", "1");
    return http::fetch(server_->port(), method, target, headers, body);
  }
};

TEST_F(UsersTest, SignsInAndOut) {
  make_user("Ada@example.com", "member");
  const http::ClientResponse response = try_sign_in("ada@EXAMPLE.com", kPassword);
  EXPECT_EQ(response.status, 201);
  const std::string set(response.headers.get("Set-Cookie"));
  for (const char* part : {"; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=604800"})
    EXPECT_NE(set.find(part), std::string::npos) << set;
  EXPECT_EQ(set.find("Secure"), std::string::npos);
  const std::string cookie = set.substr(0, set.find(';'));

  const auto me = boost::json::parse(as(cookie, "GET", "/api/v1/me").body);
  EXPECT_EQ(me.at_pointer("/user/name").as_string(), "Ada@example.com");
  EXPECT_EQ(me.at("access").as_string(), "read-write");
  EXPECT_FALSE(me.at("admin").as_bool());
  EXPECT_EQ(get("/api/v1/me").as_object().contains("user"), false);

  const http::ClientResponse out = as(cookie, "DELETE", "/api/v1/sessions/current");
  EXPECT_EQ(out.status, 204);
  EXPECT_NE(out.headers.get("Set-Cookie").find("Max-Age=0"), std::string_view::npos);
  EXPECT_EQ(as(cookie, "GET", "/api/v1/me").status, 401);
  EXPECT_EQ(ask("DELETE", "/api/v1/sessions/current", admin_key).status, 403);
}

TEST_F(UsersTest, GivesASecureCookieBehindAProxyThatSpeaksTls) {
  make_user("ada", "viewer");
  const http::ClientResponse response =
      http::fetch(server_->port(), "POST", "/api/v1/sessions",
                  {{"Content-Type", "application/json"}, {"X-Forwarded-Proto", "https"}},
                  fmt::format(R"({{"name":"ada","password":"{}"}})", kPassword));
  EXPECT_NE(response.headers.get("Set-Cookie").find("; Secure"), std::string_view::npos);
}

TEST_F(UsersTest, RefusesWrongPasswordsAlikeAndThenMakesWait) {
  make_user("ada", "viewer");
  const http::ClientResponse wrong = try_sign_in("ada", "not her password");
  const http::ClientResponse unknown = try_sign_in("bob", "not her password");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(wrong.body, unknown.body);
  for (int i = 1; i < 10; ++i) EXPECT_EQ(try_sign_in("ada", "guess").status, 401);
  const http::ClientResponse late = try_sign_in("ada", kPassword);
  EXPECT_EQ(late.status, 429);
  EXPECT_EQ(late.headers.get("Retry-After"), "300");
  EXPECT_NE(late.body.find("try again in 300 s"), std::string::npos);
  shared_clock.advance(DurationNs::from_s(301));
  EXPECT_EQ(try_sign_in("ada", kPassword).status, 201);
}

TEST_F(UsersTest, NeedsAHeaderThatOtherSitesCannotSend) {
  make_user("ada", "member");
  const std::string cookie = sign_in("ada");
  const char* body = R"({"name":"slow","query":""})";
  EXPECT_EQ(as(cookie, "POST", "/api/v1/views", body, Sends::kCookieOnly).status, 403);
  EXPECT_EQ(as(cookie, "GET", "/api/v1/views", {}, Sends::kCookieOnly).status, 200);
  EXPECT_EQ(as(cookie, "POST", "/api/v1/views", body).status, 201);
  // Nor can a form sign anybody in.
  EXPECT_EQ(http::fetch(server_->port(), "POST", "/api/v1/sessions",
                        {{"Content-Type", "text/plain"}}, R"({"name":"ada","password":"x"})")
                .status,
            415);
}

TEST_F(UsersTest, LetsEachRoleDoWhatItMay) {
  make_user("viewer", "viewer");
  make_user("member", "member");
  make_user("admin", "admin");
  const std::string viewer = sign_in("viewer");
  const std::string member = sign_in("member");
  const std::string admin = sign_in("admin");
  const auto statuses = [&](std::string_view method, std::string_view target,
                            std::string_view body = {}) {
    return std::array<int, 3>{as(viewer, method, target, body).status,
                              as(member, method, target, body).status,
                              as(admin, method, target, body).status};
  };
  EXPECT_EQ(statuses("GET", "/api/v1/calls"), (std::array<int, 3>{200, 200, 200}));
  EXPECT_EQ(statuses("DELETE", "/api/v1/views/9"), (std::array<int, 3>{403, 404, 404}));
  EXPECT_EQ(statuses("GET", "/api/v1/users"), (std::array<int, 3>{403, 403, 200}));
  EXPECT_EQ(statuses("POST", "/api/v1/projects", R"({"name":"x"})"),
            (std::array<int, 3>{403, 403, 201}));
  EXPECT_EQ(statuses("GET", "/api/v1/calls?project_id=2"), (std::array<int, 3>{403, 403, 200}));
}

TEST_F(UsersTest, EndsSessionsWithTheirReason) {
  const int64_t ada = make_user("ada", "member");
  make_user("root", "admin");
  const std::string root = sign_in("root");
  const std::string path = fmt::format("/api/v1/users/{}", ada);

  std::string cookie = sign_in("ada");
  EXPECT_EQ(as(root, "PATCH", path, R"({"role":"viewer"})").status, 200);
  EXPECT_EQ(as(cookie, "DELETE", "/api/v1/views/9").status, 403);  // at once
  EXPECT_EQ(as(root, "PATCH", path, R"({"password":"another phrase"})").status, 200);
  EXPECT_EQ(as(cookie, "GET", "/api/v1/me").status, 401);

  cookie = sign_in("ada", "another phrase");
  const std::string other = sign_in("ada", "another phrase");
  EXPECT_EQ(as(cookie, "PATCH", "/api/v1/me",
               R"({"current_password":"wrong","password":"a third phrase"})")
                .status,
            403);
  EXPECT_EQ(as(cookie, "PATCH", "/api/v1/me",
               R"({"current_password":"another phrase","password":"a third phrase"})")
                .status,
            204);
  EXPECT_EQ(as(cookie, "GET", "/api/v1/me").status, 401);
  EXPECT_EQ(as(other, "GET", "/api/v1/me").status, 401);

  cookie = sign_in("ada", "a third phrase");
  shared_clock.advance(DurationNs::from_s(7 * 24 * 3600));
  EXPECT_EQ(as(cookie, "GET", "/api/v1/me").status, 401);

  cookie = sign_in("ada", "a third phrase");
  EXPECT_EQ(ask("DELETE", path, admin_key).status, 204);
  EXPECT_EQ(as(cookie, "GET", "/api/v1/me").status, 401);
  EXPECT_EQ(try_sign_in("ada", "a third phrase").status, 401);
}

TEST_F(UsersTest, KeepsTheLastAdministrator) {
  const int64_t root = make_user("root", "admin");
  const std::string path = fmt::format("/api/v1/users/{}", root);
  EXPECT_EQ(json("DELETE", path, 409, admin_key).at_pointer("/error/field").as_string(), "id");
  EXPECT_EQ(ask("PATCH", path, admin_key, R"({"role":"member"})").status, 409);
  make_user("second", "admin");
  EXPECT_EQ(ask("PATCH", path, admin_key, R"({"role":"member"})").status, 200);
  EXPECT_EQ(ask("DELETE", path, admin_key).status, 204);
  EXPECT_EQ(ask("DELETE", path, admin_key).status, 404);
}

TEST_F(UsersTest, NamesTheMemberAtFault) {
  make_user("ada", "viewer");
  const auto field = [&](int status, std::string_view body) {
    return std::string(json("POST", "/api/v1/users", status, admin_key, body)
                           .at_pointer("/error/field")
                           .as_string());
  };
  EXPECT_EQ(field(400, R"({"name":"x","password":"short"})"), "password");
  EXPECT_EQ(field(400, R"({"password":"long enough"})"), "name");
  EXPECT_EQ(field(400, R"({"name":" x","password":"long enough"})"), "name");
  EXPECT_EQ(field(400, R"({"name":"x","password":"long enough","role":"king"})"), "role");
  EXPECT_EQ(field(400, R"({"name":"x","password":"long enough","project_id":99})"), "project_id");
  EXPECT_EQ(field(409, R"({"name":"ADA","password":"long enough"})"), "name");
  EXPECT_EQ(ask("PATCH", "/api/v1/users/1", admin_key, "{}").status, 400);
  EXPECT_EQ(
      ask("PATCH", "/api/v1/me", admin_key, R"({"current_password":"x","password":"long enough"})")
          .status,
      403);
  const std::string listed = boost::json::serialize(get("/api/v1/users"));
  EXPECT_EQ(listed.find("argon"), std::string::npos);
  EXPECT_EQ(listed.find(kPassword), std::string::npos);
}

}  // namespace
}  // namespace callscope::serve
