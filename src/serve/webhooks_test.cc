#include "serve/webhooks.h"

#include <gtest/gtest.h>

#include <mutex>

#include "normalise/signatures.h"
#include "serve/api_fixture.h"

namespace callscope::serve {
namespace {

class WebhooksTest : public ApiTest {
 protected:
  struct Received {
    http::Headers headers;
    std::string body;
  };

  WebhooksTest() {
    receiver_routes_->add("POST", "/hook",
                          [this](const http::Request& request, const http::Responder& out) {
                            http::Response response;
                            {
                              const std::lock_guard lock(mutex_);
                              received_.push_back({request.headers, request.body});
                              response.status = status_;
                            }
                            out.send(std::move(response));
                          });
    receiver_ = ok(http::Server::start({}, receiver_routes_));
    settings_.addresses = ok(receive::AddressRules::parse("127.0.0.1"));
    open_webhooks();
  }
  ~WebhooksTest() override { receiver_->stop(std::chrono::seconds(5)); }

  void open_webhooks() { webhooks_ = std::make_unique<Webhooks>(settings_); }

  std::string url() const { return fmt::format("http://127.0.0.1:{}/hook", receiver_->port()); }
  boost::json::value add_webhook(std::string_view more = "") {
    auto made = json("POST", "/api/v1/webhooks", 201, admin_key,
                     fmt::format(R"({{"url":"{}"{}}})", url(), more));
    webhooks_->read_projects();
    return made;
  }
  // A call that has ended, saved as the book does it.
  CallId ended_call(int64_t number, ProjectId project = 1, bool has_ended = true) {
    const CallId id = new_call_id();
    model::CallSummary call = sample_call(id, project);
    call.trace_ids = {trace_id(static_cast<uint8_t>(number))};
    call.root_ended = has_ended;
    call.last_activity = shared_clock.now();
    put(call);
    webhooks_->note_saved({&call, 1});
    return id;
  }
  size_t work() {
    ok(webhooks_->schedule());
    return ok(webhooks_->deliver_due());
  }
  void wait(int64_t seconds) { shared_clock.advance(DurationNs::from_s(seconds)); }
  boost::json::value deliveries() { return get("/api/v1/webhooks/1/deliveries").at("items"); }
  std::string only_delivery() {
    const boost::json::value all = deliveries();
    EXPECT_EQ(all.as_array().size(), 1u);
    const auto& one = all.at(0);
    return fmt::format("{} {} {}", std::string_view(one.at("state").as_string()),
                       one.at("attempts").as_int64(),
                       boost::json::serialize(one.at("last_status")));
  }
  void answer_with(int status) {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }
  std::vector<Received> received() {
    const std::lock_guard lock(mutex_);
    return received_;
  }

