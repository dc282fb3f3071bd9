#include <gtest/gtest.h>

#include <future>
#include <map>
#include <random>
#include <thread>

#include "store/wal/reader.h"
#include "store/wal/writer.h"

namespace callscope::store::wal {
namespace {

class Wal : public ::testing::Test {
 protected:
  Wal() {
    directory_ = std::filesystem::temp_directory_path() /
                 ("callscope-wal-" + std::to_string(::getpid()) + "-" +
                  ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  ~Wal() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<Writer> writer(Generation first, WriterOptions options = {}) {
    auto created = Writer::create(directory_, first, options);
    EXPECT_TRUE(created) << created.error().message;
    return std::move(*created);
  }

  static void append(Writer& writer, const std::string& text, size_t items = 1) {
    std::promise<Result<void>> done;
    RecordHeader header;
    header.project = 7;
    header.agent = 9;
    header.received = {123};
    Payload payload = Payload::of(text);
    payload.items = items;
    writer.append(header, std::move(payload),
                  [&](Result<void> result) { done.set_value(std::move(result)); });
    const auto result = done.get_future().get();
    ASSERT_TRUE(result) << result.error().message;
  }

  std::vector<std::string> read_all(Generation generation) {
    std::vector<std::string> out;
    const auto tail = find_tail(directory_, generation);
    EXPECT_TRUE(tail) << tail.error().message;
    if (!tail || tail->records == 0) return out;
    auto reader = Reader::open(directory_, generation);
    EXPECT_TRUE(reader);
    while (true) {
      auto record = reader->next(tail->good_end);
      if (!record || !*record) {
        const auto found = reader->skip_damage(tail->good_end);
        if (!found || !*found) return out;
        continue;
      }
      EXPECT_EQ((*record)->header.project, 7);
      EXPECT_EQ((*record)->header.agent, 9);
      EXPECT_EQ((*record)->header.received.ns, 123);
      out.push_back((*record)->payload);
    }
  }

  std::filesystem::path path(Generation generation) { return directory_ / file_name(generation); }

  std::filesystem::path directory_;
};

TEST_F(Wal, KeepsWhatWasAcknowledgedInOrder) {
  {
    auto log = writer(5);
    append(*log, "one");
    append(*log, "");
    append(*log, std::string(100'000, 'x'));
  }
  EXPECT_EQ(read_all(5), (std::vector<std::string>{"one", "", std::string(100'000, 'x')}));
}

TEST_F(Wal, RollsOverBySizeAndOnRequestButNeverAnEmptyFile) {
  auto log = writer(1, {.file_bytes_max = 1000});
  append(*log, std::string(2000, 'a'));
  append(*log, "b");
  log->rotate();
  const Committed seen = log->wait_committed({2, 1'000'000}, std::chrono::seconds(60));
  EXPECT_EQ(seen.generation, 3u);
  append(*log, "c");
  log.reset();
  EXPECT_EQ(read_all(1).size(), 1u);
  EXPECT_EQ(read_all(2), std::vector<std::string>{"b"});
  EXPECT_EQ(read_all(3), std::vector<std::string>{"c"});
  EXPECT_EQ(*list_generations(directory_), (std::vector<Generation>{1, 2, 3}));
}

TEST_F(Wal, RollsOverByTheNumberOfSpans) {
  auto log = writer(1, {.file_items_max = 1000});
  for (const char* text : {"a", "b", "c"}) append(*log, text, 600);
  log.reset();
  EXPECT_EQ(read_all(1), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read_all(2), std::vector<std::string>{"c"});
}

TEST_F(Wal, TornTailIsCutAtEveryLength) {
  {
    auto log = writer(1);
    append(*log, "first record");
    append(*log, "second record");
  }
  const std::string whole = *read_file(path(1));
  const size_t second_at =
      kFileHeaderBytes + kRecordHeaderBytes + std::string("first record").size();
  for (size_t length = 0; length < whole.size(); ++length) {
    std::filesystem::resize_file(path(1), 0);
    std::filesystem::remove(path(1));
    ASSERT_TRUE(write_file_durably(path(1), whole.substr(0, length)));
    EXPECT_EQ(read_all(1).size(), length >= second_at ? 1u : 0u) << "cut to " << length;
  }
}

TEST_F(Wal, DamageCostsOneRecordAndIsNeverReturned) {
  const std::vector<std::string> sent = {"first record", "second record", "third record"};
  {
    auto log = writer(1);
    for (const std::string& text : sent) append(*log, text);
  }
  const std::string whole = *read_file(path(1));
  size_t starts_at = kFileHeaderBytes;
  for (size_t damaged_record = 0; damaged_record < sent.size(); ++damaged_record) {
    const size_t ends_at = starts_at + kRecordHeaderBytes + sent[damaged_record].size();
    std::vector<std::string> kept = sent;
    kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(damaged_record));
    for (size_t at = starts_at; at < ends_at; ++at) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
      std::filesystem::remove(path(1));
      ASSERT_TRUE(write_file_durably(path(1), damaged));
      EXPECT_EQ(read_all(1), kept) << "byte " << at;
      const auto tail = find_tail(directory_, 1);
      ASSERT_TRUE(tail);
      // Where the last record is damaged, it cannot be told from a torn tail.
      EXPECT_EQ(tail->damaged_bytes, damaged_record == 2 ? 0 : ends_at - starts_at);
    }
    starts_at = ends_at;
  }
}

TEST_F(Wal, ARecordInsideThePayloadOfADamagedOneIsNotRead) {
  RecordHeader header;
  header.project = 8;
  const std::string fake = encode_record_header(header, "evil") + "evil";
  {
    auto log = writer(1);
    append(*log, "before " + fake);
    append(*log, "after");
  }
  std::string damaged = *read_file(path(1));
  ++damaged[kFileHeaderBytes + kRecordHeaderBytes];
  std::filesystem::remove(path(1));
  ASSERT_TRUE(write_file_durably(path(1), damaged));
  EXPECT_EQ(read_all(1), std::vector<std::string>{"after"});
}

// A machine that loses power keeps what was synced and any part of what was not: a prefix of the
// bytes, with holes of zeros in it where pages did not reach the disk.
TEST_F(Wal, ALossOfPowerKeepsEveryAcknowledgedRecord) {
  constexpr size_t kPage = 64;  // smaller than the disk's, so that more shapes of loss come up
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    std::string disk = encode_file_header(1);
    std::vector<std::string> acknowledged;
    size_t synced = 0;
    bool after_sync = false;
    const int records = 1 + static_cast<int>(random() % 12);
    std::vector<std::string> waiting;
    for (int i = 0; i < records; ++i) {
      RecordHeader header;
      header.project = 7;
      header.agent = 9;
      header.received = {123};
      const std::string text = std::to_string(i) + std::string(random() % 300, 'r');
      disk += encode_record_header(header, text) + text;
      waiting.push_back(text);
      // Acknowledged only behind a sync, which covers all that was written before it.
      after_sync = random() % 3 == 0;
      if (!after_sync) continue;
      synced = disk.size();
      acknowledged.insert(acknowledged.end(), waiting.begin(), waiting.end());
      waiting.clear();
    }
    std::string left = disk.substr(0, synced + random() % (disk.size() - synced + 1));
    for (size_t page = synced / kPage; page * kPage < left.size(); ++page) {
      if (random() % 2 == 0) continue;
      for (size_t at = std::max(page * kPage, synced);
           at < std::min(left.size(), (page + 1) * kPage); ++at) {
        left[at] = '\0';
      }
    }
    std::filesystem::remove(path(1));
    ASSERT_TRUE(write_file_durably(path(1), left));
    const std::vector<std::string> read = read_all(1);
    ASSERT_GE(read.size(), acknowledged.size()) << "round " << round;
    EXPECT_TRUE(std::equal(acknowledged.begin(), acknowledged.end(), read.begin()));
    // What was not acknowledged may be there or not, but never in part.
    size_t from = 0;
    for (size_t i = acknowledged.size(); i < read.size(); ++i) {
      while (from < waiting.size() && waiting[from] != read[i]) ++from;
      ASSERT_LT(from, waiting.size()) << "a record that was never sent";
    }
  }
}

TEST_F(Wal, AFullFileSystemRefusesAndLosesNothing) {
  // /dev/full takes no byte: a log that points there refuses each record and says why.
  auto log = writer(1);
  append(*log, "kept");
  std::filesystem::create_directories(directory_ / "full");
  std::filesystem::create_symlink("/dev/full", directory_ / "full" / file_name(1));
  const auto refused = Writer::create(directory_ / "full", 1, {});
  EXPECT_FALSE(refused);
  log.reset();
  EXPECT_EQ(read_all(1), std::vector<std::string>{"kept"});
}

TEST_F(Wal, ManyThreadsAreAllKept) {
  auto log = writer(1, {.file_bytes_max = 5'000});
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) append(*log, std::to_string(t) + "/" + std::to_string(i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  log.reset();
  std::map<std::string, int> seen;
  const auto generations = list_generations(directory_);
  ASSERT_TRUE(generations);
  for (const Generation generation : *generations) {
    for (const std::string& text : read_all(generation)) ++seen[text];
  }
  EXPECT_EQ(seen.size(), static_cast<size_t>(kThreads * kEach));
  for (const auto& [text, count] : seen) EXPECT_EQ(count, 1) << text;
}

}  // namespace
}  // namespace callscope::store::wal
