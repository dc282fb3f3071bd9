#include <gtest/gtest.h>

#include "serve/api_fixture.h"

namespace callscope::serve {
namespace {

class LiveCallsTest : public ApiTest {
 protected:
  // A client that follows the call.
  std::unique_ptr<http::TestClient> follow(CallId call) {
    auto client = std::make_unique<http::TestClient>(server_->port());
    client->send(fmt::format("GET /api/v1/calls/{}/events HTTP/1.0\r\nx-cekura-api-key: {}\r\n\r\n",
                             call, admin_key));
    head_ = client->read_until("\r\n\r\n");
    return client;
  }
  // The next event, as "name" and its data.
  static std::pair<std::string, boost::json::value> next(http::TestClient& client) {
    std::string text = client.read_until("\n\n");
    while (text.starts_with(":")) text = client.read_until("\n\n");
    const size_t data = text.find("\ndata: ");
    if (!text.starts_with("event: ") || data == std::string::npos)
      return {"none", boost::json::value(text)};
    return {text.substr(7, data - 7), boost::json::parse(text.substr(data + 7))};
  }

  std::string head_;
};

TEST_F(LiveCallsTest, TellsWhatIsNewUntilTheCallEnds) {
  receive({.id = 2, .parent = 1, .name = "stt", .length_ms = 100});
  auto client = follow(call_of(1));
  EXPECT_NE(head_.find("Content-Type: text/event-stream"), std::string::npos);

  auto [name, call] = next(*client);
  EXPECT_EQ(name, "call");
  EXPECT_EQ(call.at("state"), "running");
  auto [name2, first] = next(*client);
  EXPECT_EQ(name2, "spans");
  EXPECT_EQ(first.at("items").as_array().size(), 1u);
  EXPECT_EQ(first.at_pointer("/items/0/name"), "stt");
  EXPECT_FALSE(first.at_pointer("/items/0").as_object().contains("attributes"));

  shared_clock.advance(DurationNs::from_s(1));
  receive({.id = 3, .parent = 1, .name = "llm", .start_ms = 200, .length_ms = 100});
  EXPECT_EQ(next(*client).first, "call");
  auto [name3, second] = next(*client);
  EXPECT_EQ(name3, "spans");
  EXPECT_EQ(second.at("items").as_array().size(), 1u);
  EXPECT_EQ(second.at_pointer("/items/0/name"), "llm");

  shared_clock.advance(DurationNs::from_s(1));
  receive({.id = 1, .name = "conversation", .length_ms = 1'000});
  auto [name4, ended] = next(*client);
  EXPECT_EQ(name4, "call");
  EXPECT_EQ(ended.at("state"), "ended");
  EXPECT_EQ(next(*client).first, "spans");
  EXPECT_EQ(next(*client).first, "end");
  EXPECT_TRUE(client->is_closed_by_peer());
}

TEST_F(LiveCallsTest, EndsAtOnceForACallThatEnded) {
  receive_call(1);
  auto client = follow(call_of(1));
  EXPECT_EQ(next(*client).first, "call");
  EXPECT_EQ(next(*client).second.at("items").as_array().size(), 4u);
  EXPECT_EQ(next(*client).first, "end");
  EXPECT_TRUE(client->is_closed_by_peer());
}

TEST_F(LiveCallsTest, EndsWhenTheCallIsDeleted) {
  receive({.id = 2, .parent = 1, .name = "stt", .length_ms = 100});
  const CallId id = call_of(1);
  auto client = follow(id);
  next(*client);
  next(*client);
  EXPECT_EQ(ask("DELETE", fmt::format("/api/v1/calls/{}", id), admin_key).status, 204);
  EXPECT_EQ(next(*client).first, "end");
}

TEST_F(LiveCallsTest, KeepsAQuietStreamOpen) {
  receive({.id = 2, .parent = 1, .name = "stt", .length_ms = 100});
  auto client = follow(call_of(1));
  next(*client);
  next(*client);
  shared_clock.advance(DurationNs::from_s(16));
  EXPECT_EQ(client->read_until("\n\n"), ": still here\n\n");
  shared_clock.advance(DurationNs::from_s(10));
  EXPECT_EQ(next(*client).second.at("state"), "quiet");
}

TEST_F(LiveCallsTest, BoundsStreams) {
  receive({.id = 2, .parent = 1, .name = "stt", .length_ms = 100});
  const CallId id = call_of(1);
  const auto first = follow(id);
  auto second = follow(id);
  next(*second);
  const std::string path = fmt::format("/api/v1/calls/{}/events", id);
  EXPECT_EQ(ask("GET", path, admin_key).status, 503);
  second.reset();
  // The place is free once the server has seen the client go.
  int status = 503;
  std::unique_ptr<http::TestClient> third;
  while (status == 503) {
    third = follow(id);
    status = head_.find(" 503 ") == std::string::npos ? 200 : 503;
  }
  EXPECT_EQ(next(*third).first, "call");
}

}  // namespace
}  // namespace callscope::serve
