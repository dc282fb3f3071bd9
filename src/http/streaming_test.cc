// Bodies that are handled while they arrive, and answers that are read while they are sent.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <semaphore>

#include "http/body_source.h"
#include "http/coding.h"
#include "http/ranges.h"
#include "http/server.h"
#include "http/test_client.h"

namespace callscope::http {
namespace {

using std::chrono::milliseconds;

struct Seen {
  std::atomic<size_t> opened{0};
  std::atomic<size_t> bytes{0};
  std::atomic<size_t> largest{0};
  std::atomic<size_t> finished{0};
  std::counting_semaphore<> dropped{0};  // sinks that went without their finish
  std::function<Result<void>(std::string_view)> on_write = [](auto) { return Result<void>(); };
};

class SeeingSink final : public BodySink {
 public:
  explicit SeeingSink(Seen& seen) : seen_(seen) { ++seen_.opened; }
  ~SeeingSink() override {
    if (!finished_) seen_.dropped.release();
  }
  Result<void> write(std::string_view bytes) override {
    seen_.bytes += bytes.size();
    seen_.largest = std::max<size_t>(seen_.largest, bytes.size());
    if (text_.size() < 100) text_ += bytes.substr(0, 100);
    return seen_.on_write(bytes);
  }
  Result<void> finish(Responder responder) override {
    finished_ = true;
    ++seen_.finished;
    if (text_ == "bad") return Error{ErrorCode::kInvalidArgument, "it is bad", "body"};
    responder.send(Response::text(201, text_.substr(0, 100)));
    return {};
  }

