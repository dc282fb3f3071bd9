#include "receive/otlp_http.h"

#include <gtest/gtest.h>

#include <mutex>

#include "base/wire.h"
#include "http/coding.h"
#include "http/server.h"
#include "http/test_client.h"
#include "receive/otlp_answer.h"
#include "store/catalog/catalog_fixture.h"

namespace callscope::receive {
namespace {

using http::Headers;
using normalise::Signal;

constexpr std::string_view kProtobuf = "application/x-protobuf";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kTraceJson = R"({"resourceSpans":[{"scopeSpans":[{"spans":[{
    "traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"a1a2a3a4a5a6a7a8","name":"llm"}]}]}]})";

// The server with a key of project 1 and an intake that answers what the test says.
class OtlpHttpTest : public store::CatalogTest {
 protected:
  OtlpHttpTest() {
    key_ = ok(catalog->write([&](store::Transaction& t) {
             return t.create_key(1, "key", store::Access::kReadWrite, false);
           })).secret;
    auto router = std::make_shared<http::Router>();
    Limits limits;
    limits.message_bytes_max = 100'000;
    limits.decompressed_bytes_max = 200'000;
    register_otlp_http(
        *router, auth_,
        [this](Signal signal, const Sender& sender, store::wal::Payload payload,
               std::function<void(Result<Accepted>)> done) {
          {
            std::lock_guard lock(mutex_);
            signal_ = signal;
            sender_ = sender;
            payload_ = std::string(payload.bytes);
          }
          done(answer_);
        },
        limits);
    server_ = ok(http::Server::start({}, router));
  }

  http::ClientResponse post(std::string_view path, Headers headers, std::string_view body) {
    if (!headers.find("x-cekura-api-key") && !headers.find("no-key"))
      headers.add("x-cekura-api-key", key_);
    return http::fetch(server_->port(), "POST", path, headers, body);
  }
  http::ClientResponse post_as(std::string_view type, std::string_view body,
                               std::string_view path = "/v1/traces") {
    return post(path, {{"Content-Type", std::string(type)}}, body);
  }
  std::string received() {
    std::lock_guard lock(mutex_);
    return payload_;
  }

