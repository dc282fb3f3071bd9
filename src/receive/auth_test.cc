#include "receive/auth.h"

#include <map>

#include "store/catalog/catalog_fixture.h"

namespace callscope::receive {
namespace {

using store::Access;
using store::Transaction;

class AuthTest : public store::CatalogTest {
 protected:
  AuthTest() {
    other = make_project("other").id;
    foreign_agent = make_agent(other, "foreign").id;
    key = make_key(1, Access::kReadWrite).secret;
    auth.emplace(*catalog, clock);
  }
  ~AuthTest() override { auth.reset(); }

  store::NewKey make_key(ProjectId project, Access access) {
    return ok(catalog->write(
        [&](Transaction& t) { return t.create_key(project, "key", access, /*admin=*/false); }));
  }

  Result<Identity> ask(const std::map<std::string, std::string, std::less<>>& headers) {
    return auth->authenticate([&](std::string_view name) -> std::optional<std::string_view> {
      const auto found = headers.find(name);
      if (found == headers.end()) return std::nullopt;
      return found->second;
    });
  }

  void expect_refused(const std::map<std::string, std::string, std::less<>>& headers,
                      ErrorCode code, std::string_view header) {
    const auto answer = ask(headers);
    ASSERT_FALSE(answer) << header;
    EXPECT_EQ(answer.error().code, code) << answer.error().message;
    EXPECT_EQ(answer.error().field, header);
    EXPECT_NE(answer.error().message.find(header), std::string::npos) << answer.error().message;
    for (const auto& [name, value] : headers) {
      if (value.size() > 3) {
        EXPECT_EQ(answer.error().message.find(value), std::string::npos)
            << "a secret in the message";
      }
    }
  }

  ProjectId other = 0;
  AgentId foreign_agent = 0;
  std::string key;
  std::optional<Authenticator> auth;
};

TEST_F(AuthTest, EachHeaderCarriesTheKey) {
  EXPECT_EQ(ok(ask({{"x-cekura-api-key", key}})).project, 1);
  EXPECT_EQ(ok(ask({{"x-callscope-api-key", key}})).project, 1);
  EXPECT_EQ(ok(ask({{"authorization", "Bearer " + key}})).project, 1);
  EXPECT_EQ(ok(ask({{"authorization", "bEARER  " + key + " "}})).project, 1);
  EXPECT_EQ(ok(ask({{"x-cekura-api-key", " " + key + "\t"}})).project, 1);
  const Identity identity = ok(ask({{"x-cekura-api-key", key}}));
  EXPECT_EQ(identity.agent, 0);
  EXPECT_FALSE(identity.admin);
  EXPECT_TRUE(require_write(identity));
}

TEST_F(AuthTest, ReadOnlyKeysMayNotWrite) {
  const Identity identity = ok(ask({{"x-cekura-api-key", make_key(1, Access::kReadOnly).secret}}));
  EXPECT_EQ(code_of(require_write(identity)), ErrorCode::kPermissionDenied);
}

TEST_F(AuthTest, WithoutAValidKeyNobodyIsLetIn) {
  const auto refused = ErrorCode::kUnauthenticated;
  expect_refused({}, refused, "x-cekura-api-key");
  expect_refused({{"x-cekura-api-key", "  "}}, refused, "x-cekura-api-key");
  expect_refused({{"authorization", "Basic dXNlcjpwYXNz"}}, refused, "x-cekura-api-key");
  expect_refused({{"authorization", "Bearer "}}, refused, "x-cekura-api-key");
  expect_refused({{"x-cekura-api-key", "cs_wrong"}}, refused, "x-cekura-api-key");
  expect_refused({{"x-callscope-api-key", "cs_wrong"}}, refused, "x-callscope-api-key");
  expect_refused({{"authorization", "Bearer " + key + "x"}}, refused, "authorization");
}

TEST_F(AuthTest, AgentsAndProjectsAreTheKeysOwn) {
  const auto with = [&](std::string name, std::string value) {
    return std::map<std::string, std::string, std::less<>>{{"x-cekura-api-key", key},
                                                           {name, value}};
  };
  EXPECT_EQ(ok(ask(with("x-cekura-agent-id", "1"))).agent, 1);
  EXPECT_EQ(ok(ask(with("x-callscope-agent-id", " 1 "))).agent, 1);
  EXPECT_EQ(ok(ask(with("x-cekura-project-id", "1"))).project, 1);
  for (const std::string prefix : {"x-cekura-", "x-callscope-"}) {
    const std::string agent = prefix + "agent-id", project = prefix + "project-id";
    expect_refused(with(agent, std::to_string(foreign_agent)), ErrorCode::kPermissionDenied, agent);
    expect_refused(with(project, std::to_string(other)), ErrorCode::kPermissionDenied, project);
    expect_refused(with(agent, "999"), ErrorCode::kInvalidArgument, agent);
    for (const std::string bad : {"x", "1x", "1.0", "99999999999999999999"}) {
      expect_refused(with(agent, bad), ErrorCode::kInvalidArgument, agent);
      expect_refused(with(project, bad), ErrorCode::kInvalidArgument, project);
    }
  }
}

TEST_F(AuthTest, NewKeysAndAgentsCountAtOnce) {
  ok(ask({{"x-cekura-api-key", key}}));
  const std::string late = make_key(1, Access::kReadWrite).secret;
  const AgentId agent = make_agent(1, "late").id;
  EXPECT_EQ(
      ok(ask({{"x-cekura-api-key", late}, {"x-cekura-agent-id", std::to_string(agent)}})).agent,
      agent);
}

TEST_F(AuthTest, ARevokedKeyIsRefusedWithinASecond) {
  const store::NewKey made = make_key(1, Access::kReadWrite);
  EXPECT_TRUE(ask({{"x-cekura-api-key", made.secret}}));
  ok(open()->write(
      [&](Transaction& t) { return t.revoke_key(1, made.key.id); }));  // by another process
  clock.time = clock.time + DurationNs::from_s(1);
  expect_refused({{"x-cekura-api-key", made.secret}}, ErrorCode::kUnauthenticated,
                 "x-cekura-api-key");
}

TEST_F(AuthTest, LastUsedIsSaved) {
  ok(ask({{"x-cekura-api-key", key}}));
  EXPECT_FALSE(ok(catalog->keys(1))[0].last_used.is_set());
  ok(auth->save_usage());
  EXPECT_EQ(ok(catalog->keys(1))[0].last_used, clock.time);

  clock.time = clock.time + DurationNs::from_s(7);
  ok(ask({{"x-cekura-api-key", key}}));
  auth.reset();
  EXPECT_EQ(ok(catalog->keys(1))[0].last_used, clock.time);
}

TEST_F(AuthTest, TheLocalKeyMayDoEverything) {
  const std::string local = "cs_only_for_this_machine";
  expect_refused({{"x-callscope-api-key", local}}, ErrorCode::kUnauthenticated,
                 "x-callscope-api-key");
  auth->accept_local_key(local);
  const Identity identity = ok(ask({{"x-callscope-api-key", local}}));
  EXPECT_TRUE(identity.admin);
  EXPECT_TRUE(require_write(identity));
  EXPECT_EQ(identity.project, 1);
  EXPECT_EQ(ok(ask({{"x-cekura-api-key", key}})).admin, false);
}

}  // namespace
}  // namespace callscope::receive
