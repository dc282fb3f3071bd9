// The commands as they are typed, on a data folder without a server.
#include "main/cli.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "main/json_view.h"
#include "main/local_access.h"
#include "store/catalog/catalog.h"

namespace callscope {
namespace {

namespace fs = std::filesystem;

struct Ran {
  int status = 0;
  std::string out;
  std::string error;
};

class CliTest : public ::testing::Test {
 protected:
  CliTest() {
    std::string pattern = (fs::temp_directory_path() / "cli_test_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    for (const char* name :
         {"CALLSCOPE_URL", "CALLSCOPE_API_KEY", "CALLSCOPE_DATA", "CALLSCOPE_HTTP"})
      ::unsetenv(name);
    make_catalog();
  }
  ~CliTest() override { fs::remove_all(folder_); }

  void make_catalog() {
    fs::create_directories(data());
    ASSERT_TRUE(store::Catalog::open({.path = data() / "catalog.db"}, system_clock()));
  }

  fs::path data() const { return folder_ / "data"; }

  Ran run(std::vector<std::string> words) {
    words.insert(words.begin(), "callscope");
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    Ran ran;
    ran.status =
        run_cli(static_cast<int>(arguments.size()), arguments.data(), [&](const Config& config) {
          served_ = config;
          return 0;
        });
    ran.out = ::testing::internal::GetCapturedStdout();
    ran.error = ::testing::internal::GetCapturedStderr();
    return ran;
  }

  // On the data folder, with JSON out of what was printed.
  boost::json::value run_json(std::vector<std::string> words) {
    words.insert(words.end(), {"--data", data().string(), "--json"});
    const Ran ran = run(words);
    EXPECT_EQ(ran.status, 0) << ran.error;
    boost::system::error_code failed;
    auto parsed = boost::json::parse(ran.out, failed);
    EXPECT_FALSE(failed) << ran.out;
    return parsed;
  }

  void expect_refused(std::vector<std::string> words, int status, std::string_view part) {
    const Ran ran = run(std::move(words));
    EXPECT_EQ(ran.status, status);
    EXPECT_NE(ran.error.find(part), std::string::npos) << ran.error;
    EXPECT_EQ(ran.out, "");
  }