  std::mutex mutex_;
  std::vector<Received> received_;  // guarded by mutex_
  int status_ = 200;                // guarded by mutex_
  std::shared_ptr<http::Router> receiver_routes_ = std::make_shared<http::Router>();
  std::unique_ptr<http::Server> receiver_;
  Services settings_ = services();
  std::unique_ptr<Webhooks> webhooks_;
};

TEST_F(WebhooksTest, DeliversACompleteCallOnceAndSigned) {
  const auto made = add_webhook(R"(,"secret":"my-secret","events":["call.completed"])");
  EXPECT_EQ(made.at("secret").as_string(), "my-secret");
  receive_call(1);
  const CallId id = ended_call(1);
  EXPECT_EQ(work(), 0u);  // it settles
  wait(5);
  EXPECT_EQ(work(), 1u);
  ASSERT_EQ(received().size(), 1u);
  const Received got = received().front();
  const boost::json::value body = boost::json::parse(got.body);
  EXPECT_EQ(body.at("event").as_string(), "call.completed");
  EXPECT_EQ(body.at_pointer("/call/id").as_int64(), id);
  EXPECT_EQ(got.headers.get("X-CEKURA-SECRET"), "my-secret");
  EXPECT_EQ(got.headers.get("X-Callscope-Delivery"), std::to_string(body.at("id").as_int64()));
  EXPECT_EQ(got.headers.get("X-CEKURA-IDEMPOTENCY-KEY"), got.headers.get("X-Callscope-Delivery"));
  EXPECT_EQ(got.headers.get("X-Callscope-Signature"),
            normalise::sign_webhook(got.body, "my-secret", shared_clock.now()));
  EXPECT_EQ(only_delivery(), "delivered 1 200");

  // What comes later changes the call and delivers nothing.
  model::CallSummary again = ok(catalog->call(1, id)).value();
  webhooks_->note_saved({&again, 1});
  wait(60);
  EXPECT_EQ(work(), 0u);
}

TEST_F(WebhooksTest, TakesAQuietCallForComplete) {
  add_webhook();
  receive_call(1);
  ended_call(1, 1, false);
  wait(290);
  EXPECT_EQ(work(), 0u);
  wait(15);
  EXPECT_EQ(work(), 0u);
  wait(5);
  EXPECT_EQ(work(), 1u);
}

TEST_F(WebhooksTest, TriesAgainAndGivesUp) {
  add_webhook();
  receive_call(1);
  ended_call(1);
  answer_with(503);
  work();
  wait(5);
  EXPECT_EQ(work(), 1u);
  EXPECT_EQ(only_delivery(), "pending 1 503");
  wait(14);
  EXPECT_EQ(work(), 0u);
  wait(1);
  EXPECT_EQ(work(), 1u);
  wait(59);
  EXPECT_EQ(work(), 0u);
  wait(1);
  EXPECT_EQ(work(), 1u);
  for (int i = 0; i < 10; ++i) {
    wait(24 * 3600);
    work();
  }
  EXPECT_EQ(only_delivery(), "failed 8 503");
  EXPECT_EQ(received().size(), 8u);

  answer_with(204);
  const int64_t id = deliveries().at(0).at("id").as_int64();
  json("POST", fmt::format("/api/v1/webhooks/1/deliveries/{}/replay", id), 202, admin_key);
  EXPECT_EQ(work(), 1u);
  EXPECT_EQ(only_delivery(), "delivered 1 204");
}

TEST_F(WebhooksTest, SurvivesARestart) {
  add_webhook();
  receive_call(1);
  receive_call(2);
  ended_call(1);
  ok(webhooks_->schedule());
  ended_call(2);  // saved, and nobody came to note it
  open_webhooks();
  work();
  wait(5);
  EXPECT_EQ(work(), 2u);
  open_webhooks();
  EXPECT_EQ(work(), 0u);
}

TEST_F(WebhooksTest, ReachesOnlyWhatIsAllowed) {
  add_webhook(R"(,"secret":"my-secret")");
  settings_.addresses = {};
  open_webhooks();
  receive_call(1);
  ended_call(1);
  work();
  wait(5);
  work();
  EXPECT_EQ(only_delivery(), "failed 1 null");
  const std::string error(deliveries().at(0).at("error").as_string());
  EXPECT_NE(error.find("127.0.0.1 is not on the public internet"), std::string::npos) << error;
  EXPECT_TRUE(received().empty());
}

TEST_F(WebhooksTest, KeepsProjectsApart) {
  add_webhook();
  const ProjectId other = make_project("other").id;
  const std::string key = make_key(other, store::Access::kReadWrite);
  for (const char* path : {"/api/v1/webhooks/1", "/api/v1/webhooks/1/deliveries"})
    EXPECT_EQ(error(path, 404, key), "not_found ");
  EXPECT_EQ(ask("DELETE", "/api/v1/webhooks/1", key).status, 404);
  EXPECT_EQ(ask("POST", "/api/v1/webhooks/1/deliveries/1/replay", key).status, 404);
  EXPECT_EQ(json("GET", "/api/v1/webhooks", 200, key).at("items").as_array().size(), 0u);
  ended_call(1, other);
  wait(5);
  EXPECT_EQ(work(), 0u);
}

TEST_F(WebhooksTest, GoesWithItsDeliveriesAndItsCall) {
  add_webhook();
  const CallId first = ended_call(1);
  ended_call(2);
  work();
  ok(catalog->write([&](store::Transaction& t) { return t.delete_call(1, first); }));
  EXPECT_EQ(deliveries().as_array().size(), 1u);
  EXPECT_EQ(ask("DELETE", "/api/v1/webhooks/1", admin_key).status, 204);
  webhooks_->read_projects();
  wait(5);
  EXPECT_EQ(work(), 0u);
  EXPECT_TRUE(received().empty());
}

TEST_F(WebhooksTest, ShowsNoSecretAndRefusesWhatIsNoWebhook) {
  const std::string secret(add_webhook().at("secret").as_string());
  EXPECT_TRUE(secret.starts_with("cs_"));
  for (const char* path : {"/api/v1/webhooks", "/api/v1/webhooks/1"})
    EXPECT_EQ(ask("GET", path, admin_key).body.find(secret), std::string::npos) << path;
  const auto refused = [&](const char* body) {
    return std::string(json("POST", "/api/v1/webhooks", 400, admin_key, body)
                           .at_pointer("/error/field")
                           .as_string());
  };
  EXPECT_EQ(refused("{}"), "url");
  EXPECT_EQ(refused(R"({"url":"ftp://example.com/"})"), "url");
  EXPECT_EQ(refused(R"({"url":"http://me:secret@example.com/"})"), "url");
  EXPECT_EQ(refused(R"({"url":"http://example.com/","events":["call.started"]})"), "events");
  EXPECT_EQ(refused(R"({"url":"http://example.com/","secret":"two words"})"), "secret");
}

// Of two calls that turn out to be one, at most one was delivered.
TEST_F(WebhooksTest, AMergedCallIsNotDeliveredAgain) {
  add_webhook();
  receive_call(1);
  const CallId first = ended_call(1);
  work();
  wait(5);
  EXPECT_EQ(work(), 1u);
  const CallId second = ended_call(2);
  work();
  ok(catalog->write([&](store::Transaction& t) { return t.merge_calls(1, first, second); }));
  EXPECT_EQ(only_delivery(), "delivered 1 200");
  wait(60);
  EXPECT_EQ(work(), 0u);
}

}  // namespace
}  // namespace callscope::serve
