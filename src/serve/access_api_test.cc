// Who may ask what: keys, projects, administration, errors and the routes beside the API proper.
#include <gtest/gtest.h>

#include "serve/api_fixture.h"

namespace callscope::serve {
namespace {

class AccessTest : public ApiTest {
 protected:
  std::string text_at(const boost::json::value& json, const char* pointer) {
    return std::string(json.at_pointer(pointer).as_string());
  }
};

TEST_F(AccessTest, SaysWhoAsks) {
  const boost::json::value server = get("/api/v1/server");
  EXPECT_EQ(server, (boost::json::value{{"version", "0.1.0"},
                                        {"grpc", "127.0.0.1:4317"},
                                        {"http", "http://127.0.0.1:4318"},
                                        {"project_id", 1},
                                        {"access", "read-write"},
                                        {"admin", true}}));
  for (const std::string_view name : {"x-cekura-api-key", "X-Callscope-Api-Key"}) {
    EXPECT_EQ(
        http::fetch(server_->port(), "GET", "/api/v1/server", {{std::string(name), admin_key}})
            .status,
        200);
  }
  EXPECT_EQ(http::fetch(server_->port(), "GET", "/api/v1/server",
                        {{"Authorization", "Bearer " + admin_key}})
                .status,
            200);
}

TEST_F(AccessTest, NeedsAKeyOnEveryRouteOfTheApi) {
  size_t checked = 0;
  for (const http::Route& route : router_->routes()) {
    if (!route.pattern.starts_with("/api/") && !route.pattern.starts_with("/jaeger/")) continue;
    if (route.pattern.ends_with("openapi.json")) continue;
    if (route.pattern.ends_with("/play")) continue;     // a link takes the place of a key
    if (route.pattern == "/api/v1/sessions") continue;  // a password does
    std::string path = route.pattern;
    for (size_t open; (open = path.find('{')) != std::string::npos;)
      path.replace(open, path.find('}') - open + 1, "1");
    EXPECT_EQ(ask(route.method, path, "").status, 401) << route.method << " " << path;
    EXPECT_EQ(ask(route.method, path, "cs_wrong").status, 401) << route.method << " " << path;
    ++checked;
  }
  EXPECT_GT(checked, 20u);
}

// Two projects with one call each: what a key of one asks, it learns nothing of the other.
TEST_F(AccessTest, KeepsProjectsApart) {
  const ProjectId other = make_project("other").id;
  const AgentId agent = make_agent(other, "their agent").id;
  const std::string key = make_key(other, store::Access::kReadWrite);
  receive_call(1);
  receive_call(2, other, agent);
  const CallId mine = call_of(1);
  const CallId theirs = call_of(2, other);

  EXPECT_EQ(json("GET", "/api/v1/calls", 200, key).at_pointer("/items/0/id").as_int64(), theirs);
  EXPECT_EQ(json("GET", "/api/v1/calls", 200, key).at("items").as_array().size(), 1u);
  for (const char* part : {"", "/spans", "/logs", "/events"}) {
    EXPECT_EQ(error(fmt::format("/api/v1/calls/{}{}", mine, part), 404, key), "not_found ");
  }
  EXPECT_EQ(ask("DELETE", fmt::format("/api/v1/calls/{}", mine), key).status, 404);
  EXPECT_EQ(error("/api/v1/traces/ab000000000000000000000000000001", 404, key), "not_found ");
  EXPECT_EQ(
      error("/api/v1/traces/ab000000000000000000000000000001/spans/cd00000000000001", 404, key),
      "not_found ");
  EXPECT_EQ(ask("GET", "/jaeger/api/traces/ab000000000000000000000000000001", key).status, 404);
  EXPECT_EQ(json("GET", "/jaeger/api/traces?traceID=ab000000000000000000000000000001", 200, key)
                .at("data")
                .as_array()
                .size(),
            0u);
  const boost::json::value their_spans = json("GET", "/api/v1/spans", 200, key);
  for (const auto& span : their_spans.at("items").as_array()) {
    EXPECT_EQ(text_at(span, "/trace_id"), "ab000000000000000000000000000002");
  }
  EXPECT_EQ(json("GET", "/api/v1/projects", 200, key).at("items").as_array().size(), 1u);
  EXPECT_EQ(text_at(json("GET", "/api/v1/agents", 200, key), "/items/0/name"), "their agent");
  for (const char* path : {"calls", "spans", "stats/latency", "stats/tokens", "stats/cost",
                           "stats/tools", "stats/turns", "agents", "projects", "server"}) {
    EXPECT_EQ(error(fmt::format("/api/v1/{}?project_id=1", path), 403, key),
              "permission_denied project_id");
    EXPECT_EQ(ask("GET", fmt::format("/api/v1/{}?project_id={}", path, other), key).status, 200);
  }
  for (const char* path : {"stats/latency", "stats/tokens", "stats/cost", "stats/tools"}) {
    json("GET", fmt::format("/api/v1/{}", path), 200, key);
    EXPECT_EQ(spans.last_stats.project, other);
  }
  EXPECT_EQ(json("POST", "/api/v1/agents", 403, key, R"({"name":"spy","project_id":1})")
                .at_pointer("/error/field"),
            "project_id");
  // An administrator sees either, one at a time.
  EXPECT_EQ(
      get(fmt::format("/api/v1/calls?project_id={}", other)).at_pointer("/items/0/id").as_int64(),
      theirs);
  EXPECT_EQ(get("/api/v1/calls").at_pointer("/items/0/id").as_int64(), mine);
}

TEST_F(AccessTest, LetsReadOnlyKeysRead) {
  receive_call(1);
  const std::string key = make_key(1, store::Access::kReadOnly);
  const CallId id = call_of(1);
  EXPECT_EQ(ask("GET", "/api/v1/calls", key).status, 200);
  EXPECT_EQ(ask("DELETE", fmt::format("/api/v1/calls/{}", id), key).status, 403);
  EXPECT_EQ(ask("POST", "/api/v1/agents", key, R"({"name":"a"})").status, 403);
  EXPECT_EQ(ask("GET", fmt::format("/api/v1/calls/{}", id), key).status, 200);
}

TEST_F(AccessTest, NamesWhatIsWrongWithARequest) {
  EXPECT_EQ(error("/api/v1/calls?limit=0", 400), "invalid_argument limit");
  EXPECT_EQ(error("/api/v1/calls?limit=1001", 400), "invalid_argument limit");
  EXPECT_EQ(error("/api/v1/calls?colour=red", 400), "invalid_argument colour");
  EXPECT_EQ(error("/api/v1/calls?sort=name", 400), "invalid_argument sort");
  EXPECT_EQ(error("/api/v1/calls?state=over", 400), "invalid_argument state");
  EXPECT_EQ(error("/api/v1/calls?cursor=nonsense", 400), "invalid_argument cursor");
  EXPECT_EQ(error("/api/v1/calls?from=yesterday", 400), "invalid_argument from");
  EXPECT_EQ(error("/api/v1/calls/seven", 400), "invalid_argument id");
  EXPECT_EQ(error("/api/v1/calls/7", 404), "not_found ");
  EXPECT_EQ(error("/api/v1/calls/7/spans?cursor=x", 400), "invalid_argument cursor");
  EXPECT_EQ(json("GET", "/api/v1/calls", 401, "").at_pointer("/error/field"), "x-cekura-api-key");
  EXPECT_EQ(ask("PUT", "/api/v1/calls", admin_key).headers.get("Allow"), "GET, HEAD, POST");
}

TEST_F(AccessTest, AdministersProjectsAgentsAndKeys) {
  const boost::json::value project =
      json("POST", "/api/v1/projects", 201, admin_key, R"({"name":"clinic"})");
  const int64_t id = project.at("id").as_int64();
  EXPECT_EQ(text_at(project, "/name"), "clinic");
  EXPECT_EQ(get("/api/v1/projects").at("items").as_array().size(), 2u);
  EXPECT_EQ(text_at(get("/api/v1/projects?limit=1"), "/next"), "1");

  const boost::json::value agent = json("POST", "/api/v1/agents", 201, admin_key,
                                        fmt::format(R"({{"name":"nurse","project_id":{}}})", id));
  EXPECT_EQ(agent.at("project_id").as_int64(), id);

  const boost::json::value made =
      json("POST", "/api/v1/keys", 201, admin_key,
           fmt::format(R"({{"project_id":{},"access":"read-only","name":"board"}})", id));
  const std::string secret = text_at(made, "/key");
  EXPECT_EQ(json("GET", "/api/v1/server", 200, secret).at("project_id").as_int64(), id);
  EXPECT_EQ(text_at(json("GET", "/api/v1/server", 200, secret), "/access"), "read-only");
  const boost::json::value listed = get(fmt::format("/api/v1/keys?project_id={}", id));
  EXPECT_EQ(text_at(listed, "/items/0/name"), "board");
  EXPECT_EQ(boost::json::serialize(listed).find(secret), std::string::npos);

  EXPECT_EQ(
      ask("DELETE", fmt::format("/api/v1/keys/{}", made.at("id").as_int64()), admin_key).status,
      204);
  shared_clock.advance(DurationNs::from_s(2));
  EXPECT_EQ(ask("GET", "/api/v1/server", secret).status, 401);
  EXPECT_EQ(ask("DELETE", "/api/v1/keys/999", admin_key).status, 404);
}

TEST_F(AccessTest, KeepsAdministrationToAdministrators) {
  const std::string key = make_key(1, store::Access::kReadWrite);
  EXPECT_EQ(ask("POST", "/api/v1/projects", key, R"({"name":"x"})").status, 403);
  EXPECT_EQ(ask("GET", "/api/v1/keys", key).status, 403);
  EXPECT_EQ(ask("POST", "/api/v1/keys", key, "{}").status, 403);
  EXPECT_EQ(ask("DELETE", "/api/v1/keys/1", key).status, 403);
  EXPECT_EQ(ask("GET", "/api/v1/unmapped", key).status, 403);
  EXPECT_EQ(json("DELETE", "/api/v1/keys/1", 409, admin_key).at_pointer("/error/field"), "id");
}

TEST_F(AccessTest, ReadsBodiesStrictly) {
  const auto field = [&](const char* path, std::string_view body) {
    return text_at(json("POST", path, 400, admin_key, body), "/error/field");
  };
  EXPECT_EQ(field("/api/v1/projects", "no json"), "body");
  EXPECT_EQ(field("/api/v1/projects", "[]"), "body");
  EXPECT_EQ(field("/api/v1/projects", "{}"), "name");
  EXPECT_EQ(field("/api/v1/projects", R"({"name":7})"), "name");
  EXPECT_EQ(field("/api/v1/projects", R"({"name":"a","colour":"red"})"), "colour");
  EXPECT_EQ(field("/api/v1/agents", R"({"name":"a","project_id":99})"), "project_id");
  EXPECT_EQ(field("/api/v1/agents", R"({"name":"a","project_id":"one"})"), "project_id");
  EXPECT_EQ(field("/api/v1/keys", R"({"access":"everything"})"), "access");
}

TEST_F(AccessTest, ValidatesKeysAsTheHostedServiceDoes) {
  const AgentId agent = make_agent(make_project("other").id, "theirs").id;
  for (const char* path : {"/app/otel/validate/?agent_id=1", "/app/otel/validate?project_id=1",
                           "/app/otel/validate/"}) {
    EXPECT_TRUE(get(path).at("valid").as_bool());
  }
  const std::string key = make_key(1, store::Access::kReadWrite);
  EXPECT_EQ(ask("GET", "/app/otel/validate/?agent_id=1", "").status, 401);
  EXPECT_EQ(ask("GET", fmt::format("/app/otel/validate/?agent_id={}", agent), key).status, 403);
  EXPECT_EQ(ask("GET", "/app/otel/validate/?agent_id=x", key).status, 400);
}

TEST_F(AccessTest, TellsItsHealth) {
  EXPECT_EQ(ask("GET", "/healthz", "").body, "ok\n");
  EXPECT_EQ(ask("GET", "/readyz", "").status, 200);
  is_ready = false;
  const http::ClientResponse busy = ask("GET", "/readyz", "");
  EXPECT_EQ(busy.status, 503);
  EXPECT_NE(busy.body.find("the disk is full"), std::string::npos);
}

TEST_F(AccessTest, ShowsMetricsToNeighboursAndKeys) {
  metrics_.counter("callscope_test_total", "A test.").add(7);
  EXPECT_NE(ask("GET", "/metrics", "").body.find("callscope_test_total 7\n"), std::string::npos);
  const http::Headers forwarded{{"X-Forwarded-For", "203.0.113.7"}};
  EXPECT_EQ(http::fetch(server_->port(), "GET", "/metrics", forwarded).status, 401);
  EXPECT_EQ(http::fetch(server_->port(), "GET", "/metrics",
                        {{"X-Forwarded-For", "203.0.113.7"}, {"x-cekura-api-key", admin_key}})
                .status,
            200);
}

TEST_F(AccessTest, CountsKeysThatNoRuleKnows) {
  receive({.trace = 1,
           .id = 1,
           .name = "llm",
           .attributes = {{"gen_ai.system", model::Value::of("openai")},
                          {"gen_ai.brand_new_thing", model::Value::of("x")}}});
  bool found = false;
  const boost::json::value unmapped = get("/api/v1/unmapped");
  for (const auto& item : unmapped.at("items").as_array()) {
    found |= text_at(item, "/key") == "gen_ai.brand_new_thing" && item.at("count").as_int64() == 1;
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace callscope::serve
