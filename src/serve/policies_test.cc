// What a project and its agents keep: for how long, and whether at all.
#include <gtest/gtest.h>

#include "serve/api_fixture.h"

namespace callscope::serve {
namespace {

class PoliciesTest : public ApiTest {
 protected:
  std::set<CallId> ids() {
    std::set<CallId> all;
    const boost::json::value calls = get("/api/v1/calls");
    for (const auto& call : calls.at("items").as_array()) all.insert(call.at("id").as_int64());
    return all;
  }
  void pass_days(int64_t days) { shared_clock.advance(DurationNs::from_s(days * 24 * 3600)); }
};

TEST_F(PoliciesTest, AnAgentIsSetAsAWholeOrByPart) {
  const auto agent = json("PATCH", "/api/v1/agents/1", 200, admin_key,
                          R"({"provider":"pipecat","tracing":"off","retention_days":30})");
  EXPECT_EQ(agent.at("provider").as_string(), "pipecat");
  EXPECT_EQ(agent.at("tracing").as_string(), "off");
  EXPECT_EQ(agent.at("retention_days").as_int64(), 30);
  EXPECT_EQ(agent.at("unclaimed").as_string(), "keep");
  const auto later = json("PATCH", "/api/v1/agents/1", 200, admin_key,
                          R"({"unclaimed":"drop","tracing":"on","retention_days":null})");
  EXPECT_EQ(later.at("tracing").as_string(), "on");
  EXPECT_FALSE(later.as_object().contains("retention_days"));
  EXPECT_EQ(later.at("unclaimed_after_s").as_int64(), 3'600);
  EXPECT_EQ(get("/api/v1/agents").at_pointer("/items/0/provider").as_string(), "pipecat");

  const auto field = [&](std::string_view body) {
    return std::string(json("PATCH", "/api/v1/agents/1", 400, admin_key, body)
                           .at_pointer("/error/field")
                           .as_string());
  };
  EXPECT_EQ(field(R"({"provider":"fax"})"), "provider");
  EXPECT_EQ(field(R"({"tracing":"some"})"), "tracing");
  EXPECT_EQ(field(R"({"retention_days":0})"), "retention_days");
  EXPECT_EQ(field(R"({"retention_days":36501})"), "retention_days");
  EXPECT_EQ(field("{}"), "unclaimed");
  EXPECT_EQ(ask("PATCH", "/api/v1/agents/1", make_key(1, store::Access::kReadOnly),
                R"({"tracing":"off"})")
                .status,
            403);
}

TEST_F(PoliciesTest, AProjectIsSetByPart) {
  const auto project =
      json("PATCH", "/api/v1/projects/1", 200, admin_key, R"({"retention_days":7})");
  EXPECT_EQ(project.at("retention_days").as_int64(), 7);
  EXPECT_EQ(project.at("duplicate_call_ids").as_string(), "update");
  const auto later =
      json("PATCH", "/api/v1/projects/1", 200, admin_key, R"({"duplicate_call_ids":"refuse"})");
  EXPECT_EQ(later.at("retention_days").as_int64(), 7);
  EXPECT_EQ(ask("PATCH", "/api/v1/projects/1", admin_key, "{}").status, 400);
}

TEST_F(PoliciesTest, CallsGoWhenTheirTimeIsOver) {
  const ProjectId other = make_project("other").id;
  const AgentId theirs = make_agent(other, "theirs").id;
  const AgentId keeps = make_agent(1, "keeps").id;
  receive_call(1);
  receive_call(2, 1, keeps);
  receive_call(3, other, theirs);
  const CallId first = call_of(1);
  const CallId kept = call_of(2);
  json("PATCH", "/api/v1/projects/1", 200, admin_key, R"({"retention_days":7})");
  json("PATCH", fmt::format("/api/v1/agents/{}", keeps), 200, admin_key,
       R"({"retention_days":30})");

  pass_days(6);
  ok(api_.remove_old());
  EXPECT_EQ(ids(), (std::set<CallId>{first, kept}));
  pass_days(2);
  ok(api_.remove_old());
  EXPECT_EQ(ids(), std::set<CallId>{kept}) << "its agent keeps calls for longer";
  EXPECT_EQ(ask("GET", fmt::format("/api/v1/calls/{}", first), admin_key).status, 404);
  EXPECT_EQ(ask("GET", "/api/v1/traces/ab000000000000000000000000000001", admin_key).status, 404);
  pass_days(30);
  ok(api_.remove_old());
  EXPECT_TRUE(ids().empty());
  EXPECT_EQ(get(fmt::format("/api/v1/calls?project_id={}", other)).at("items").as_array().size(),
            1u);
}

}  // namespace
}  // namespace callscope::serve
