// Prices: the list, a project's own over it, and what they do to costs.
#include <gtest/gtest.h>

#include "serve/api_fixture.h"
#include "serve/settings.h"

namespace callscope::serve {
namespace {

class PricesTest : public ApiTest {
 protected:
  double cost_of(CallId call) {
    return get(fmt::format("/api/v1/calls/{}", call))
        .at_pointer("/totals/cost_usd")
        .to_number<double>();
  }
};

constexpr const char* kOwn =
    R"({"own":[{"provider":"openai","model":"gpt-4.1*","unit":"output_mtok","usd":1000}]})";

TEST_F(PricesTest, ListsWhatIsPaid) {
  const boost::json::value all = get("/api/v1/prices?text=gpt-4.1-mini&limit=1");
  EXPECT_TRUE(all.at("own").as_array().empty());
  EXPECT_EQ(all.at_pointer("/items/0/source").as_string(), "list");
  EXPECT_EQ(all.at_pointer("/items/0/rates/input_mtok").to_number<double>(), 0.4);
  json("PUT", "/api/v1/prices", 200, admin_key, kOwn);
  const boost::json::value now = get("/api/v1/prices?text=openai%20gpt-4.1-mini");
  EXPECT_EQ(now.at_pointer("/items/0/source").as_string(), "own");
  EXPECT_EQ(now.at_pointer("/items/0/rates/output_mtok").to_number<double>(), 1000);
  EXPECT_EQ(now.at_pointer("/items/0/rates/input_mtok").to_number<double>(), 0.4);
  EXPECT_EQ(now.at_pointer("/own/0/model").as_string(), "gpt-4.1*");
}

TEST_F(PricesTest, CostCallsFromThenOn) {
  receive_call(1);
  const CallId before = call_of(1);
  const double listed = cost_of(before);
  EXPECT_EQ(json("PUT", "/api/v1/prices", 200, admin_key, kOwn), boost::json::parse(kOwn));
  receive_call(2);
  EXPECT_NEAR(cost_of(call_of(2)), listed + 30 * (1000 - 8) / 1e6, 1e-9);
  // The list keeps what was saved of the older call.
  const boost::json::value calls = get("/api/v1/calls?sort=cost");
  EXPECT_NEAR(calls.at_pointer("/items/0/totals/cost_usd").to_number<double>(), listed, 1e-12);
  EXPECT_EQ(calls.at_pointer("/items/0/id").as_int64(), before);
}

TEST_F(PricesTest, AreOneProjectsAndOutliveTheServer) {
  const ProjectId other = make_project("other").id;
  const std::string key = make_key(other, store::Access::kReadWrite);
  json("PUT", "/api/v1/prices", 200, key, kOwn);
  EXPECT_TRUE(get("/api/v1/prices?limit=1").at("own").as_array().empty());
  EXPECT_EQ(error("/api/v1/prices?project_id=1", 403, key), "permission_denied project_id");
  calls::Prices again = ok(calls::Prices::load());
  ok(load_own_prices(*catalog, again));
  EXPECT_EQ(again.own(other)->rows().size(), 1u);
  EXPECT_EQ(again.own(1)->rows().size(), 0u);
}

TEST_F(PricesTest, NameTheMemberAtFault) {
  const auto refused = json("PUT", "/api/v1/prices", 400, admin_key,
                            R"({"own":[{"model":"x","unit":"pints","usd":1}]})");
  EXPECT_EQ(refused.at_pointer("/error/field").as_string(), "own[0].unit");
  EXPECT_EQ(ask("PUT", "/api/v1/prices", make_key(1, store::Access::kReadOnly), kOwn).status, 403);
}

}  // namespace
}  // namespace callscope::serve
