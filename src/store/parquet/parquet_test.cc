#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "store/parquet/encoding.h"
#include "store/parquet/reader.h"
#include "store/parquet/thrift.h"
#include "store/parquet/writer.h"

namespace callscope::store::parquet {
namespace {

void check_rle(const std::vector<uint32_t>& values, int width) {
  std::string bytes;
  encode_rle(values, width, bytes);
  std::vector<uint32_t> back;
  ASSERT_TRUE(decode_rle(bytes, width, values.size(), back)) << values.size();
  EXPECT_EQ(back, values);
}

void check_delta(const std::vector<int64_t>& values) {
  std::string bytes;
  encode_delta(values, bytes);
  std::vector<int64_t> back;
  ASSERT_TRUE(decode_delta(bytes, values.size(), back)) << values.size();
  EXPECT_EQ(back, values);
}

TEST(Encoding, RleRoundTripsRunsAndNoise) {
  check_rle({}, 1);
  check_rle({1}, 1);
  check_rle(std::vector<uint32_t>(1000, 7), 3);
  check_rle({0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0}, 1);
  std::mt19937 random(1);
  for (int width = 1; width <= 20; ++width) {
    std::vector<uint32_t> values;
    while (values.size() < 3000) {
      const uint32_t value = static_cast<uint32_t>(random()) & ((1u << width) - 1);
      values.insert(values.end(), random() % 4 == 0 ? random() % 40 : 1, value);
    }
    check_rle(values, width);
  }
}

TEST(Encoding, DeltaRoundTripsExtremes) {
  check_delta({});
  check_delta({42});
  check_delta({INT64_MIN, INT64_MAX, 0, -1, INT64_MAX, INT64_MIN});
  std::mt19937_64 random(2);
  std::vector<int64_t> times;
  int64_t at = 1'780'000'000'000'000'000;
  for (int i = 0; i < 1000; ++i)
    times.push_back(at += static_cast<int64_t>(random() % 5'000'000'000));
  check_delta(times);
}

TEST(Encoding, RefusesBytesThatAreTooShort) {
  std::string bytes;
  std::vector<uint32_t> values(100, 5);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<uint32_t>(i % 7);
  encode_rle(values, 3, bytes);
  std::vector<uint32_t> back;
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_FALSE(decode_rle(std::string_view(bytes).substr(0, cut), 3, values.size(), back));
  }
}

class ParquetFile : public ::testing::Test {
 protected:
  ParquetFile() {
    std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::replace(test.begin(), test.end(), '/', '-');  // of a test with parameters
    path_ = std::filesystem::temp_directory_path() /
            ("callscope-parquet-" + std::to_string(::getpid()) + "-" + test + ".parquet");
    std::filesystem::remove(path_);
  }
  ~ParquetFile() override { std::filesystem::remove(path_); }

  std::filesystem::path path_;
};

const Schema kSchema = {
    {.name = "id", .physical = Physical::kFixed, .fixed_bytes = 4, .codec = Codec::kNone},
    {.name = "time",
     .physical = Physical::kInt64,
     .encoding = Encoding::kDelta,
     .logical = Logical::kTimestampNs},
    {.name = "name",
     .physical = Physical::kByteArray,
     .optional = true,
     .encoding = Encoding::kDictionary,
     .logical = Logical::kString},
    {.name = "unique",
     .physical = Physical::kByteArray,
     .encoding = Encoding::kDictionary,
     .logical = Logical::kString},
    {.name = "count", .physical = Physical::kInt64, .optional = true},
    {.name = "flag", .physical = Physical::kBoolean},
    {.name = "kind", .physical = Physical::kInt32, .encoding = Encoding::kDictionary},
};

struct Row {
  std::string id, unique;
  int64_t time;
  std::optional<std::string> name;
  std::optional<int64_t> count;
  bool flag;
  int64_t kind;
};

std::vector<Row> make_rows(size_t n) {
  std::mt19937_64 random(3);
  std::vector<Row> rows;
  for (size_t i = 0; i < n; ++i) {
    Row row;
    row.id = std::string(reinterpret_cast<const char*>(&i), 4);
    row.unique = "value " + std::to_string(random()) + std::string(random() % 300, 'x');
    row.time = static_cast<int64_t>(1'780'000'000'000'000'000 + i * 1000 + random() % 1000);
    if (random() % 3 != 0) row.name = "name" + std::to_string(random() % 20);
    if (random() % 5 == 0) row.count = static_cast<int64_t>(random());
    row.flag = random() % 2 == 0;
    row.kind = static_cast<int64_t>(random() % 6);
    if (i >= 2'000) {  // a row group where two columns say the same in each row
      row.kind = 5;
      row.count.reset();
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

void write(const std::filesystem::path& path, const std::vector<Row>& rows, size_t group_rows) {
  WriterOptions options;
  options.page_rows_max = 100;
  options.page_bytes_max = 8 * 1024;
  options.dictionary_bytes_max = 64 * 1024;
  auto writer = Writer::create(path, kSchema, options);
  ASSERT_TRUE(writer) << writer.error().message;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    (*writer)->column(0).add_bytes(row.id);
    (*writer)->column(1).add_int(row.time);
    if (row.name) {
      (*writer)->column(2).add_bytes(*row.name);
    } else {
      (*writer)->column(2).add_null();
    }
    (*writer)->column(3).add_bytes(row.unique);
    if (row.count) {
      (*writer)->column(4).add_int(*row.count);
    } else {
      (*writer)->column(4).add_null();
    }
    (*writer)->column(5).add_int(row.flag ? 1 : 0);
    (*writer)->column(6).add_int(row.kind);
    if ((i + 1) % group_rows == 0) {
      ASSERT_TRUE((*writer)->end_row_group());
    }
  }
  ASSERT_TRUE((*writer)->end_row_group());
  ASSERT_TRUE((*writer)->add_section("ours", "some bytes"));
  const auto size = (*writer)->finish({{"key", "value"}});
  ASSERT_TRUE(size);
  EXPECT_EQ(*size, std::filesystem::file_size(path));
}

class ReadBack : public ParquetFile, public ::testing::WithParamInterface<Pages> {};

INSTANTIATE_TEST_SUITE_P(Pages, ReadBack, ::testing::Values(Pages::kNeeded, Pages::kAll));

TEST_P(ReadBack, EveryRowInAnyOrder) {
  const std::vector<Row> rows = make_rows(2500);
  write(path_, rows, 1000);
  const auto reader = Reader::open(path_);
  ASSERT_TRUE(reader) << reader.error().message;
  ASSERT_EQ((*reader)->rows(), 2500);
  EXPECT_EQ((*reader)->row_groups().size(), 3u);
  EXPECT_EQ((*reader)->metadata("key"), "value");
  EXPECT_EQ(*(*reader)->section("ours"), "some bytes");
  std::vector<ColumnCursor> cursors;
  for (size_t c = 0; c < kSchema.size(); ++c) cursors.emplace_back(**reader, c, GetParam());
  std::mt19937 random(4);
  for (int i = 0; i < 4000; ++i) {
    const int64_t at = i < 2500 ? i : static_cast<int64_t>(random() % 2500);
    for (auto& cursor : cursors) ASSERT_TRUE(cursor.seek(at));
    const Row& row = rows[static_cast<size_t>(at)];
    ASSERT_EQ(cursors[0].bytes(), row.id);
    ASSERT_EQ(cursors[1].integer(), row.time);
    ASSERT_EQ(cursors[2].is_null(), !row.name.has_value());
    if (row.name) {
      ASSERT_EQ(cursors[2].bytes(), *row.name);
    }
    ASSERT_EQ(cursors[3].bytes(), row.unique);
    ASSERT_EQ(cursors[4].is_null(), !row.count.has_value());
    if (row.count) {
      ASSERT_EQ(cursors[4].integer(), *row.count);
    }
    ASSERT_EQ(cursors[5].integer() != 0, row.flag);
    ASSERT_EQ(cursors[6].integer(), row.kind);
  }
}

TEST_F(ParquetFile, NoticesEveryDamagedByteOfAPage) {
  write(path_, make_rows(300), 1000);
  const std::string good = *read_file(path_);
  std::mt19937 random(5);
  for (int i = 0; i < 300; ++i) {
    std::string bad = good;
    const size_t at = 4 + random() % (bad.size() - 8);
    bad[at] = static_cast<char>(bad[at] ^ (1 << random() % 8));
    std::filesystem::remove(path_);
    ASSERT_TRUE(write_file_durably(path_, bad));
    // Damage is noticed or harmless; it never crashes and never changes what is read.
    const auto reader = Reader::open(path_);
    if (!reader) continue;
    for (size_t c = 0; c < (*reader)->schema().size(); ++c) {
      ColumnCursor cursor(**reader, c, i % 2 == 0 ? Pages::kAll : Pages::kNeeded);
      for (int64_t row = 0; row < (*reader)->rows(); ++row) {
        if (!cursor.seek(row)) break;
      }
    }
  }
}

}  // namespace
}  // namespace callscope::store::parquet
