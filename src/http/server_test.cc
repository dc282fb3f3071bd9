#include "http/server.h"

#include <gtest/gtest.h>

#include <future>

#include "http/coding.h"
#include "http/test_client.h"

namespace callscope::http {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPatience{5'000};

class ServerTest : public testing::Test {
 protected:
  void add(std::string method, std::string pattern, Handler handler, RouteOptions options = {}) {
    router_->add(std::move(method), std::move(pattern), std::move(handler), std::move(options));
  }
  // A route that answers with the body it was sent.
  void add_echo(RouteOptions options = {}) {
    add(
        "POST", "/echo",
        [](Request r, Responder out) { out.send(Response::text(200, std::move(r.body))); },
        std::move(options));
  }
  void start() {
    auto server = Server::start(options_, router_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }
  // A test whose handlers use its local variables stops the server before these go.
  void stop() { server_->stop(kPatience); }
  uint16_t port() const { return server_->port(); }

  // Sends `request` as it stands and reads one answer.
  ClientResponse raw(std::string_view request) {
    TestClient client(port());
    client.send(request);
    return client.read_response();
  }

  Metrics metrics_;
  ServerOptions options_{.metrics = &metrics_};
  std::shared_ptr<Router> router_ = std::make_shared<Router>();
  std::unique_ptr<Server> server_;
};

std::string chunked(std::string_view body, size_t chunk) {
  std::string out;
  for (; !body.empty(); body.remove_prefix(std::min(chunk, body.size()))) {
    const auto part = body.substr(0, chunk);
    out += fmt::format("{:x}\r\n{}\r\n", part.size(), part);
  }
  return out + "0\r\n\r\n";
}

TEST_F(ServerTest, AnswersOneAfterTheOtherOnAConnection) {
  add("GET", "/hello/{name}", [](Request r, Responder out) {
    out.send(Response::text(
        200, std::string(r.parameter("name")) + std::string(r.query.find("q").value_or("-"))));
  });
  start();
  TestClient client(port());
  for (const char* name : {"a", "b"}) {
    client.send(fmt::format("GET /hello/{}?q=1 HTTP/1.1\r\nHost: x\r\n\r\n", name));
    const ClientResponse response = client.read_response();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, std::string(name) + "1");
    EXPECT_EQ(response.headers.get("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_TRUE(response.headers.find("Date"));
  }
  client.send("GET http://x/hello/absolute HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.read_response().body, "absolute-");
  EXPECT_TRUE(client.is_closed_by_peer());
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  add_echo();
  start();
  TestClient client(port());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += fmt::format("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{:02}", i);
  }
  client.send(requests);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.read_response().body, fmt::format("{:02}", i));
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  add("GET", "/", [](Request, Responder out) { out.send(Response::text(200, "twelve bytes")); });
  start();
  TestClient client(port());
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read_response("HEAD").headers.get("Content-Length"), "12");
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read_response().body, "twelve bytes");
}

TEST_F(ServerTest, SpeaksHttp10) {
  add("GET", "/", [](Request, Responder out) { out.send(Response::text(200, "ok")); });
  start();
  TestClient closing(port());
  closing.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closing.read_response().body, "ok");
  EXPECT_TRUE(closing.is_closed_by_peer());
  TestClient keeping(port());
  keeping.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(keeping.read_response().headers.get("Connection"), "keep-alive");
  keeping.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(keeping.read_response().body, "ok");
}

TEST_F(ServerTest, SaysWhatIsNotThere) {
  add("GET", "/a", [](Request, Responder out) { out.send(Response::empty(204)); });
  add("POST", "/a", [](Request, Responder out) { out.send(Response::empty(204)); });
  start();
  const ClientResponse missing = fetch(port(), "GET", "/b");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body,
            R"({"error":{"code":"not_found","message":"there is nothing at /b","field":""}})");
  const ClientResponse wrong_method = fetch(port(), "DELETE", "/a");
  EXPECT_EQ(wrong_method.status, 405);
  EXPECT_EQ(wrong_method.headers.get("Allow"), "GET, HEAD, POST");
  const ClientResponse options = fetch(port(), "OPTIONS", "/a");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.headers.get("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_FALSE(options.headers.find("Access-Control-Allow-Origin"));
}