 private:
  Seen& seen_;
  bool finished_ = false;
  std::string text_;
};

class StreamingTest : public testing::Test {
 protected:
  void start(RouteOptions options = {}) {
    router_->add_streamed(
        "POST", "/in/{key...}",
        [this](const Request& request) -> Result<std::unique_ptr<BodySink>> {
          if (request.parameter("key") == "no/such")
            return Error{ErrorCode::kNotFound, "there is none", ""};
          return std::unique_ptr<BodySink>(std::make_unique<SeeingSink>(seen_));
        },
        std::move(options));
    auto server = Server::start(options_, router_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }
  void TearDown() override {
    if (server_) server_->stop(milliseconds(5'000));
  }
  uint16_t port() const { return server_->port(); }

  Seen seen_;
  ServerOptions options_;
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

TEST_F(StreamingTest, TakesBodiesOfEachFramingOnOneConnection) {
  start({.body_bytes_max = 16u << 20, .unpacked_bytes_max = 16u << 20});
  TestClient client(port());
  client.send("POST /in/a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(client.read_response().body, "hello");
  client.send("POST /in/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
              chunked("chunked body", 5));
  EXPECT_EQ(client.read_response().body, "chunked body");
  client.send("POST /in/a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 201);
  const std::string packed = gzip("gzip body");
  client.send(
      fmt::format("POST /in/a HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n"
                  "Content-Length: {}\r\n\r\n{}",
                  packed.size(), packed));
  EXPECT_EQ(client.read_response().body, "gzip body");
  seen_.bytes = 0;
  const std::string large(9'000'000, 'x');
  client.send("POST /in/a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n" + large);
  EXPECT_EQ(client.read_response().status, 201);
  client.send("POST /in/a/b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
              chunked(large, 100'000));
  EXPECT_EQ(client.read_response().status, 201);
  EXPECT_EQ(seen_.bytes, 18'000'000u);
  EXPECT_LE(seen_.largest, 1u << 20);
  EXPECT_EQ(seen_.finished, 6u);
}

TEST_F(StreamingTest, AsksForTheBodyOnlyOnceItIsWanted) {
  start({.body_bytes_max = 100, .admit = [](const Request& request) -> std::optional<Response> {
           if (request.headers.find("Key")) return std::nullopt;
           return error_response(401, "unauthenticated", "no key");
         }});
  const auto ask = [&](std::string_view path, std::string_view header) {
    auto client = std::make_unique<TestClient>(port());
    client->send(
        fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: "
                    "100-continue\r\n{}\r\n",
                    path, header));
    return client;
  };
  EXPECT_EQ(ask("/in/a", "")->read_response().status, 401);
  EXPECT_EQ(ask("/in/no/such", "Key: 1\r\n")->read_response().status, 404);
  EXPECT_EQ(seen_.opened, 0u);
  const auto client = ask("/in/a", "Key: 1\r\n");
  EXPECT_EQ(client->read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client->send("hello");
  EXPECT_EQ(client->read_response().body, "hello");
}

TEST_F(StreamingTest, RefusesBeforeTheBodyIsRead) {
  start({.body_bytes_max = 1'000, .unpacked_bytes_max = 2'000});
  EXPECT_EQ(fetch(port(), "POST", "/in/a", {{"Content-Length", "2000000000000"}}).status, 413);
  TestClient client(port());
  client.send("POST /in/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
              chunked(std::string(5'000, 'x'), 500));
  EXPECT_EQ(client.read_response().status, 413);
  EXPECT_TRUE(client.is_closed_by_peer());
  const std::string bomb = gzip(std::string(100'000, 'x'));
  ASSERT_LT(bomb.size(), 1'000u);
  EXPECT_EQ(fetch(port(), "POST", "/in/a", {{"Content-Encoding", "gzip"}}, bomb).status, 413);
  const ClientResponse cut = fetch(port(), "POST", "/in/a", {{"Content-Encoding", "gzip"}},
                                   gzip("cut off here").substr(0, 20));
  EXPECT_EQ(cut.status, 400);
  EXPECT_EQ(fetch(port(), "POST", "/in/a", {{"Content-Encoding", "br"}}, "x").status, 415);
  const ClientResponse bad = fetch(port(), "POST", "/in/a", {}, "bad");
  EXPECT_EQ(bad.status, 400);
  EXPECT_NE(bad.body.find("it is bad"), std::string::npos);
}

TEST_F(StreamingTest, StopsReadingAtAnErrorOfTheSink) {
  start({.body_bytes_max = 1u << 30});
  seen_.on_write = [](std::string_view) -> Result<void> {
    return Error{ErrorCode::kUnavailable, "the disk is full", ""};
  };
  TestClient client(port());
  client.send("POST /in/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n");
  client.send(std::string(1'000'000, 'x'));
  EXPECT_EQ(client.read_response().status, 503);
  client.finish_sending();
  EXPECT_TRUE(client.is_closed_by_peer());
  EXPECT_LE(seen_.bytes, 1u << 20);
  seen_.dropped.acquire();
}

TEST_F(StreamingTest, SlowSinksSlowTheSenderDown) {
  start({.body_bytes_max = 1u << 30});
  std::counting_semaphore<> may_write(0);
  seen_.on_write = [&](std::string_view) -> Result<void> {
    may_write.acquire();
    return {};
  };
  std::atomic<size_t> sent{0};
  constexpr size_t kTotal = 64u << 20;
  TestClient client(port());
  const std::future<void> sender = std::async(std::launch::async, [&] {
    client.send(
        fmt::format("POST /in/a HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", kTotal));
    const std::string piece(1u << 20, 'x');
    for (size_t i = 0; i < kTotal >> 20; ++i) {
      client.send(piece);
      sent += piece.size();
    }
  });
  // Until nothing more goes into the socket: its buffers are a few MiB.
  for (size_t before = SIZE_MAX; before != sent; sender.wait_for(milliseconds(200))) before = sent;
  EXPECT_LT(sent, 40u << 20);
  may_write.release(1'000);
  sender.wait();
  EXPECT_EQ(client.read_response().status, 201);
  EXPECT_EQ(seen_.bytes, kTotal);
}

TEST_F(StreamingTest, ForgetsWhatASenderDoesNotFinish) {
  start({.body_bytes_max = 1u << 30});
  {
    TestClient client(port());
    client.send("POST /in/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf");
  }
  seen_.dropped.acquire();
  EXPECT_EQ(seen_.finished, 0u);
}

// Bytes 0, 1, 2, … 255, 0, …
class CountingSource final : public BodySource {
 public:
  explicit CountingSource(uint64_t size) : size_(size) {}
  uint64_t size() const override { return size_; }
  Result<void> read(uint64_t offset, std::span<char> out) override {
    if (offset + out.size() > size_) return Error{ErrorCode::kInternal, "behind the end"};
    for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(offset + i);
    return {};
  }

 private:
  const uint64_t size_;
};

class SourceTest : public StreamingTest {
 protected:
  void SetUp() override {
    router_->add("GET", "/out", [](Request request, Responder out) {
      Response response = Response::streamed("audio/wav", std::make_shared<CountingSource>(kSize));
      response.headers.add("ETag", "\"v1\"");
      out.send(apply_range(request, std::move(response)));
    });
    router_->add("GET", "/lies", [](Request, Responder out) {
      Response response = Response::streamed("audio/wav", std::make_shared<CountingSource>(10));
      response.source_end = 1'000'000;
      out.send(std::move(response));
    });
    start();
  }
  ClientResponse get(std::string_view range, const Headers& more = {}, const char* verb = "GET") {
    Headers headers = more;
    if (!range.empty()) headers.add("Range", range);
    return fetch(port(), verb, "/out", headers);
  }
  static constexpr uint64_t kSize = 1'000'000;
};

TEST_F(SourceTest, SendsTheWholeOrAPart) {
  const ClientResponse whole = get("");
  EXPECT_EQ(whole.status, 200);
  ASSERT_EQ(whole.body.size(), kSize);
  EXPECT_EQ(whole.headers.get("Accept-Ranges"), "bytes");
  for (size_t i = 0; i < kSize; i += 77'777) ASSERT_EQ(whole.body[i], static_cast<char>(i)) << i;

  const auto check = [&](std::string_view range, std::string_view content_range, size_t begin,
                         size_t size) {
    const ClientResponse part = get(range);
    EXPECT_EQ(part.status, 206) << range;
    EXPECT_EQ(part.headers.get("Content-Range"), content_range);
    EXPECT_EQ(part.body, whole.body.substr(begin, size));
  };
  check("bytes=0-0", "bytes 0-0/1000000", 0, 1);
  check("bytes=10-19", "bytes 10-19/1000000", 10, 10);
  check("bytes=300000-", "bytes 300000-999999/1000000", 300'000, 700'000);
  check("bytes=-5", "bytes 999995-999999/1000000", 999'995, 5);
  check("bytes=999990-2000000", "bytes 999990-999999/1000000", 999'990, 10);
  check("bytes=-2000000", "bytes 0-999999/1000000", 0, kSize);
}

TEST_F(SourceTest, AnswersWhatIsNoPart) {
  for (const char* range : {"bytes=1000000-", "bytes=-0"}) {
    const ClientResponse response = get(range);
    EXPECT_EQ(response.status, 416) << range;
    EXPECT_EQ(response.headers.get("Content-Range"), "bytes */1000000");
  }
  for (const char* range : {"bytes=5-2", "bytes=a-b", "bytes=0-1,5-6", "lines=1-2", "bytes="})
    EXPECT_EQ(get(range).status, 200) << range;
  EXPECT_EQ(get("bytes=0-1", {{"If-Range", "\"v1\""}}).status, 206);
  EXPECT_EQ(get("bytes=0-1", {{"If-Range", "\"v0\""}}).status, 200);
  EXPECT_EQ(get("", {{"If-None-Match", "\"v0\", W/\"v1\""}}).status, 304);
  const ClientResponse head = get("", {}, "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.get("Content-Length"), "1000000");
  EXPECT_EQ(get("bytes=0-1", {}, "HEAD").headers.get("Content-Length"), "2");
}

TEST_F(SourceTest, CutsOffWhereTheSourceFails) {
  TestClient client(port());
  client.send("GET /lies HTTP/1.1\r\nHost: x\r\n\r\n");
  const ClientResponse response = client.read_response();
  EXPECT_EQ(response.status, 200);
  EXPECT_LT(response.body.size(), 1'000'000u);
  EXPECT_TRUE(client.is_closed_by_peer());
}

}  // namespace
}  // namespace callscope::http
