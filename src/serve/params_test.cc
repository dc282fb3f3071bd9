#include "serve/params.h"

#include <gtest/gtest.h>

namespace callscope::serve {
namespace {

// Reads one parameter of each kind and says what came of it: its value, or the error.
std::string check(std::string_view query_text) {
  const auto query = http::Query::parse(query_text);
  Params params(*query);
  std::string out;
  if (auto v = params.text("text")) out += *v;
  if (auto v = params.id("id")) out += fmt::format("id {}", *v);
  if (auto v = params.flag("flag")) out += *v ? "yes" : "no";
  if (auto v = params.milliseconds("ms")) out += fmt::format("{} ns", v->ns);
  if (auto v = params.time("time")) out += to_rfc3339(*v);
  if (auto v = params.interval("interval")) out += fmt::format("{} s", v->ns / 1'000'000'000);
  for (const auto& [key, value] : params.keyed("metadata"))
    out += fmt::format("[{}={}]", key, value);
  for (const auto& value : params.all("many")) out += fmt::format("({})", value);
  out += fmt::format(" limit {}", params.limit({100, 1'000}));
  const auto done = params.done();
  return done ? out : done.error().field + ": " + done.error().message;
}

TEST(Params, Reads) {
  EXPECT_EQ(check(""), " limit 100");
  EXPECT_EQ(check("text=a+b&limit=5"), "a b limit 5");
  EXPECT_EQ(check("text="), " limit 100");
  EXPECT_EQ(check("id=7"), "id 7 limit 100");
  EXPECT_EQ(check("flag=true"), "yes limit 100");
  EXPECT_EQ(check("flag=0"), "no limit 100");
  EXPECT_EQ(check("ms=1.5"), "1500000 ns limit 100");
  EXPECT_EQ(check("time=2026-11-21T15:00:00Z"), "2026-11-21T15:00:00.000000Z limit 100");
  EXPECT_EQ(check("time=1795273200"), "2026-11-21T15:00:00.000000Z limit 100");
  EXPECT_EQ(check("interval=15m"), "900 s limit 100");
  EXPECT_EQ(check("interval=90"), "90 s limit 100");
  EXPECT_EQ(check("metadata.a=1&metadata.b.c=2"), "[a=1][b.c=2] limit 100");
  EXPECT_EQ(check("many=1&many=2"), "(1)(2) limit 100");
}

TEST(Params, NamesWhatIsWrong) {
  EXPECT_EQ(check("limit=0"), "limit: limit must be a whole number from 1 to 1000");
  EXPECT_EQ(check("limit=1001"), "limit: limit must be a whole number from 1 to 1000");
  EXPECT_EQ(check("limit=ten"), "limit: limit must be a whole number from 1 to 1000");
  EXPECT_EQ(check("id=x"), "id: id must be a whole number above 0");
  EXPECT_EQ(check("id=-1"), "id: id must be a whole number above 0");
  EXPECT_EQ(check("id=99999999999999999999"), "id: id must be a whole number above 0");
  EXPECT_EQ(check("flag=maybe"), "flag: flag must be true or false");
  EXPECT_EQ(check("ms=-1"), "ms: ms must be a number of milliseconds");
  EXPECT_EQ(check("ms=nan"), "ms: ms must be a number of milliseconds");
  EXPECT_EQ(check("ms=1e300"), "ms: ms must be a number of milliseconds");
  EXPECT_EQ(check("interval=0"), "interval: interval must be a length such as 30s, 15m, 1h or 7d");
  EXPECT_EQ(check("interval=9999999999999d"),
            "interval: interval must be a length such as 30s, 15m, 1h or 7d");
  EXPECT_EQ(check("text=a&text=b"), "text: text is there twice");
  EXPECT_EQ(check("tpyo=1"), "tpyo: tpyo is not a parameter of this request");
  EXPECT_EQ(check("metadata.=1"), "metadata.: metadata. is not a parameter of this request");
}

TEST(Params, ChecksTheOrderOfTimes) {
  const auto query = http::Query::parse("from=2026-11-21&to=2026-11-20");
  Params params(*query);
  params.time_range();
  EXPECT_EQ(params.done().error().field, "to");
}

}  // namespace
}  // namespace callscope::serve
