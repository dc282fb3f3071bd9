#include "serve/static_ui.h"

#include <gtest/gtest.h>

#include "http/coding.h"
#include "http/server.h"
#include "http/test_client.h"

namespace callscope::serve {
namespace {

class StaticUiTest : public testing::Test {
 protected:
  void start(std::span<const StaticFile> files) {
    auto router = std::make_shared<http::Router>();
    router->add("GET", "/api/v1/calls",
                [](http::Request, http::Responder out) { out.send(http::Response::empty(204)); });
    register_static_ui(*router, files);
    server_ = http::Server::start({}, router).value_or(nullptr);
  }
  http::ClientResponse get(std::string_view path, const http::Headers& headers = {}) {
    return http::fetch(server_->port(), "GET", path, headers);
  }

  const std::string script_ = http::gzip("console.log('callscope')");
  const std::vector<StaticFile> files_ = {
      {.path = "/index.html", .bytes = "<html>app</html>", .is_gzip = false, .etag = "\"1\""},
      {.path = "/assets/app-abc123.js", .bytes = script_, .is_gzip = true, .etag = "\"2\""},
      {.path = "/favicon.svg", .bytes = "<svg/>", .is_gzip = false, .etag = "\"3\""}};
  std::unique_ptr<http::Server> server_;
};

TEST_F(StaticUiTest, ServesFiles) {
  start(files_);
  const http::ClientResponse page = get("/");
  EXPECT_EQ(page.body, "<html>app</html>");
  EXPECT_EQ(page.headers.get("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.headers.get("Cache-Control"), "no-cache");
  EXPECT_EQ(page.headers.get("X-Content-Type-Options"), "nosniff");
  EXPECT_NE(page.headers.get("Content-Security-Policy").find("default-src 'self'"),
            std::string_view::npos);
  EXPECT_EQ(get("/favicon.svg").headers.get("Content-Type"), "image/svg+xml");
}

TEST_F(StaticUiTest, ServesHashedAssetsCompressedAndForGood) {
  start(files_);
  const http::ClientResponse packed = get("/assets/app-abc123.js", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(packed.body, script_);
  EXPECT_EQ(packed.headers.get("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(packed.headers.get("ETag"), "\"2\"");
  EXPECT_EQ(get("/assets/app-abc123.js").body, "console.log('callscope')");
  EXPECT_EQ(get("/assets/app-abc123.js", {{"If-None-Match", "\"1\", \"2\""}}).status, 304);
}

TEST_F(StaticUiTest, FallsBackToTheAppForItsOwnAddressesOnly) {
  start(files_);
  EXPECT_EQ(get("/calls/12?tab=spans").body, "<html>app</html>");
  EXPECT_EQ(get("/assets/gone-123.js").status, 404);
  EXPECT_EQ(get("/api/v1/nothing").status, 404);
  EXPECT_EQ(get("/test_framework/v1/aiagents").status, 404);
  EXPECT_NE(get("/api/v1/nothing").body.find("\"not_found\""), std::string::npos);
  EXPECT_EQ(http::fetch(server_->port(), "POST", "/calls/12", {}, "x").status, 404);
  EXPECT_EQ(http::fetch(server_->port(), "POST", "/api/v1/calls", {}, "x").status, 405);
  EXPECT_EQ(get("/../../etc/passwd").body, "<html>app</html>");
}

TEST_F(StaticUiTest, SaysHowToBuildItWhereItIsMissing) {
  start({});
  const http::ClientResponse page = get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("./dev build"), std::string::npos);
}

}  // namespace
}  // namespace callscope::serve