TEST_F(ServerTest, ReadsBodiesOfAnyFraming) {
  add_echo({.body_bytes_max = 8u << 20});
  start();
  for (const size_t size : {0u, 1u, 20'000u, 3'000'000u}) {
    std::string body(size, 'b');
    for (size_t i = 0; i < size; i += 97) body[i] = static_cast<char>('a' + i % 26);
    EXPECT_TRUE(fetch(port(), "POST", "/echo", {}, body).body == body);
    TestClient client(port());
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                chunked(body, 7'001));
    EXPECT_TRUE(client.read_response().body == body);
    // The connection is in step afterwards.
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
    EXPECT_EQ(client.read_response().body, "x");
  }
}

TEST_F(ServerTest, UnpacksBodies) {
  add_echo({.body_bytes_max = 1'000, .unpacked_bytes_max = 10'000});
  start();
  const std::string body(10'000, 'a');
  EXPECT_EQ(fetch(port(), "POST", "/echo", {{"Content-Encoding", "gzip"}}, gzip(body)).body, body);
  EXPECT_EQ(fetch(port(), "POST", "/echo", {{"Content-Encoding", "gzip"}}, gzip(body + "a")).status,
            413);
  EXPECT_EQ(fetch(port(), "POST", "/echo", {{"Content-Encoding", "gzip"}}, "no gzip").status, 400);
  EXPECT_EQ(fetch(port(), "POST", "/echo", {{"Content-Encoding", "br"}}, "brotli").status, 415);
}

TEST_F(ServerTest, RefusesLargeBodiesBeforeReadingThem) {
  add_echo({.body_bytes_max = 1'000});
  start();
  TestClient client(port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2147483648\r\n\r\n");
  const ClientResponse refused = client.read_response();
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(refused.headers.get("Connection"), "close");
  EXPECT_EQ(raw("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                chunked(std::string(5'000, 'a'), 100))
                .status,
            413);
}

TEST_F(ServerTest, ContinuesOnlyWithARequestItTakes) {
  add_echo({.admit = [](const Request& r) -> std::optional<Response> {
    if (r.headers.get("x-key") == "right") return std::nullopt;
    return error_response({ErrorCode::kUnauthenticated, "no key", "x-key"});
  }});
  start();
  TestClient client(port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nx-key: right\r\nContent-Length: 4\r\nExpect: "
      "100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_EQ(client.read_response().body, "body");
  EXPECT_EQ(
      raw("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
          .status,
      401);
}

// The client sends its whole body before it reads: the answer must not be lost to a reset.
TEST_F(ServerTest, LetsTheClientReadARefusal) {
  add_echo({.body_bytes_max = 1'000});
  start();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(fetch(port(), "POST", "/echo", {}, std::string(4'000'000, 'a')).status, 413);
  }
}

TEST_F(ServerTest, RefusesWhatIsNotHttp) {
  add("GET", "/", [](Request, Responder out) { out.send(Response::empty(204)); });
  add_echo();
  start();
  const auto check = [&](std::string_view request, int status) {
    EXPECT_EQ(raw(request).status, status) << request;
  };
  check("hello\r\n\r\n", 400);
  check("GET / HTTP/7.7\r\n\r\n", 400);
  check("GET /\x01 HTTP/1.1\r\n\r\n", 400);
  check("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400);
  check("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400);
  check("GET /?a=%f HTTP/1.1\r\nHost: x\r\n\r\n", 400);
  check("GET nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 400);
  check("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400);
  check("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n", 400);
  check("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400);
  check(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: "
      "chunked\r\n\r\n0\r\n\r\n",
      400);
  check("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nab", 400);
  check("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400);
  check("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n", 400);
  check(
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
      400);
  check("GET / HTTP/1.1\r\nx: " + std::string(40'000, 'a') + "\r\n\r\n", 431);
  check("GET /" + std::string(40'000, 'a') + " HTTP/1.1\r\n\r\n", 431);
  EXPECT_EQ(fetch(port(), "GET", "/").status, 204);
}

TEST_F(ServerTest, ClosesOnSlowAndIdleClients) {
  options_.request_timeout = milliseconds(50);
  options_.idle_timeout = milliseconds(50);
  add_echo();
  start();
  TestClient silent(port());
  EXPECT_TRUE(silent.is_closed_by_peer());
  TestClient slow(port());
  slow.send("GET / HT");
  EXPECT_TRUE(slow.is_closed_by_peer());
  TestClient slow_body(port());
  slow_body.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_TRUE(slow_body.is_closed_by_peer());
}

TEST_F(ServerTest, TakesAnswersFromOtherThreads) {
  std::vector<std::thread> threads;
  std::mutex mutex;
  add("POST", "/echo",
      [&](Request r, Responder out) {
        std::lock_guard lock(mutex);
        threads.emplace_back(
            [body = std::move(r.body), out] { out.send(Response::text(200, body)); });
      },
      {.run = Run::kInline});
  start();
  TestClient client(port());
  for (int i = 0; i < 20; ++i) {
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok");
    EXPECT_EQ(client.read_response().body, "ok");
  }
  for (auto& thread : threads) thread.join();
  stop();
}

TEST_F(ServerTest, AnswersForHandlersThatDoNot) {
  options_.handler_timeout = milliseconds(50);
  std::promise<Responder> kept;
  add("GET", "/drop", [](Request, Responder) {});
  add("GET", "/throw", [](Request, Responder) { throw std::runtime_error("a bug"); });
  add("GET", "/keep", [&](Request, Responder out) { kept.set_value(out); });
  start();
  EXPECT_EQ(fetch(port(), "GET", "/drop").status, 500);
  EXPECT_EQ(fetch(port(), "GET", "/throw").status, 500);
  TestClient client(port());
  client.send("GET /keep HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 504);
  kept.get_future().get().send(Response::text(200, "too late"));
  client.send("GET /drop HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 500);
  stop();
}

TEST_F(ServerTest, TellsToRetryWhileWorkersAreBusy) {
  options_.workers = 1;
  options_.queue_max = 1;
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::promise<void> running;
  add("GET", "/slow", [&, first = true](Request, Responder out) mutable {
    if (std::exchange(first, false)) running.set_value();
    released.wait();
    out.send(Response::empty(204));
  });
  add("GET", "/quick", [](Request, Responder out) { out.send(Response::empty(204)); },
      {.run = Run::kInline});
  start();
  TestClient first(port());
  first.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  running.get_future().wait();
  // Of two more, one waits and one is refused; which of them is open.
  TestClient second(port());
  TestClient third(port());
  for (TestClient* client : {&second, &third})
    client->send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  const ClientResponse refused = TestClient::first_to_answer(second, third).read_response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.get("Retry-After"), "1");
  EXPECT_EQ(fetch(port(), "GET", "/quick").status, 204);
  release.set_value();
  EXPECT_EQ(first.read_response().status, 204);
  stop();
}

TEST_F(ServerTest, BoundsConnections) {
  options_.connections_max = 2;
  add("GET", "/", [](Request, Responder out) { out.send(Response::empty(204)); });
  start();
  TestClient first(port());
  TestClient second(port());
  for (TestClient* client : {&first, &second}) {
    client->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client->read_response().status, 204);
  }
  TestClient third(port());
  EXPECT_EQ(third.read_response().status, 503);
  EXPECT_TRUE(third.is_closed_by_peer());
}

TEST_F(ServerTest, BoundsTheBytesOfAllBodies) {
  options_.body_bytes_in_flight_max = 600'000;
  std::promise<Responder> waiting;
  add("POST", "/wait", [&](Request, Responder out) { waiting.set_value(out); });
  add_echo();
  start();
  TestClient first(port());
  const std::string body(500'000, 'a');
  first.send("POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" + body);
  const Responder responder = waiting.get_future().get();
  const ClientResponse refused = fetch(port(), "POST", "/echo", {}, body);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.get("Retry-After"), "1");
  responder.send(Response::empty(204));
  EXPECT_EQ(first.read_response().status, 204);
  // The share is given back once the answer is written, a moment after the client may have read it.
  int status = 429;
  for (int attempt = 0; status == 429 && attempt < 1'000; ++attempt)
    status = fetch(port(), "POST", "/echo", {}, body).status;
  EXPECT_EQ(status, 200);
  stop();
}

TEST_F(ServerTest, CompressesForClientsElsewhere) {
  const std::string body(5'000, 'a');
  add("GET", "/", [&](Request, Responder out) { out.send(Response::json(200, body)); });
  start();
  const Headers far_away{{"Accept-Encoding", "br, gzip"}, {"X-Forwarded-For", "203.0.113.7"}};
  const ClientResponse packed = fetch(port(), "GET", "/", far_away);
  EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(packed.headers.get("Vary"), "Accept-Encoding");
  EXPECT_EQ(*decode(Coding::kGzip, packed.body, 10'000), body);
  EXPECT_EQ(fetch(port(), "GET", "/", {{"Accept-Encoding", "gzip"}}).body, body);
}

TEST_F(ServerTest, AllowsTheOriginsItIsTold) {
  options_.cors_origins = {"https://app.example"};
  add_echo();
  start();
  const ClientResponse preflight = fetch(
      port(), "OPTIONS", "/echo",
      {{"Origin", "https://app.example"}, {"Access-Control-Request-Headers", "x-cekura-api-key"}});
  EXPECT_EQ(preflight.headers.get("Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(preflight.headers.get("Access-Control-Allow-Methods"), "POST");
  EXPECT_EQ(preflight.headers.get("Access-Control-Allow-Headers"), "x-cekura-api-key");
  const Headers elsewhere{{"Origin", "https://evil.example"}};
  EXPECT_FALSE(
      fetch(port(), "POST", "/echo", elsewhere, "a").headers.find("Access-Control-Allow-Origin"));
  EXPECT_EQ(fetch(port(), "POST", "/echo", {{"Origin", "https://app.example"}}, "a")
                .headers.get("Access-Control-Allow-Origin"),
            "https://app.example");
}

class StreamTest : public ServerTest {
 protected:
  ~StreamTest() override { stop(); }
  void SetUp() override {
    add("GET", "/events", [this](Request, Responder out) {
      stream_.set_value(*out.stream({200, {{"Content-Type", "text/event-stream"}}, {}}));
    });
    start();
  }
  std::promise<ResponseStream> stream_;
};

TEST_F(StreamTest, PassesOnWhatIsWritten) {
  TestClient client(port());
  client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  const ResponseStream stream = stream_.get_future().get();
  EXPECT_NE(client.read_until("\r\n\r\n").find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_TRUE(stream.write("one"));
  EXPECT_EQ(client.read_chunk(), "one");
  EXPECT_TRUE(stream.write("two"));
  stream.end();
  EXPECT_EQ(client.read_chunk(), "two");
  EXPECT_EQ(client.read_chunk(), "");
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_FALSE(stream.write("three"));
}

TEST_F(StreamTest, NoticesThatTheClientWent) {
  auto client = std::make_unique<TestClient>(port());
  client->send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  const ResponseStream stream = stream_.get_future().get();
  client.reset();
  while (stream.is_open()) std::this_thread::yield();
  EXPECT_FALSE(stream.write("nobody"));
}

TEST_F(StreamTest, GivesUpAClientThatDoesNotRead) {
  TestClient client(port());
  client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  const ResponseStream stream = stream_.get_future().get();
  const std::string piece(1u << 20, 'a');
  int pieces = 0;
  while (stream.write(piece)) ASSERT_LT(++pieces, 1'000);
  EXPECT_FALSE(stream.is_open());
}

TEST_F(StreamTest, EndsWhenTheServerStops) {
  TestClient client(port());
  client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  const ResponseStream stream = stream_.get_future().get();
  client.read_until("\r\n\r\n");
  server_->stop(kPatience);
  EXPECT_FALSE(stream.is_open());
  EXPECT_EQ(client.read_chunk(), "");
}

TEST_F(ServerTest, FinishesWhatIsUnderWayWhenItStops) {
  std::promise<Responder> waiting;
  add("GET", "/", [&](Request, Responder out) { waiting.set_value(out); });
  start();
  TestClient idle(port());
  TestClient busy(port());
  busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const Responder responder = waiting.get_future().get();
  auto stopped = std::async(std::launch::async, [&] { server_->stop(kPatience); });
  EXPECT_TRUE(idle.is_closed_by_peer());
  responder.send(Response::text(200, "done"));
  const ClientResponse response = busy.read_response();
  EXPECT_EQ(response.body, "done");
  EXPECT_EQ(response.headers.get("Connection"), "close");
  stopped.wait();
  EXPECT_FALSE(TestClient(port()).is_connected());
}

TEST_F(ServerTest, CutsOffWhatDoesNotFinish) {
  std::promise<Responder> waiting;
  add("GET", "/", [&](Request, Responder out) { waiting.set_value(out); });
  start();
  TestClient client(port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const Responder responder = waiting.get_future().get();
  server_->stop(milliseconds(10));
  EXPECT_TRUE(client.is_closed_by_peer());
  server_.reset();
  responder.send(Response::text(200, "too late"));
}

TEST_F(ServerTest, CountsWhatItAnswers) {
  add("GET", "/a/{id}", [](Request, Responder out) { out.send(Response::empty(204)); });
  start();
  fetch(port(), "GET", "/a/1");
  fetch(port(), "GET", "/a/2");
  fetch(port(), "GET", "/nowhere");
  server_->stop(kPatience);
  const std::string text = metrics_.prometheus();
  EXPECT_NE(
      text.find(R"(callscope_http_requests_total{method="GET",route="/a/{id}",status="204"} 2)"),
      std::string::npos);
  EXPECT_NE(
      text.find(R"(callscope_http_requests_total{method="other",route="other",status="404"} 1)"),
      std::string::npos);
  EXPECT_NE(text.find("callscope_http_connections 0\n"), std::string::npos);
}

TEST(Server, SaysWhatIsWrongWithItsOptions) {
  const auto router = std::make_shared<Router>();
  const auto code = [&](ServerOptions options) {
    return Server::start(std::move(options), router).error().code;
  };
  EXPECT_EQ(code({.address = "nonsense"}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.address = "127.0.0.1:99999"}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code({.tls_certificate_file = "/nowhere", .tls_key_file = "/nowhere"}),
            ErrorCode::kInvalidArgument);
  auto first = Server::start({}, router);
  ASSERT_TRUE(first);
  EXPECT_EQ(code({.address = (*first)->address()}), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace callscope::http
