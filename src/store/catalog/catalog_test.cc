#include "store/catalog/catalog.h"

#include <sys/resource.h>
#include <csignal>
#include <fstream>
#include <thread>

#include "store/catalog/catalog_fixture.h"

namespace callscope::store {
namespace {

TEST_F(CatalogTest, ANewOneHasAProjectWithAnAgent) {
  const auto projects = ok(catalog->projects());
  ASSERT_EQ(projects.size(), 1u);
  EXPECT_EQ(projects[0].id, 1);
  EXPECT_EQ(projects[0].name, "default");
  EXPECT_EQ(projects[0].created, clock.time);
  const auto agents = ok(catalog->agents(1));
  ASSERT_EQ(agents.size(), 1u);
  EXPECT_EQ(agents[0].id, 1);
  EXPECT_EQ(ok(catalog->keys(1)).size(), 0u);
}

TEST_F(CatalogTest, KeepsEverythingWhenOpenedAgain) {
  make_project("second");
  ok(catalog->write([](Transaction& t) { return t.set_setting("colour", "blue"); }));
  ok(catalog->write([](Transaction& t) { return t.add_to_counter("seen/a", 2); }));
  ok(catalog->write([](Transaction& t) { return t.add_to_counter("seen/a", 3); }));
  catalog = nullptr;
  catalog = open();
  EXPECT_EQ(ok(catalog->projects()).size(), 2u);
  EXPECT_EQ(ok(catalog->setting("colour")), "blue");
  EXPECT_EQ(ok(catalog->setting("size")), std::nullopt);
  const auto counters = ok(catalog->counters("seen/"));
  ASSERT_EQ(counters.size(), 1u);
  EXPECT_EQ(counters[0], std::pair(std::string("seen/a"), int64_t{5}));
}

TEST_F(CatalogTest, ADroppedTransactionChangesNothing) {
  {
    auto transaction = ok(catalog->begin());
    ok(transaction.create_project("never"));
  }
  EXPECT_EQ(ok(catalog->projects()).size(), 1u);
  EXPECT_EQ(make_project("kept").name, "kept");  // and the next one has its turn
}

TEST_F(CatalogTest, AFailedStatementSpoilsItsTransaction) {
  const auto result = catalog->write([&](Transaction& t) -> Result<void> {
    TRY(t.create_project("kept?"));
    (void)t.commit_segments(
        {.add = {{.path = "a", .created = clock.time},
                 {.path = "a", .created = clock.time}}});  // a path is there once only
    return {};
  });
  EXPECT_EQ(code_of(result), ErrorCode::kUnavailable);
  EXPECT_EQ(ok(catalog->projects()).size(), 1u);
}

TEST_F(CatalogTest, AgentsAreFoundOrMadeByService) {
  const auto of = [&](std::string_view service) {
    return ok(catalog->write([&](Transaction& t) { return t.agent_of_service(1, service); }));
  };
  EXPECT_EQ(of("").id, 1);
  const Agent made = of("front-desk");
  EXPECT_EQ(made.name, "front-desk");
  EXPECT_NE(made.id, 1);
  EXPECT_EQ(of("front-desk").id, made.id);
  EXPECT_EQ(of("bad \xFF utf-8").service_name, "bad \xEF\xBF\xBD utf-8");

  const Project other = make_project("other");
  EXPECT_NE(ok(catalog->write([&](Transaction& t) {
              return t.agent_of_service(other.id, "front-desk");
            })).id,
            made.id);
  EXPECT_EQ(code_of(catalog->write([&](Transaction& t) { return t.agent_of_service(99, "x"); })),
            ErrorCode::kNotFound);
}

TEST_F(CatalogTest, RefusesNamesThatAreNone) {
  const auto named = [&](std::string_view name) {
    return catalog->write([&](Transaction& t) { return t.create_project(name); });
  };
  EXPECT_EQ(code_of(named("")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(named("").error().field, "name");
  EXPECT_EQ(code_of(named(std::string(501, 'x'))), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(named("\xC3")), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(named("Fräulein 接待 🎧"));
}

TEST_F(CatalogTest, KeysAreShownOnceAndRevoked) {
  const NewKey made = ok(catalog->write(
      [](Transaction& t) { return t.create_key(1, "ci", Access::kReadOnly, /*admin=*/false); }));
  EXPECT_EQ(made.secret.size(), 3 + 43u);
  EXPECT_TRUE(made.secret.starts_with("cs_"));
  auto keys = ok(catalog->keys(1));
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys[0].name, "ci");
  EXPECT_EQ(keys[0].access, Access::kReadOnly);
  EXPECT_FALSE(keys[0].last_used.is_set());

  const TimeNs used = clock.time + DurationNs::from_s(5);
  ok(catalog->write([&](Transaction& t) { return t.note_key_used(made.key.id, used); }));
  EXPECT_EQ(ok(catalog->keys(1))[0].last_used, used);

  EXPECT_EQ(ok(catalog->valid_keys()).size(), 1u);
  const int64_t version = ok(catalog->access_version());
  ok(catalog->write([&](Transaction& t) { return t.revoke_key(1, made.key.id); }));
  EXPECT_EQ(ok(catalog->valid_keys()).size(), 0u);
  EXPECT_NE(ok(catalog->access_version()), version);
  EXPECT_TRUE(ok(catalog->keys(1))[0].revoked.is_set());
  EXPECT_EQ(code_of(catalog->write([&](Transaction& t) { return t.revoke_key(1, made.key.id); })),
            ErrorCode::kNotFound);
}

TEST_F(CatalogTest, TheFileHoldsNoSecret) {
  const NewKey made = ok(catalog->write(
      [](Transaction& t) { return t.create_key(1, "ci", Access::kReadWrite, /*admin=*/true); }));
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
    EXPECT_EQ(bytes.find(made.secret), std::string::npos) << entry.path();
  }
}

TEST_F(CatalogTest, AKeyOfOnesOwnChoiceIsTakenOnce) {
  const auto choose = [&](std::string_view secret) {
    return catalog->write([&](Transaction& t) {
      return t.create_key(1, "first", Access::kReadWrite, /*admin=*/true, secret);
    });
  };
  EXPECT_EQ(ok(choose("my-own-key")).secret, "my-own-key");
  EXPECT_EQ(code_of(choose("my-own-key")), ErrorCode::kConflict);
  EXPECT_EQ(code_of(choose("two words")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(choose(std::string(501, 'x'))), ErrorCode::kInvalidArgument);
}

TEST_F(CatalogTest, TheLastAdministratorsKeyStays) {
  const auto make = [&](bool admin) {
    return ok(catalog->write(
                  [&](Transaction& t) { return t.create_key(1, "k", Access::kReadWrite, admin); }))
        .key.id;
  };
  const auto revoke = [&](KeyId id) {
    return catalog->write([&](Transaction& t) { return t.revoke_key(1, id); });
  };
  const KeyId first = make(true), plain = make(false);
  EXPECT_EQ(code_of(revoke(first)), ErrorCode::kConflict);
  make(true);
  EXPECT_TRUE(revoke(first));
  EXPECT_TRUE(revoke(plain));
}

TEST_F(CatalogTest, AnotherProcessIsNoticed) {
  const auto other = open();
  const int64_t version = ok(catalog->access_version());
  ok(other->write(
      [](Transaction& t) { return t.create_key(1, "x", Access::kReadWrite, /*admin=*/false); }));
  EXPECT_NE(ok(catalog->access_version()), version);
  EXPECT_EQ(ok(catalog->valid_keys()).size(), 1u);
}

TEST_F(CatalogTest, ManyReadWhileOneWrites) {
  std::atomic<bool> stop = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 6; ++i) {
    readers.emplace_back([&] {
      while (!stop) EXPECT_GE(ok(catalog->projects()).size(), 1u);
    });
  }
  for (int i = 0; i < 200; ++i) make_project("p" + std::to_string(i));
  stop = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(ok(catalog->projects()).size(), 201u);
}

// A limit on the size of files stands for a full disk: both make write() fail.
TEST_F(CatalogTest, ADiskThatRefusesIsSaidAndReadsGoOn) {
  ok(catalog->projects());
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit tight = before;
  tight.rlim_cur = 1;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto refused = catalog->write([](Transaction& t) { return t.create_project("too much"); });
  const auto read = catalog->projects();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);

  ASSERT_EQ(code_of(refused), ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().message.find("disk of the catalog"), std::string::npos)
      << refused.error().message;
  EXPECT_EQ(ok(read).size(), 1u);
  EXPECT_EQ(make_project("fits").name, "fits");
  EXPECT_EQ(ok(catalog->projects()).size(), 2u);
}

TEST_F(CatalogTest, ALaterVersionsCatalogIsRefused) {
  ok(catalog->write([](Transaction& t) { return t.set_setting("schema_version", "9999"); }));
  catalog = nullptr;
  const auto later = Catalog::open({.path = file()}, clock);
  EXPECT_EQ(code_of(later), ErrorCode::kUnsupported);
}

TEST_F(CatalogTest, DamageIsFound) {
  EXPECT_TRUE(ok(catalog->check_integrity()).empty());
  catalog = nullptr;
  std::ofstream(file(), std::ios::binary | std::ios::trunc) << std::string(8192, 'x');
  EXPECT_EQ(code_of(Catalog::open({.path = file()}, clock)), ErrorCode::kDataLoss);
}

TEST_F(CatalogTest, AFolderThatIsNotThereIsSaid) {
  const auto result = Catalog::open({.path = folder / "missing" / "catalog.db"}, clock);
  EXPECT_EQ(code_of(result), ErrorCode::kUnavailable);
  EXPECT_NE(result.error().message.find("missing"), std::string::npos);
}

TEST_F(CatalogTest, PathsMayHoldSpacesAndSigns) {
  const auto odd = folder / "my data=1  %20" / "catalog.db";
  std::filesystem::create_directories(odd.parent_path());
  EXPECT_TRUE(Catalog::open({.path = odd}, clock));
  EXPECT_TRUE(std::filesystem::exists(odd));
}

// ---- segments
// ---------------------------------------------------------------------------------------

TEST_F(CatalogTest, SegmentsComeAndGo) {
  EXPECT_EQ(ok(catalog->flushed_generation()), 0);
  const Segment spans{.dataset = Dataset::kSpans,
                      .path = "spans/1.parquet",
                      .rows = 10,
                      .bytes = 420,
                      .start_min = TimeNs{5},
                      .start_max = TimeNs{9},
                      .received_max = TimeNs{12},
                      .generation = 7,
                      .created = clock.time};
  const Segment logs{.dataset = Dataset::kLogs, .path = "logs/1.parquet", .created = clock.time};
  const auto ids = ok(catalog->commit_segments({.add = {spans, logs}, .flushed_generation = 7}));
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_EQ(ok(catalog->flushed_generation()), 7);

  auto kept = ok(catalog->segments(Dataset::kSpans));
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].id, ids[0]);
  EXPECT_EQ(kept[0].path, spans.path);
  EXPECT_EQ(kept[0].rows, 10);
  EXPECT_EQ(kept[0].start_max, TimeNs{9});
  EXPECT_EQ(kept[0].created, clock.time);
  EXPECT_FALSE(kept[0].superseded.is_set());

