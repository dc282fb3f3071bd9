// Reads Parquet files that our Writer wrote, a page at a time, out of a memory map.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "store/parquet/column_writer.h"
#include "store/parquet/page_bytes.h"
#include "store/parquet/types.h"

namespace callscope::store::parquet {

// Where the chunk of one column in one row group lies in the file.
struct ChunkLocation {
  int64_t values = 0;  // nulls too
  int64_t nulls = 0;
  std::optional<int64_t> only;  // the number that every row has
  Codec codec = Codec::kNone;
  std::optional<int64_t> dictionary_offset;
  int64_t offset_index_offset = 0;
  int32_t offset_index_length = 0;
};

struct RowGroup {
  int64_t first_row = 0;
  int64_t rows = 0;
  std::vector<ChunkLocation> chunks;  // in the order of the file's schema
};

class Reader {
 public:
  // kDataLoss where the footer is not one that our writer writes.
  static Result<std::shared_ptr<const Reader>> open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  int64_t rows() const { return rows_; }
  const std::vector<RowGroup>& row_groups() const { return groups_; }
  const Schema& schema() const { return schema_; }
  // The position of a column, or nullopt: a file of an older version may lack it.
  std::optional<size_t> find_column(std::string_view name) const;
  // The value of a key in the footer's metadata; empty where there is none.
  std::string_view metadata(const std::string& key) const;
  // Bytes written with Writer::add_section; valid as long as the reader.
  Result<std::string_view> section(const std::string& name) const;
  std::string_view bytes() const { return file_.bytes(); }

 private:
  explicit Reader(std::filesystem::path path, MappedFile file)
      : path_(std::move(path)), file_(std::move(file)) {}
  Result<void> parse_footer();

  std::filesystem::path path_;
  MappedFile file_;
  Schema schema_;
  std::vector<RowGroup> groups_;
  std::map<std::string, std::string> metadata_;
  int64_t rows_ = 0;
};

// Which pages a cursor reads: those it needs to know a value, or every one, to check it. A column
// of a row group that has one value, or only nulls, says so in front.
enum class Pages { kNeeded, kAll };

// Walks one column. Keeps the last page decoded, so rows are cheapest in rising order. Not
// thread-safe; make one for each query.
class ColumnCursor {
 public:
  ColumnCursor(const Reader& reader, size_t column, Pages pages);

  // Makes `row` current; kDataLoss where the bytes are not what was written.
  Result<void> seek(int64_t row) {
    if (row < page_first_ || row >= page_first_ + page_rows_) TRY(load(row));
    const auto at = static_cast<int32_t>(row - page_first_);
    value_index_ = is_constant_            ? constant_index_
                   : value_of_row_.empty() ? at
                                           : value_of_row_[static_cast<size_t>(at)];
    if (value_index_ >= values_ready_) TRY(read_texts(value_index_));
    return {};
  }

  bool is_null() const { return value_index_ < 0; }
  int64_t integer() const {
    const auto at = static_cast<size_t>(value_index_);
    return by_code_ ? dictionary_integers_[codes_[at]] : integers_[at];
  }
  // Valid until a seek leaves the page.
  std::string_view bytes() const {
    const auto at = static_cast<size_t>(value_index_);
    return by_code_ ? dictionary_texts_[codes_[at]] : texts_[at];
  }

 private:
  static constexpr int32_t kAllReady = INT32_MAX;

  Result<void> load(int64_t row);
  Result<void> load_group(size_t group);
  Result<void> load_page(size_t page);
  Result<PageBytes> open_page(int64_t offset, int32_t& values, Encoding& encoding) const;
  // Of a page of PLAIN texts: those up to value `last`.
  Result<void> read_texts(int32_t last);
  Result<void> decode_plain(std::string_view body, size_t count, std::vector<int64_t>& integers,
                            std::vector<std::string_view>& texts) const;
  Error damaged(std::string_view what) const;
  bool is_text() const {
    return column_.physical == Physical::kByteArray || column_.physical == Physical::kFixed;
  }

  const Reader& reader_;
  const size_t index_;
  const Column& column_;
  const Pages which_;

  std::optional<size_t> group_;
  Codec codec_ = Codec::kNone;       // of the current row group
  std::vector<PageLocation> pages_;  // of the current row group; first_row within the group
  PageBytes dictionary_page_;
  std::vector<int64_t> dictionary_integers_;
  std::vector<std::string_view> dictionary_texts_;

  int64_t page_first_ = 0;  // first row of the page, or of a constant row group, in the file
  int64_t page_rows_ = 0;
  bool is_constant_ = false;
  int32_t constant_index_ = 0;
  PageBytes page_;
  std::vector<int32_t> value_of_row_;  // empty where each row has the value of its number
  std::vector<uint32_t> levels_;       // scratch
  bool by_code_ = false;               // the values are those of the dictionary
  std::vector<uint32_t> codes_;
  std::vector<int64_t> integers_;
  std::vector<std::string_view> texts_;
  int32_t values_ready_ = kAllReady;  // of texts that are read as they are wanted
  size_t texts_end_ = 0;              // in page_, of those
  int32_t value_index_ = -1;
};

}  // namespace callscope::store::parquet
