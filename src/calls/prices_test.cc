#include "calls/prices.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace callscope::calls {
namespace {

namespace json = boost::json;
using model::Measure;
using model::OpKind;
using model::SpanFacts;

const TimeNs kToday = *parse_time("2026-09-01T12:00:00Z");

Prices load(std::string_view own = {}) {
  auto prices = Prices::load(own);
  EXPECT_TRUE(prices) << (prices ? "" : prices.error().message);
  return std::move(prices).value();
}

SpanFacts request(OpKind kind, std::string provider, std::string model) {
  SpanFacts facts;
  facts.kind = kind;
  facts.billable = true;
  facts.provider = std::move(provider);
  facts.model = std::move(model);
  return facts;
}

Measure cost(const Prices& prices, SpanFacts facts, TimeNs when = kToday) {
  PriceCache(prices).complete(1, facts, when);
  return facts.cost_nano_usd;
}

Measure count_of(const json::object& usage, std::string_view name) {
  const json::value* value = usage.if_contains(name);
  return value ? Measure(value->as_int64()) : Measure();
}

// The package that the table was made of has worked out the same requests.
TEST(Prices, AgreeWithGenaiPrices) {
  std::stringstream text;
  text << std::ifstream(std::filesystem::path(CALLSCOPE_SOURCE_DIR) / "test/cases/prices.json")
              .rdbuf();
  const json::value file = json::parse(text.str());
  const Prices prices = load();
  for (const auto& entry : file.at("requests").as_array()) {
    const json::object& usage = entry.at("usage").as_object();
    SpanFacts facts = request(OpKind::kLlm, entry.at("provider").as_string().c_str(),
                              entry.at("model").as_string().c_str());
    facts.input_tokens = count_of(usage, "input_tokens");
    facts.output_tokens = count_of(usage, "output_tokens");
    facts.cache_read_tokens = count_of(usage, "cache_read_tokens");
    facts.cache_write_tokens = count_of(usage, "cache_write_tokens");
    facts.audio_input_tokens = count_of(usage, "input_audio_tokens");
    facts.audio_output_tokens = count_of(usage, "output_audio_tokens");
    facts.audio_cache_read_tokens = count_of(usage, "cache_audio_read_tokens");
    const Measure got = cost(prices, facts, *parse_time(entry.at("at").as_string()));
    const json::value& expected = entry.at("cost_usd");
    if (expected.is_null()) {
      EXPECT_FALSE(got) << json::serialize(entry);
    } else {
      EXPECT_EQ(got, Measure(std::llround(expected.to_number<double>() * 1e9)))
          << json::serialize(entry);
    }
  }
}

TEST(Prices, KnowOpenTelemetrysNamesOfProviders) {
  const Prices prices = load();
  for (const auto& [provider, model] : std::initializer_list<std::pair<std::string, std::string>>{
           {"gcp.gemini", "gemini-2.5-flash"},
           {"gcp.vertex_ai", "gemini-2.5-pro"},
           {"aws.bedrock", "amazon.nova-sonic-v1:0"},
           {"azure.ai.openai", "gpt-4o"},
           {"x_ai", "grok-4"},
           {"mistral_ai", "mistral-small-latest"},
           {"deepgramflux", "flux-general-en"},
           {"", "gpt-4o"},
           {"", "nova-3"},
           {"OpenAI", "GPT-4o"}}) {
    EXPECT_NE(prices.find(provider, model), nullptr) << provider << " " << model;
  }
  EXPECT_EQ(prices.find("somebody", "gpt-4o"), nullptr) << "a reseller's price is not the maker's";
  EXPECT_EQ(prices.find("openai", ""), nullptr);
}

TEST(Prices, SpeechIsPricedByAudioAndCharacters) {
  const Prices prices = load();
  SpanFacts stt = request(OpKind::kStt, "deepgram", "nova-3");
  EXPECT_FALSE(cost(prices, stt)) << "nothing was measured";
  stt.audio_us = 60'000'000;
  EXPECT_EQ(cost(prices, stt), Measure(4'800'000));
  SpanFacts tts = request(OpKind::kTts, "elevenlabs", "eleven_flash_v2_5");
  tts.characters = 1'000;
  EXPECT_EQ(cost(prices, tts), Measure(50'000'000));
  tts.audio_us = 5'000'000;  // has no price of its own
  EXPECT_EQ(cost(prices, tts), Measure(50'000'000));
}

TEST(Prices, ReportedCostWins) {
  const Prices prices = load();
  SpanFacts facts = request(OpKind::kLlm, "openai", "gpt-4o");
  facts.input_tokens = 1'000'000;
  facts.cost_nano_usd = 7;
  facts.cost_source = model::CostSource::kReported;
  EXPECT_EQ(cost(prices, facts), Measure(7));
}

TEST(Prices, NetInputCostsItsCachedTokensToo) {
  const Prices prices = load();
  SpanFacts gross = request(OpKind::kLlm, "anthropic", "claude-3-5-haiku-latest");
  gross.input_tokens = 1'150;
  gross.cache_read_tokens = 1'000;
  gross.cache_write_tokens = 50;
  SpanFacts net = gross;
  net.input_tokens = 100;
  net.input_net_of_cache = true;
  EXPECT_EQ(cost(prices, net), cost(prices, gross));
  net.input_net_of_cache = false;  // more cached tokens than tokens: it can only be net
  EXPECT_EQ(cost(prices, net), cost(prices, gross));
}

constexpr std::string_view kOwn = R"({"providers": [
  {"id": "openai", "match": {"starts_with": "OpenAI"}, "models": [
    {"id": "gpt-4o", "match": {"equals": "gpt-4o"}, "prices": [{"rates": {"input_mtok": 1}}]},
    {"id": "dated", "match": {"equals": "dated"}, "prices": [
      {"rates": {"input_mtok": 1}}, {"from": "2026-06-01", "rates": {"input_mtok": 2}}, {"from": "2026-10-01", "rates": {"input_mtok": 3}}]},
    {"id": "night", "match": {"equals": "night"}, "prices": [
      {"rates": {"input_mtok": 2}}, {"hours": ["22:00", "06:00"], "rates": {"input_mtok": 1}}]},
    {"id": "cliff", "match": {"regex": "^cliff(-v[0-9]+)?$"}, "prices": [{"rates": {"input_mtok": {"base": 1, "tiers": [[100, 2], [200, 3]]}}}]},
    {"id": "fee", "match": {"or": [{"ends_with": "-fee"}, {"and": [{"contains": "f"}, {"contains": "e"}, {"equals": "fee"}]}]}, "prices": [{"rates": {"input_mtok": 1, "requests_kcount": 1}}]},
    {"id": "session", "match": {"equals": "session"}, "prices": [{"rates": {"session_hours": 3.6}}]}]}]})";

