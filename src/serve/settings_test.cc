// What projects and agents are set to, and what follows from it.
#include "serve/settings.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "serve/api_fixture.h"
#include "store/catalog/webhooks.h"

namespace callscope::serve {
namespace {

constexpr std::string_view kRetell = R"({"event":"call_ended","call":{"call_id":"r-1",)"
                                     R"("agent_id":"agent_x","start_timestamp":1790000000000,)"
                                     R"("end_timestamp":1790000010000}})";
constexpr std::string_view kVapi =
    R"({"message":{"type":"end-of-call-report","call":{"id":"v-1","assistantId":"a"}}})";

class SettingsTest : public ApiTest {
 protected:
  int post(std::string_view target, std::string_view body, http::Headers headers) {
    return http::fetch(server_->port(), "POST", target, headers, body).status;
  }
  int put_secret(std::string_view provider, std::string_view secret) {
    return ask("PUT", fmt::format("/api/v1/projects/1/providers/{}", provider), admin_key,
               fmt::format(R"({{"secret":"{}"}})", secret))
        .status;
  }
  size_t count_calls(std::string_view query = "") {
    return get(fmt::format("/api/v1/calls{}", query)).at("items").as_array().size();
  }
};

TEST_F(SettingsTest, ASecretOfAProviderIsAskedFor) {
  constexpr const char* kPath = "/observability/v1/vapi/observe/?project_id=1";
  EXPECT_EQ(post(kPath, kVapi, {}), 401);
  EXPECT_EQ(post(kPath, kVapi, {{"x-cekura-api-key", admin_key}}), 201);
  EXPECT_EQ(put_secret("vapi", "hush"), 200);
  EXPECT_EQ(post(kPath, kVapi, {{"x-cekura-api-key", admin_key}}), 401);
  EXPECT_EQ(post(kPath, kVapi, {{"x-vapi-secret", "wrong"}}), 401);
  EXPECT_EQ(post(kPath, kVapi, {{"x-vapi-secret", "hush"}}), 201);
  EXPECT_EQ(post("/observability/v1/vapi/observe/?agent_id=1", kVapi, {{"x-vapi-secret", "hush"}}),
            201);
  // Another project has no such secret, and nobody learns which there are.
  for (const char* query : {"", "?project_id=2", "?project_id=77", "?agent_id=77"}) {
    EXPECT_EQ(post(fmt::format("/observability/v1/vapi/observe/{}", query), kVapi,
                   {{"x-vapi-secret", "hush"}}),
              401)
        << query;
  }
  EXPECT_EQ(get("/api/v1/projects/1/providers/vapi"),
            (boost::json::value{{"provider", "vapi"}, {"has_secret", true}}));
  EXPECT_EQ(ask("DELETE", "/api/v1/projects/1/providers/vapi", admin_key).status, 204);
  EXPECT_EQ(post(kPath, kVapi, {{"x-vapi-secret", "hush"}}), 401);
  EXPECT_EQ(post(kPath, kVapi, {{"x-cekura-api-key", admin_key}}), 201);
  EXPECT_EQ(put_secret("bland", "hush"), 404);
}

TEST_F(SettingsTest, RetellSignsTheBody) {
  constexpr const char* kPath = "/observability/v1/retell/observe/?project_id=1";
  EXPECT_EQ(put_secret("retell", "key_1"), 200);
  EXPECT_EQ(post(kPath, kRetell, {{"x-retell-signature", "00"}}), 401);
  EXPECT_EQ(post(kPath, kRetell, {}), 401);
}

TEST_F(SettingsTest, OtherMessagesOfVapiArePassedOver) {
  const http::ClientResponse response =
      ask("POST", "/observability/v1/vapi/observe/", admin_key,
          R"({"message":{"type":"status-update","status":"in-progress"}})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{}");
  EXPECT_EQ(count_calls(), 0u);
}

TEST_F(SettingsTest, AudioOfElevenLabsBecomesTheRecording) {
  const std::string wav =
      std::string("RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0",
                  36) +
      std::string("data\4\0\0\0abcd", 12);
  const auto body = [&](std::string_view audio) {
    return fmt::format(R"({{"type":"post_call_audio","data":{{"agent_id":"a",)"
                       R"("conversation_id":"c-1","full_audio":"{}"}}}})",
                       audio);
  };
  const auto made =
      json("POST", "/observability/v1/elevenlabs/observe/", 201, admin_key, body(to_base64(wav)));
  const auto recordings = ok(catalog->recordings_of_call(1, made.at("id").as_int64()));
  ASSERT_EQ(recordings.size(), 1u);
  EXPECT_EQ(recordings.front().bytes, static_cast<int64_t>(wav.size()));
  EXPECT_EQ(ask("POST", "/observability/v1/elevenlabs/observe/", admin_key, body("!")).status, 400);
}

TEST_F(SettingsTest, AProjectMayRefuseACallItHas) {
  constexpr std::string_view kBody = R"({"call_id":"sess-1","assistant_id":"a"})";
  const auto observe = [&](int status) {
    return json("POST", "/observability/v1/observe/", status, admin_key, kBody);
  };
  observe(201);
  observe(201);
  const auto set = [&](std::string_view choice, int status) {
    return json("PATCH", "/api/v1/projects/1", status, admin_key,
                fmt::format(R"({{"duplicate_call_ids":"{}"}})", choice));
  };
  EXPECT_EQ(set("refuse", 200).at("duplicate_call_ids").as_string(), "refuse");
  EXPECT_TRUE(observe(409).as_object().contains("call_id"));
  EXPECT_EQ(get("/api/v1/projects").at_pointer("/items/0/duplicate_call_ids").as_string(),
            "refuse");
  set("update", 200);
  observe(201);
  set("both", 400);
  const std::string key = make_key(make_project("other").id, store::Access::kReadWrite);
  EXPECT_EQ(ask("PATCH", "/api/v1/projects/1", key, R"({"duplicate_call_ids":"refuse"})").status,
            403);
}

TEST_F(SettingsTest, CallsOfSpansAloneMayWaitToBeClaimed) {
  const auto set = [&](std::string_view body) {
    return json("PATCH", "/api/v1/agents/1", 200, admin_key, body);
  };
  clock.time = clock.time - DurationNs::from_s(60);  // set before the call starts
  EXPECT_EQ(set(R"({"unclaimed":"drop","unclaimed_after_s":600})").at("unclaimed").as_string(),
            "drop");
  receive_call(1);
  const CallId id = call_of(1);
  const std::string call = fmt::format("/api/v1/calls/{}", id);
  const std::string trace = "/api/v1/traces/" + trace_id(1).hex();
  EXPECT_EQ(count_calls(), 0u);
  for (const char* part : {"", "/spans", "/logs", "/events"})
    EXPECT_EQ(ask("GET", call + part, admin_key).status, 404) << part;
  EXPECT_EQ(ask("GET", trace, admin_key).status, 404);
  EXPECT_EQ(ask("GET", "/jaeger/api/traces/" + trace_id(1).hex(), admin_key).status, 404);
  EXPECT_EQ(get("/api/v1/spans").at("items").as_array().size(), 0u);
  EXPECT_EQ(error("/api/v1/spans?call_id=" + std::to_string(id), 404), "not_found call_id");
  for (const char* numbers : {"latency", "tokens", "cost", "tools"}) {
    get(fmt::format("/api/v1/stats/{}", numbers));
    EXPECT_EQ(spans.last_stats.left_out, std::vector{trace_id(1)}) << numbers;
  }
  EXPECT_EQ(ask("GET", fmt::format("/observability/v1/call-logs/{}/", id), admin_key).status, 404);

  set(R"({"unclaimed":"keep"})");
  EXPECT_EQ(count_calls(), 1u);
  EXPECT_EQ(ask("GET", trace, admin_key).status, 200);
  set(R"({"unclaimed":"drop","unclaimed_after_s":600})");
  EXPECT_EQ(count_calls(), 0u);

  // A call log claims it.
  json("POST", "/observability/v1/observe/", 201, admin_key,
       fmt::format(R"({{"call_id":"sess-1","agent":1,"trace_id":"{}"}})", trace_id(1).hex()));
  EXPECT_EQ(count_calls(), 1u);
  EXPECT_EQ(ask("GET", call, admin_key).status, 200);
  EXPECT_EQ(ask("GET", trace, admin_key).status, 200);
  get("/api/v1/stats/tokens");
  EXPECT_TRUE(spans.last_stats.left_out.empty());

  // Nothing claims the second one.
  receive_call(2);
  const CallId second = call_of(2);
  shared_clock.advance(DurationNs::from_s(599));
  ok(api_.remove_old());
  EXPECT_TRUE(ok(catalog->call(1, second)));
  shared_clock.advance(DurationNs::from_s(10));
  ok(api_.remove_old());
  EXPECT_FALSE(ok(catalog->call(1, second)));
  EXPECT_TRUE(ok(catalog->call(1, id)));
  set(R"({"unclaimed":"keep"})");
  EXPECT_EQ(ask("GET", "/api/v1/traces/" + trace_id(2).hex(), admin_key).status, 404);
}

}  // namespace
}  // namespace callscope::serve