  fs::path folder_;
  Config served_;
};

TEST_F(CliTest, ServeIsGivenItsConfiguration) {
  EXPECT_EQ(
      run({"serve", "--data", "/somewhere", "--http", "127.0.0.1:0", "--hot-items-max", "1000"})
          .status,
      0);
  EXPECT_EQ(served_.server.data, "/somewhere");
  EXPECT_EQ(served_.server.http, "127.0.0.1:0");
  EXPECT_EQ(served_.server.limits.hot_items_max, 1000);
}

TEST_F(CliTest, HelpNamesEveryOptionWithItsVariable) {
  const Ran ran = run({"serve", "--help"});
  EXPECT_EQ(ran.status, 0);
  for (const Option& option : options()) {
    EXPECT_NE(ran.out.find(option.variable()), std::string::npos) << option.name;
    EXPECT_EQ(ran.out.find(option.flag() + " ") != std::string::npos, !option.is_secret)
        << option.name;
  }
}

TEST_F(CliTest, WrongCallsSayHowItIsDone) {
  expect_refused({"serve", "--http", "nowhere"}, 2, "HOST:PORT");
  expect_refused({"serve", "--zebra"}, 2, "--zebra");
  expect_refused({}, 2, "subcommand");
  expect_refused({"frobnicate"}, 2, "frobnicate");
  expect_refused({"project", "frobnicate"}, 2, "frobnicate");
  expect_refused({"call", "show", "x", "--server", "http://127.0.0.1:1", "--key", "k"}, 2,
                 "number");
  expect_refused({"trace", "show", "xyz", "--server", "http://127.0.0.1:1", "--key", "k"}, 2,
                 "32 hex digits");
  expect_refused({"call", "list", "--server", "127.0.0.1:1", "--key", "k"}, 2, "URL");
  expect_refused({"call", "list", "--server", "http://127.0.0.1:1"}, 1, "CALLSCOPE_API_KEY");
  expect_refused({"call", "list", "--server", "http://127.0.0.1:1", "--key", "k"}, 1,
                 "no answer from http://127.0.0.1:1");
  expect_refused({"call", "list", "--data", data().string()}, 1,
                 "no server runs on the data folder");
  expect_refused({"key", "list", "--data", (folder_ / "none").string()}, 1,
                 "is no data folder yet");
  EXPECT_FALSE(fs::exists(folder_ / "none"));
}

TEST_F(CliTest, ProjectsAndAgentsAreMadeAndListed) {
  const auto project = run_json({"project", "create", "clinic"});
  EXPECT_EQ(JsonView(project)["name"].text(), "clinic");
  const std::string id = std::to_string(JsonView(project)["id"].integer());
  const auto agent =
      run_json({"agent", "create", "front desk", "--service-name", "desk", "--project", id});
  EXPECT_EQ(JsonView(agent)["service_name"].text(), "desk");

  EXPECT_EQ(JsonView(run_json({"project", "list"}))["items"].items().size(), 2u);
  const auto agents = run_json({"agent", "list", "--project", id});
  ASSERT_EQ(JsonView(agents)["items"].items().size(), 1u);
  const Ran table = run({"agent", "list", "--project", id, "--data", data().string()});
  EXPECT_NE(table.out.find("front desk"), std::string::npos) << table.out;
  expect_refused({"agent", "list", "--project", "99", "--data", data().string()}, 1,
                 "no project has the id 99");
}

TEST_F(CliTest, KeysAreShownOnceAndRevoked) {
  const Ran made =
      run({"key", "create", "--name", "ci", "--access", "read-only", "--data", data().string()});
  EXPECT_TRUE(made.out.starts_with("cs_")) << made.out;
  const std::string secret = made.out.substr(0, made.out.find('\n'));
  const Ran listed = run({"key", "list", "--data", data().string()});
  EXPECT_EQ(listed.out.find(secret), std::string::npos);
  EXPECT_NE(listed.out.find("read-only"), std::string::npos) << listed.out;

  const auto keys = run_json({"key", "list"});
  const std::string id =
      std::to_string(JsonView(JsonView(keys)["items"].items().at(0))["id"].integer());
  EXPECT_EQ(run({"key", "revoke", id, "--data", data().string()}).status, 0);
  EXPECT_NE(run({"key", "list", "--data", data().string()}).out.find("revoked"), std::string::npos);
  expect_refused({"key", "revoke", id, "--data", data().string()}, 1, "no valid key");
  expect_refused({"key", "create", "--access", "all", "--data", data().string()}, 2, "read-write");
}

TEST_F(CliTest, ConfigShowTellsWhereEachValueIsFrom) {
  ::setenv("CALLSCOPE_HTTP", "127.0.0.1:9", 1);
  const Ran ran = run({"config", "show", "--grpc", "127.0.0.1:8", "--json"});
  ::unsetenv("CALLSCOPE_HTTP");
  const auto shown = boost::json::parse(ran.out);
  EXPECT_EQ(JsonView(shown)["http"]["from"].text(), "CALLSCOPE_HTTP");
  EXPECT_EQ(JsonView(shown)["grpc"]["value"].text(), "127.0.0.1:8");
  EXPECT_EQ(JsonView(shown)["data"]["from"].text(), "default");
}

TEST_F(CliTest, TheDoctorFindsWhatIsWrong) {
  const auto verdict_of = [&](const boost::json::value& told, std::string_view check) {
    for (const auto& item : JsonView(told)["items"].items()) {
      if (JsonView(item)["check"].text() == check) return JsonView(item)["verdict"].text();
    }
    return std::string("absent");
  };
  const auto examine = [&](int status) {
    const Ran ran = run({"doctor", "--data", data().string(), "--grpc", "127.0.0.1:0", "--http",
                         "127.0.0.1:0", "--json"});
    EXPECT_EQ(ran.status, status) << ran.out;
    return boost::json::parse(ran.out);
  };
  auto told = examine(1);
  EXPECT_EQ(verdict_of(told, "API keys"), "problem");
  EXPECT_EQ(verdict_of(told, "catalog"), "ok");

  run({"key", "create", "--admin", "--data", data().string()});
  told = examine(0);
  EXPECT_EQ(JsonView(told)["verdict"].text(), "ok") << boost::json::serialize(told);

  {
    auto catalog = store::Catalog::open({.path = data() / "catalog.db"}, system_clock());
    ASSERT_TRUE(catalog);
    store::Segment segment{.path = "spans/lost.parquet",
                           .rows = 3,
                           .created = system_clock().now(),
                           .quarantined = "bad footer"};
    ASSERT_TRUE((*catalog)->commit_segments({.add = {segment}}));
  }
  told = examine(1);
  EXPECT_EQ(verdict_of(told, "segments"), "problem");
  EXPECT_NE(boost::json::serialize(told).find("spans/lost.parquet"), std::string::npos);

  fs::remove_all(data());
  EXPECT_EQ(verdict_of(examine(0), "data folder"), "warning");
  EXPECT_FALSE(fs::exists(data()));
  make_catalog();
  std::ofstream(data() / "catalog.db", std::ios::trunc) << std::string(5000, 'x');
  EXPECT_EQ(verdict_of(examine(1), "catalog"), "problem");
}

TEST_F(CliTest, TheServersAddressIsForItsUserOnly) {
  ASSERT_FALSE(read_local_access(data()));
  ASSERT_TRUE(write_local_access(
      data(), {.url = "http://127.0.0.1:4318", .key = "cs_x\"y", .certificate_file = ""}));
  ASSERT_TRUE(write_local_access(
      data(), {.url = "http://127.0.0.1:1", .key = "cs_x\"y", .certificate_file = "c.pem"}));
  const auto access = read_local_access(data());
  ASSERT_TRUE(access);
  EXPECT_EQ(access->url, "http://127.0.0.1:1");
  EXPECT_EQ(access->key, "cs_x\"y");
  EXPECT_EQ(access->certificate_file, "c.pem");
  EXPECT_EQ(fs::status(data() / "server.json").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  expect_refused({"call", "list", "--data", data().string()}, 1,
                 "no answer from http://127.0.0.1:1");
  remove_local_access(data());
  EXPECT_FALSE(read_local_access(data()));
}

TEST_F(CliTest, VersionIsOneLine) {
  EXPECT_TRUE(run({"version"}).out.starts_with("callscope "));
  EXPECT_EQ(run({"--version"}).out, run({"version"}).out);
}

}  // namespace
}  // namespace callscope