Measure own_cost(std::string model, int64_t input_tokens,
                 std::string_view when = "2026-09-01T12:00:00Z") {
  static const Prices prices = load(kOwn);
  SpanFacts facts = request(OpKind::kLlm, "openai", std::move(model));
  facts.input_tokens = input_tokens;
  return cost(prices, facts, *parse_time(when));
}

TEST(Prices, TheOperatorsOwnComeFirst) {
  EXPECT_EQ(own_cost("gpt-4o", 1'000), Measure(1'000'000));
  EXPECT_EQ(own_cost("gpt-4o-mini", 1'000'000), Measure(150'000'000)) << "others keep theirs";
}

TEST(Prices, TheLastPeriodThatHoldsApplies) {
  EXPECT_EQ(own_cost("dated", 1'000, "2026-05-31T23:59:59Z"), Measure(1'000'000));
  EXPECT_EQ(own_cost("dated", 1'000, "2026-06-01T00:00:00Z"), Measure(2'000'000));
  EXPECT_EQ(own_cost("dated", 1'000, "2026-11-01T00:00:00Z"), Measure(3'000'000));
  EXPECT_EQ(own_cost("night", 1'000, "2026-11-01T21:59:00Z"), Measure(2'000'000));
  EXPECT_EQ(own_cost("night", 1'000, "2026-11-01T22:00:00Z"), Measure(1'000'000));
  EXPECT_EQ(own_cost("night", 1'000, "2026-11-01T05:59:00Z"), Measure(1'000'000));
  EXPECT_EQ(own_cost("night", 1'000, "2026-11-01T06:00:00Z"), Measure(2'000'000));
}

TEST(Prices, TiersAreCliffs) {
  EXPECT_EQ(own_cost("cliff", 100), Measure(100'000));
  EXPECT_EQ(own_cost("cliff", 101), Measure(202'000));
  EXPECT_EQ(own_cost("cliff-v2", 201), Measure(603'000));
}

TEST(Prices, AFeeIsNoPriceByItself) {
  EXPECT_EQ(own_cost("fee", 1'000), Measure(2'000'000));
  EXPECT_EQ(own_cost("other-fee", 1'000), Measure(2'000'000));
  static const Prices prices = load(kOwn);
  EXPECT_FALSE(cost(prices, request(OpKind::kLlm, "openai", "fee")));
  SpanFacts session = request(OpKind::kS2s, "openai", "session");
  session.session_us = 1'000'000;
  EXPECT_EQ(cost(prices, session), Measure(1'000'000));
}

TEST(Prices, AbsurdCountsDoNotOverflow) {
  EXPECT_TRUE(own_cost("gpt-4o", INT64_MAX).value_or(0) >= 0);
  EXPECT_FALSE(own_cost("gpt-4o", -5));
}

TEST(Prices, SayWhatIsWrongWithATable) {
  for (
      const std::string_view broken :
      {"", "[]", "{}", R"({"providers": [1]})", R"({"providers": [{"id": "x"}]})",
       R"({"providers": [{"id": "x", "models": [{"match": {"equals": "a"}, "prices": []}]}]})",
       R"({"providers": [{"id": "x", "models": [{"match": {"like": "a"}, "prices": [{"rates": {}}]}]}]})",
       R"({"providers": [{"id": "x", "models": [{"match": {"regex": "("}, "prices": [{"rates": {}}]}]}]})",
       R"({"providers": [{"id": "x", "models": [{"match": {"equals": "a"}, "prices": [{"rates": {"input_mtok": -1}}]}]}]})",
       R"({"providers": [{"id": "x", "models": [{"match": {"equals": "a"}, "prices": [{"rates": {"pounds": 1}}]}]}]})",
       R"({"providers": [{"id": "x", "models": [{"match": {"equals": "a"}, "prices": [{"from": "soon", "rates": {}}]}]}]})",
       R"({"providers": [{"id": "x", "models": [{"match": {"equals": "a"}, "prices": [{"hours": ["1", "2"], "rates": {}}]}]}]})"}) {
    const auto parsed = PriceTable::parse(broken);
    ASSERT_FALSE(parsed) << broken;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument) << broken;
    EXPECT_FALSE(parsed.error().message.empty());
  }
}

OwnPrices own_prices(std::string_view json) {
  auto own = OwnPrices::parse(json);
  EXPECT_TRUE(own) << (own ? "" : own.error().message);
  return std::move(own).value();
}

TEST(OwnPrices, LieOverTheListUnitByUnit) {
  Prices prices = load();
  SpanFacts facts = request(OpKind::kLlm, "OpenAI", "GPT-4o");
  facts.input_tokens = 1'000'000;
  facts.output_tokens = 1'000'000;
  PriceCache cache(prices);
  const auto cost_of = [&](ProjectId project, SpanFacts use) {
    cache.complete(project, use, kToday);
    return use.cost_nano_usd;
  };
  const Measure listed = cost_of(1, facts);
  EXPECT_EQ(listed, Measure(12'500'000'000));
  prices.set_own(1, own_prices(R"({"own": [
      {"provider": "open*", "model": "gpt-4o*", "unit": "input_mtok", "usd": 1},
      {"model": "gpt-4o", "unit": "input_mtok", "usd": 7}]})"));
  EXPECT_EQ(cost_of(1, facts), Measure(11'000'000'000)) << "the first that matches; output listed";
  EXPECT_EQ(cost_of(2, facts), listed) << "another project's";
  facts.cost_nano_usd = 5;
  EXPECT_EQ(cost_of(1, facts), Measure(5)) << "what was reported wins";
  prices.set_own(1, {});
  facts.cost_nano_usd.reset();
  EXPECT_EQ(cost_of(1, facts), listed);
}

TEST(OwnPrices, PriceServicesThatNoListKnows) {
  Prices prices = load();
  prices.set_own(1, own_prices(R"({"own": [
      {"provider": "*whisper*", "model": "*", "unit": "audio_hours", "usd": 0.36}]})"));
  SpanFacts stt = request(OpKind::kStt, "our-Whisper-box", "");
  stt.audio_us = 3'600'000'000;
  EXPECT_EQ(cost(prices, stt), Measure(360'000'000));
  EXPECT_FALSE(cost(prices, request(OpKind::kStt, "our-whisper-box", ""))) << "nothing measured";
  stt.provider = "another box";
  EXPECT_FALSE(cost(prices, stt)) << "unknown stays absent";
}

TEST(OwnPrices, NameTheMemberAtFault) {
  const auto field = [](std::string_view json) {
    const auto own = OwnPrices::parse(json);
    return own ? "" : own.error().field;
  };
  const auto row = [&](std::string_view members) {
    return field(fmt::format(R"({{"own": [{{{}}}]}})", members));
  };
  EXPECT_EQ(field("nonsense"), "body");
  EXPECT_EQ(field("{}"), "own");
  EXPECT_EQ(field(R"({"own": [], "more": 1})"), "more");
  EXPECT_EQ(field(R"({"own": [7]})"), "own[0]");
  EXPECT_EQ(row(R"("unit": "input_mtok", "usd": 1)"), "own[0].model");
  EXPECT_EQ(row(R"("model": "a*b", "unit": "input_mtok", "usd": 1)"), "own[0].model");
  EXPECT_EQ(row(R"("model": "a", "provider": 3, "unit": "input_mtok", "usd": 1)"),
            "own[0].provider");
  EXPECT_EQ(row(R"("model": "a", "unit": "furlong", "usd": 1)"), "own[0].unit");
  EXPECT_EQ(row(R"("model": "a", "unit": "input_mtok", "usd": -1)"), "own[0].usd");
  EXPECT_EQ(row(R"("model": "a", "unit": "input_mtok", "usd": "1")"), "own[0].usd");
  EXPECT_EQ(row(R"("model": "a", "unit": "input_mtok")"), "own[0].usd");
  EXPECT_EQ(row(R"("model": "a", "unit": "input_mtok", "usd": 1, "colour": 1)"), "own[0].colour");
  EXPECT_EQ(field(R"({"own": [{"model": "a", "unit": "input_mtok", "usd": 1},
                              {"model": "A", "unit": "input_mtok", "usd": 2}]})"),
            "own[1].unit");
  EXPECT_EQ(row(R"("model": "*", "unit": "input_mtok", "usd": 0)"), "");
}

TEST(PriceCache, RemembersAndStaysBounded) {
  const Prices prices = load();
  PriceCache cache(prices);
  const ModelPrices* known = cache.find(1, "openai", "gpt-4o");
  ASSERT_NE(known, nullptr);
  for (int i = 0; i < 10'000; ++i) EXPECT_EQ(cache.find(1, "nobody", std::to_string(i)), nullptr);
  EXPECT_EQ(cache.find(1, "openai", "gpt-4o"), known);
}

}  // namespace
}  // namespace callscope::calls
