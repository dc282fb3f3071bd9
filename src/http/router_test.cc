#include "http/router.h"

#include <gtest/gtest.h>

namespace callscope::http {
namespace {

class RouterTest : public testing::Test {
 protected:
  void add(std::string method, std::string pattern,
           TrailingSlash slash = TrailingSlash::kTolerated) {
    router_.add(std::move(method), std::move(pattern), [](Request, Responder) {},
                {.trailing_slash = slash});
  }

  // The pattern with its parameters, or what else the router says.
  std::string check(std::string_view method, std::string_view path) {
    const auto match = router_.find(method, path);
    if (!match) return "broken";
    if (match->route == nullptr) return match->allow.empty() ? "nothing" : "allow " + match->allow;
    std::string out = match->route->method + " " + match->route->pattern;
    for (const auto& [name, value] : match->parameters) out += " " + name + "=" + value;
    return out;
  }

  Router router_;
};

TEST_F(RouterTest, MatchesSegments) {
  add("GET", "/calls");
  add("GET", "/calls/{id}");
  add("DELETE", "/calls/{id}");
  add("GET", "/calls/{id}/spans");
  add("GET", "/traces/{trace_id}/spans/{span_id}");
  EXPECT_EQ(check("GET", "/calls"), "GET /calls");
  EXPECT_EQ(check("GET", "/calls/7"), "GET /calls/{id} id=7");
  EXPECT_EQ(check("HEAD", "/calls/7"), "GET /calls/{id} id=7");
  EXPECT_EQ(check("DELETE", "/calls/7"), "DELETE /calls/{id} id=7");
  EXPECT_EQ(check("GET", "/calls/7/spans"), "GET /calls/{id}/spans id=7");
  EXPECT_EQ(check("GET", "/traces/ab/spans/cd"),
            "GET /traces/{trace_id}/spans/{span_id} trace_id=ab span_id=cd");
  EXPECT_EQ(check("GET", "/calls/7/nothing"), "nothing");
  EXPECT_EQ(check("GET", "/"), "nothing");
  EXPECT_EQ(check("GET", "/calls//spans"), "nothing");
}

TEST_F(RouterTest, NamesTheMethodsThereAre) {
  add("GET", "/calls/{id}");
  add("DELETE", "/calls/{id}");
  EXPECT_EQ(check("POST", "/calls/7"), "allow GET, HEAD, DELETE");
}

TEST_F(RouterTest, DecodesParametersAfterSplitting) {
  add("GET", "/services/{service}/operations");
  EXPECT_EQ(check("GET", "/services/a%2Fb%20c/operations"),
            "GET /services/{service}/operations service=a/b c");
  EXPECT_EQ(check("GET", "/services/a%zz/operations"), "broken");
  EXPECT_EQ(check("GET", "/services/a%00/operations"), "broken");
}

TEST_F(RouterTest, ToleratesATrailingSlashWhereItMay) {
  add("GET", "/validate/");
  add("GET", "/strict", TrailingSlash::kStrict);
  EXPECT_EQ(check("GET", "/validate/"), "GET /validate/");
  EXPECT_EQ(check("GET", "/validate"), "GET /validate/");
  EXPECT_EQ(check("GET", "/strict"), "GET /strict");
  EXPECT_EQ(check("GET", "/strict/"), "nothing");
}

TEST_F(RouterTest, FallsBack) {
  add("POST", "/calls");
  router_.set_fallback([](Request, Responder) {});
  EXPECT_EQ(check("GET", "/anything/else"), "* *");
  EXPECT_EQ(check("GET", "/calls"), "allow POST");
}

}  // namespace
}  // namespace callscope::http