  const auto merged =
      ok(catalog->commit_segments({.add = {{.path = "spans/2.parquet", .created = clock.time}},
                                   .supersede = {ids[0]},
                                   .now = clock.time}));
  EXPECT_EQ(ok(catalog->flushed_generation()), 7);
  EXPECT_TRUE(ok(catalog->segments(Dataset::kSpans))[0].superseded.is_set());
  EXPECT_EQ(code_of(catalog->commit_segments({.supersede = {ids[0]}, .now = clock.time})),
            ErrorCode::kConflict);

  ok(catalog->write([&](Transaction& t) -> Result<void> {
    TRY(t.forget_segments(std::vector{ids[0]}));
    TRY(t.mark_for_rewrite(merged));
    return t.quarantine_segment(merged[0], "checksum of footer");
  }));
  kept = ok(catalog->segments(Dataset::kSpans));
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_TRUE(kept[0].needs_rewrite);
  EXPECT_EQ(kept[0].quarantined, "checksum of footer");
  ok(catalog->write([&](Transaction& t) { return t.release_segment(merged[0]); }));
  EXPECT_EQ(ok(catalog->segments(Dataset::kSpans))[0].quarantined, "");
}

TEST_F(CatalogTest, TombstonesLast) {
  const TraceId trace = trace_of(-2);
  ok(catalog->write([&](Transaction& t) -> Result<void> {
    TRY(t.bury_trace(1, trace));
    return t.bury_trace(1, trace);
  }));
  auto tombstones = ok(catalog->tombstones());
  ASSERT_EQ(tombstones.size(), 1u);
  EXPECT_EQ(tombstones[0].trace, trace);
  EXPECT_EQ(tombstones[0].deleted, clock.time);
  ok(catalog->write([&](Transaction& t) { return t.forget_tombstones(clock.time); }));
  EXPECT_EQ(ok(catalog->tombstones()).size(), 1u);
  ok(catalog->write(
      [&](Transaction& t) { return t.forget_tombstones(clock.time + DurationNs{1}); }));
  EXPECT_EQ(ok(catalog->tombstones()).size(), 0u);
}

}  // namespace
}  // namespace callscope::store
