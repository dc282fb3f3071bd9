#include "http/query.h"

#include <gtest/gtest.h>

#include "http/headers.h"

namespace callscope::http {
namespace {

std::string check(std::string_view text) {
  const auto query = Query::parse(text);
  if (!query) return "broken";
  std::string out;
  for (const auto& [name, value] : *query) out += "[" + name + "=" + value + "]";
  return out;
}

TEST(Query, Parses) {
  EXPECT_EQ(check(""), "");
  EXPECT_EQ(check("a=1&b=2&a=3"), "[a=1][b=2][a=3]");
  EXPECT_EQ(check("a&b=&=c&&d=e=f"), "[a=][b=][=c][d=e=f]");
  EXPECT_EQ(check("metadata.my%20key=a+b%2Bc"), "[metadata.my key=a b+c]");
  EXPECT_EQ(check("a=%C3%A9"), "[a=\xC3\xA9]");
}

TEST(Query, RefusesBrokenPercentEncoding) {
  for (const char* text : {"a=%", "a=%2", "a=%zz", "%=1", "a=%00", "a=1&b=%g0"})
    EXPECT_EQ(check(text), "broken");
}

TEST(Query, FindsTheFirst) {
  const auto query = Query::parse("a=1&a=2");
  EXPECT_EQ(query->find("a"), "1");
  EXPECT_EQ(query->find("b"), std::nullopt);
}

TEST(PercentDecode, KeepsThePlusOfAPath) {
  EXPECT_EQ(percent_decode("a+b", PlusMeans::kPlus), "a+b");
  EXPECT_EQ(percent_decode("a+b", PlusMeans::kBlank), "a b");
}

TEST(Headers, CompareWithoutCase) {
  Headers headers{{"Content-Type", "a"}, {"X-A", "1"}};
  EXPECT_EQ(headers.get("content-type"), "a");
  EXPECT_EQ(headers.find("x-b"), std::nullopt);
  headers.set("x-a", "2");
  EXPECT_EQ(headers.get("X-A"), "2");
  EXPECT_EQ(headers.size(), 2u);
}

TEST(Headers, ReadsLists) {
  EXPECT_TRUE(lists_token("deflate, GZIP;q=0.5", "gzip"));
  EXPECT_TRUE(lists_token("gzip;q=1", "gzip"));
  EXPECT_FALSE(lists_token("gzip;q=0", "gzip"));
  EXPECT_FALSE(lists_token("gzip; q=0.000", "gzip"));
  EXPECT_FALSE(lists_token("xgzip", "gzip"));
  EXPECT_FALSE(lists_token("", "gzip"));
  EXPECT_EQ(media_type(" Application/JSON; charset=utf-8"), "application/json");
}

}  // namespace
}  // namespace callscope::http
