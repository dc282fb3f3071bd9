#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "normalise/mapping/rules.h"

namespace callscope::normalise::mapping {
namespace {

const std::filesystem::path kSource = CALLSCOPE_SOURCE_DIR;
constexpr std::string_view kShared = R"({"groups":{"any":{}}})";

// The reason why a framework's file is refused; empty where it is not.
std::string refusal(std::string_view json) {
  const auto loaded = load({{"shared.json", kShared}, {"x.json", json}});
  return loaded ? "" : loaded.error().message;
}

std::string rule(std::string_view members) {
  return R"({"framework":"x","detect":[{"scope":"x"}],"rules":[{"id":"x.1",)" +
         std::string(members) + "}]}";
}

void check(std::string_view members, std::string_view reason) {
  EXPECT_NE(refusal(rule(members)).find(reason), std::string::npos)
      << members << ": " << refusal(rule(members));
}

TEST(MappingLoad, TheEmbeddedTableLoads) {
  const auto loaded = load(embedded_files());
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_GT((*loaded)->frameworks.size(), 10u);
  EXPECT_LT((*loaded)->keys.size(), kKeysMax * 3 / 4) << "time to raise kKeysMax";
}

TEST(MappingLoad, EveryFileOfTheFolderIsEmbedded) {
  std::set<std::string> embedded_names;
  for (const MappingFile& file : embedded_files())
    EXPECT_TRUE(embedded_names.insert(std::string(file.name)).second);
  std::set<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(kSource / "src/normalise/mapping")) {
    if (file.path().extension() == ".json") names.insert(file.path().filename().string());
  }
  EXPECT_EQ(embedded_names, names);
}

TEST(MappingLoad, EveryRuleIsInTheDocumentation) {
  std::ifstream in(kSource / "docs/mapping.md");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  for (const Framework& framework : embedded().frameworks) {
    for (const auto& rule : framework.rules) {
      EXPECT_NE(text.find("`" + rule->id + "`"), std::string::npos) << rule->id;
    }
  }
}

TEST(MappingLoad, FaultsNameTheFileAndTheRule) {
  EXPECT_EQ(refusal(rule(R"("kind":"llm")")), "");
  check(R"("kind":"chatter")", "x.json: x.1: unknown kind: chatter");
  check(R"("kind":"llm","fields":{"colour":["a"]})", "unknown field: colour");
  check(R"("kind":"llm","fields":{"model":"a"})", "expected a list of sources: model");
  check(R"("kind":"llm","fields":{"model":[{"in":"a"}]})", "must say how it is read");
  check(R"("kind":"llm","fields":{"model":[{"text":"a","zoro":"none"}]})",
        "unknown word in a source: zoro");
  check(R"("kind":"llm","texts":{"model":["a"]})", "unknown field: model");
  check(R"("kind":"llm","use":["gen_hi"])", "unknown group: gen_hi");
  check(R"("kind":"llm","bilable":true)", "unknown word in a rule: bilable");
  check(R"("kind":"llm","billable":"yes")", "expected true or false: billable");
  check(R"("kind":"llm","when":{"a":{"below":1}})", "unknown test of a");
  check(R"("kind":"llm","when":["a"])", "expected an object: when");
  EXPECT_NE(refusal("[]").find("x.json"), std::string::npos);
  EXPECT_NE(refusal(R"({"framework":"x","rules":[{"kind":"llm"}]})").find("id of its own"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"framework":"x","rules_of":"y.json"})").find("y.json"), std::string::npos);
}

TEST(GlobMatch, StarsStandForAnything) {
  const auto check_match = [](std::string_view pattern, std::string_view text, bool expected) {
    EXPECT_EQ(glob_match(pattern, text), expected) << pattern << " on " << text;
  };
  check_match("llm", "llm", true);
  check_match("llm", "llm2", false);
  check_match("*", "", true);
  check_match("ai.*", "ai.toolCall", true);
  check_match("ai.*.doStream", "ai.streamText.doStream", true);
  check_match("ai.*.doStream", "ai.streamText.doStream.x", false);
  check_match("*_request_run", "llm_request_run", true);
  check_match("running * tool*", "running 2 tools", true);
  check_match("*a*b*", std::string(20'000, 'a'), false);
}

}  // namespace
}  // namespace callscope::normalise::mapping