  std::string key_;
  Authenticator auth_{*catalog, clock};
  Result<Accepted> answer_ = Accepted{};
  std::mutex mutex_;
  Signal signal_ = Signal::kTraces;  // guarded by mutex_, as the next two
  Sender sender_;
  std::string payload_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(OtlpHttpTest, HandsOverProtobufAsItIs) {
  for (const std::string_view type :
       {kProtobuf, std::string_view("application/protobuf; charset=x")}) {
    const http::ClientResponse response = post_as(type, "protobuf bytes");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("Content-Type"), kProtobuf);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(received(), "protobuf bytes");
    EXPECT_EQ(sender_.project, 1);
  }
  post_as(kProtobuf, "log bytes", "/v1/logs");
  EXPECT_EQ(signal_, Signal::kLogs);
}

TEST_F(OtlpHttpTest, TakesAnEmptyRequest) {
  EXPECT_EQ(post_as(kProtobuf, "").status, 200);
  EXPECT_EQ(post_as(kJson, "{}").body, "{}");
}

TEST_F(OtlpHttpTest, TurnsJsonIntoProtobuf) {
  const http::ClientResponse response = post_as("application/json; charset=utf-8", kTraceJson);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("Content-Type"), kJson);
  EXPECT_EQ(response.body, "{}");
  EXPECT_EQ(normalise::scan_request(Signal::kTraces, received())->items, 1u);
}

TEST_F(OtlpHttpTest, UnpacksEveryCoding) {
  const std::string body(50'000, 'a');
  const Headers gzip{{"Content-Type", std::string(kProtobuf)}, {"Content-Encoding", "gzip"}};
  EXPECT_EQ(post("/v1/traces", gzip, http::gzip(body)).status, 200);
  EXPECT_EQ(received(), body);
  const http::ClientResponse bomb = post("/v1/traces", gzip, http::gzip(std::string(300'000, 'a')));
  EXPECT_EQ(bomb.status, 413);
  EXPECT_EQ(bomb.headers.get("Content-Type"), kProtobuf);
  EXPECT_EQ(post("/v1/traces", gzip, "no gzip").status, 400);
  EXPECT_EQ(post("/v1/traces",
                 {{"Content-Type", std::string(kProtobuf)}, {"Content-Encoding", "br"}}, "x")
                .status,
            415);
}

TEST_F(OtlpHttpTest, SaysWhatWasRejected) {
  answer_ = Accepted{.rejected = 3, .reason = "trace_id of span 0 is \"zero\""};
  EXPECT_EQ(
      post_as(kJson, kTraceJson).body,
      R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"trace_id of span 0 is \"zero\""}})");
  EXPECT_EQ(
      post_as(kJson, "{}", "/v1/logs").body,
      R"({"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"trace_id of span 0 is \"zero\""}})");
  EXPECT_EQ(post_as(kProtobuf, "x").body, encode_accepted(*answer_));
}

TEST_F(OtlpHttpTest, WordsErrorsAsTheRequest) {
  answer_ = Error{ErrorCode::kResourceExhausted, "too much in flight", ""};
  const http::ClientResponse json = post_as(kJson, kTraceJson);
  EXPECT_EQ(json.status, 429);
  EXPECT_EQ(json.headers.get("Retry-After"), "2");
  EXPECT_EQ(json.body, R"({"code":8,"message":"too much in flight","details":[{"@type":)"
                       R"("type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2s"}]})");
  const http::ClientResponse protobuf = post_as(kProtobuf, "x");
  EXPECT_EQ(protobuf.status, 429);
  EXPECT_EQ(protobuf.body, encode_status(answer_.error()));
  answer_ = Error{ErrorCode::kUnavailable, "the disk is full", ""};
  EXPECT_EQ(post_as(kProtobuf, "x").status, 503);
  answer_ = Error{ErrorCode::kInvalidArgument, "not OTLP", ""};
  const http::ClientResponse wrong = post_as(kJson, kTraceJson);
  EXPECT_EQ(wrong.status, 400);
  EXPECT_FALSE(wrong.headers.find("Retry-After"));
  EXPECT_EQ(wrong.body, R"({"code":3,"message":"not OTLP"})");
  EXPECT_EQ(post_as(kJson, "not json").status, 400);
}

TEST_F(OtlpHttpTest, ChecksTheKeyAndTheTypeBeforeTheBody) {
  const std::string large(90'000, 'a');
  EXPECT_EQ(
      post("/v1/traces", {{"no-key", ""}, {"Content-Type", std::string(kProtobuf)}}, large).status,
      401);
  EXPECT_EQ(post("/v1/traces",
                 {{"x-cekura-api-key", "wrong"}, {"Content-Type", std::string(kProtobuf)}}, large)
                .status,
            401);
  EXPECT_EQ(post_as("text/plain", large).status, 415);
  EXPECT_EQ(post("/v1/traces", {}, large).status, 415);
  EXPECT_EQ(received(), "");
  const std::string read_only = ok(catalog->write([&](store::Transaction& t) {
                                  return t.create_key(1, "r", store::Access::kReadOnly, false);
                                })).secret;
  EXPECT_EQ(post("/v1/traces",
                 {{"x-cekura-api-key", read_only}, {"Content-Type", std::string(kProtobuf)}}, "x")
                .status,
            403);
  EXPECT_EQ(post_as(kProtobuf, std::string(100'001, 'a')).status, 413);
  EXPECT_EQ(http::fetch(server_->port(), "GET", "/v1/traces").status, 405);
}

TEST_F(OtlpHttpTest, NamesTheAgent) {
  const auto agent = make_agent(1, "second").id;
  EXPECT_EQ(
      post("/v1/traces",
           {{"Content-Type", std::string(kProtobuf)}, {"X-Cekura-Agent-Id", std::to_string(agent)}},
           "x")
          .status,
      200);
  EXPECT_EQ(sender_.agent, agent);
  const http::ClientResponse unknown = post(
      "/v1/traces", {{"Content-Type", std::string(kJson)}, {"x-cekura-agent-id", "999"}}, "{}");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(unknown.body.find("x-cekura-agent-id"), std::string::npos);
}

}  // namespace
}  // namespace callscope::receive
