#include <gtest/gtest.h>

#include "base/encoding.h"
#include "serve/api_fixture.h"

namespace callscope::serve {
namespace {

class JaegerApiTest : public ApiTest {
 protected:
  size_t found(std::string_view query) {
    return get(fmt::format("/jaeger/api/traces?{}", query)).at("data").as_array().size();
  }
};

TEST_F(JaegerApiTest, ListsServicesAndOperations) {
  receive_call(1);
  EXPECT_EQ(get("/jaeger/api/services"),
            boost::json::parse(
                R"({"data":["front desk"],"total":1,"limit":0,"offset":0,"errors":null})"));
  EXPECT_EQ(get("/jaeger/api/services/front%20desk/operations").at("data"),
            (boost::json::value{"conversation", "llm", "stt", "tool_call"}));
  EXPECT_EQ(get("/jaeger/api/operations?service=front+desk").at_pointer("/data/0"),
            (boost::json::value{{"name", "conversation"}, {"spanKind", ""}}));
  EXPECT_EQ(get("/jaeger/api/dependencies?endTs=1&lookback=2").at("data").as_array().size(), 0u);
}

TEST_F(JaegerApiTest, GivesATrace) {
  receive_call(1);
  const boost::json::value answer =
      get("/jaeger/api/traces/ab000000000000000000000000000001?prettyPrint=true");
  EXPECT_EQ(answer.at_pointer("/data/0/spans").as_array().size(), 4u);
  EXPECT_EQ(answer.at_pointer("/data/0/processes/p1/serviceName"), "front desk");
  const boost::json::value missing = json("GET", "/jaeger/api/traces/ab", 404, admin_key);
  EXPECT_TRUE(missing.at("data").is_null());
  EXPECT_EQ(missing.at_pointer("/errors/0/code").as_int64(), 404);
}

TEST_F(JaegerApiTest, Searches) {
  for (uint8_t trace = 1; trace <= 3; ++trace) receive_call(trace);
  EXPECT_EQ(found("service=front+desk"), 3u);
  EXPECT_EQ(found("service=front+desk&limit=2"), 2u);
  EXPECT_EQ(found("service=nobody"), 0u);
  EXPECT_EQ(found("service=front+desk&operation=llm&lookback=1h&unknown=1"), 3u);
  EXPECT_EQ(found("service=front+desk&operation=nothing"), 0u);
  EXPECT_EQ(
      found("traceID=ab000000000000000000000000000001&traceID=ab000000000000000000000000000002"),
      2u);
  EXPECT_EQ(found("service=front+desk&tags=%7B%22function.name%22%3A%22book_table%22%7D"), 3u);
  EXPECT_EQ(found("service=front+desk&tag=function.name%3Aother"), 0u);
  get("/jaeger/api/"
      "traces?service=front+desk&tags=%7B%22error%22%3A%22true%22%7D&start=1000000&end=2000000"
      "&minDuration=100ms&maxDuration=1.5s");
  EXPECT_TRUE(spans.last_search.errors_only);
  EXPECT_EQ(spans.last_search.started.from, TimeNs{1'000'000'000});
  EXPECT_EQ(spans.last_search.started.to, TimeNs{2'000'000'000});
  EXPECT_EQ(spans.last_search.duration_min, DurationNs::from_ms(100));
  EXPECT_EQ(spans.last_search.duration_max, DurationNs::from_ms(1'500));
  for (const char* query : {"start=x", "minDuration=fast", "tags=no", "tag=no", "traceID=xyz"}) {
    EXPECT_EQ(json("GET", fmt::format("/jaeger/api/traces?{}", query), 400, admin_key)
                  .at_pointer("/errors/0/code")
                  .as_int64(),
              400);
  }
}

TEST_F(JaegerApiTest, TakesTheKeyAsAPassword) {
  const http::Headers basic{{"Authorization", "Basic " + to_base64("grafana:" + admin_key)}};
  EXPECT_EQ(http::fetch(server_->port(), "GET", "/jaeger/api/services", basic).status, 200);
  const http::Headers wrong{{"Authorization", "Basic " + to_base64("grafana:wrong")}};
  EXPECT_EQ(http::fetch(server_->port(), "GET", "/jaeger/api/services", wrong).status, 401);
}

}  // namespace
}  // namespace callscope::serve
