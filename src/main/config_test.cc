#include "main/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

namespace callscope {
namespace {

using Texts = std::map<std::string, std::string, std::less<>>;

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "config_test_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder_); }

  std::string file_with(std::string_view toml) const {
    const auto path = folder_ / "callscope.toml";
    std::ofstream(path) << toml;
    return path.string();
  }

  static Result<LoadedConfig> load(Texts flags, Texts variables, std::string file = {}) {
    return load_config(
        {.flags = std::move(flags),
         .environment = [variables](const std::string& name) -> std::optional<std::string> {
           const auto found = variables.find(name);
           if (found == variables.end()) return std::nullopt;
           return found->second;
         },
         .file = std::move(file)});
  }

  static void expect_refused(const Result<LoadedConfig>& loaded, std::string_view field,
                             std::vector<std::string_view> words) {
    ASSERT_FALSE(loaded) << field;
    EXPECT_EQ(loaded.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(loaded.error().field, field);
    for (const auto word : words) {
      EXPECT_NE(loaded.error().message.find(word), std::string::npos) << loaded.error().message;
    }
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(ConfigTest, DefaultsAreTheStructs) {
  const auto loaded = load({}, {});
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->config.server.http, ServerOptions().http);
  EXPECT_EQ(loaded->config.server.limits.message_bytes_max, Limits().message_bytes_max);
  ASSERT_EQ(loaded->origins.size(), options().size());
  for (const Origin& origin : loaded->origins) EXPECT_EQ(origin.from, "default") << origin.option;
}

TEST_F(ConfigTest, AFlagCountsBeforeAVariableBeforeTheFile) {
  const std::string file = file_with(
      "http = '127.0.0.1:1'\ngrpc = '127.0.0.1:2'\ndata = '/file'\nlist_limit_max = 7\n"
      "list_limit_default = 5");
  const auto loaded =
      load({{"http", "127.0.0.1:3"}},
           {{"CALLSCOPE_HTTP", "127.0.0.1:4"}, {"CALLSCOPE_GRPC", "[::1]:5"}}, file);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->config.server.http, "127.0.0.1:3");
  EXPECT_EQ(loaded->config.server.grpc, "[::1]:5");
  EXPECT_EQ(loaded->config.server.data, "/file");
  EXPECT_EQ(loaded->config.server.limits.list_limit_max, 7);
  std::map<std::string_view, std::string> from;
  for (const Origin& origin : loaded->origins) from[origin.option] = origin.from;
  EXPECT_EQ(from["http"], "--http");
  EXPECT_EQ(from["grpc"], "CALLSCOPE_GRPC");
  EXPECT_EQ(from["data"], file);
  EXPECT_EQ(from["tls_key"], "default");
}

TEST_F(ConfigTest, ErrorsNameTheOptionAndTheRemedy) {
  expect_refused(load({{"http", "4318"}}, {}), "http", {"--http", "HOST:PORT", "\"4318\""});
  expect_refused(load({{"http", "host:"}}, {}), "http", {"HOST:PORT"});
  expect_refused(load({{"http", "host:99999"}}, {}), "http", {"HOST:PORT"});
  expect_refused(load({}, {{"CALLSCOPE_LIST_LIMIT_MAX", "many"}}), "list_limit_max",
                 {"CALLSCOPE_LIST_LIMIT_MAX", "whole number"});
  expect_refused(load({{"message_bytes_max", "0"}}, {}), "message_bytes_max", {"at least 1"});
  expect_refused(load({{"retention_age_s", "-1"}}, {}), "retention_age_s", {"at least 0"});
  expect_refused(load({{"log_level", "loud"}}, {}), "log_level", {"debug, info"});
  expect_refused(load({{"tls_cert", "c.pem"}}, {}), "tls_cert", {"tls_key", "both"});
  expect_refused(load({{"list_limit_default", "5000"}}, {}), "list_limit_default",
                 {"list_limit_max"});
  EXPECT_TRUE(load({{"retention_age_s", "0"}}, {}));
}

TEST_F(ConfigTest, TheFileIsHeldToTheTable) {
  expect_refused(load({}, {}, file_with("wal_file_bytes = 1")), "wal_file_bytes",
                 {"did you mean wal_file_bytes_max?"});
  expect_refused(load({}, {}, file_with("zebra = 1")), "zebra", {"--help"});
  expect_refused(load({}, {}, file_with("data = true")), "data", {"string or a whole number"});
  expect_refused(load({}, {}, file_with("[limits]\nhttp_connections_max = 3")), "limits",
                 {"no option limits"});
  expect_refused(load({}, {}, file_with("data = \n")), "config", {"line 1"});
  const auto missing = load({}, {}, "/nowhere/callscope.toml");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("/nowhere/callscope.toml"), std::string::npos);
}

TEST_F(ConfigTest, ASecretIsNeverShown) {
  const auto loaded = load({}, {{"CALLSCOPE_BOOTSTRAP_KEY", "cs_secret"}});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->config.server.bootstrap_key, "cs_secret");
  for (const Origin& origin : loaded->origins)
    EXPECT_EQ(origin.value.find("cs_secret"), std::string::npos);
}

TEST_F(ConfigTest, EveryOptionSetsWhatItGets) {
  for (const Option& option : options()) {
    const std::string sample = option.value == "HOST:PORT"   ? "host:17"
                               : option.name == "log_level"  ? "off"
                               : option.name == "log_format" ? "json"
                                                             : "12345";
    Config config;
    const auto set = option.set(config, sample);
    ASSERT_TRUE(set) << option.name << ": " << set.error().message;
    EXPECT_EQ(option.get(config), sample) << option.name;
  }
}

// A limit that no option sets could not be configured.
TEST_F(ConfigTest, EveryLimitHasAnOption) {
  Config config;
  size_t count = 0;
  for (const Option& option : options()) {
    Config changed;
    if (!option.set(changed, "12345")) continue;
    if (std::memcmp(&changed.server.limits, &config.server.limits, sizeof(Limits)) != 0) ++count;
  }
  EXPECT_EQ(count, sizeof(Limits) / sizeof(int64_t));
}

TEST_F(ConfigTest, NamesAreSpelledAlike) {
  EXPECT_EQ(options()[0].flag(), "--data");
  std::set<std::string> names;
  for (const Option& option : options()) {
    EXPECT_TRUE(names.insert(option.flag()).second) << option.name;
    if (option.name == "wal_file_bytes_max") {
      EXPECT_EQ(option.flag(), "--wal-file-bytes-max");
      EXPECT_EQ(option.variable(), "CALLSCOPE_WAL_FILE_BYTES_MAX");
    }
  }
}

}  // namespace
}  // namespace callscope
