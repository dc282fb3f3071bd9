// One immutable Parquet file of the lake: rows of one table sorted by trace (row_less), with an
// index from trace to rows in the same file.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "store/lake/table.h"
#include "store/lake/trace_index.h"
#include "store/parquet/reader.h"
#include "store/parquet/writer.h"

namespace callscope::store {

// What the catalog keeps of a file just written.
struct SegmentFacts {
  int64_t rows = 0;
  int64_t bytes = 0;
  TimeNs start_min, start_max;
  TimeNs received_max;
};

template <typename Row>
class SegmentWriter {
 public:
  // Creates `path`, which must not exist.
  static Result<std::unique_ptr<SegmentWriter>> create(const std::filesystem::path& path,
                                                       parquet::WriterOptions options);

  // Rows must come in the order of row_less.
  Result<void> add(std::span<const Row* const> rows);
  // Writes the footer and syncs; the file may then be published.
  Result<SegmentFacts> finish();

 private:
  explicit SegmentWriter(std::unique_ptr<parquet::Writer> writer) : writer_(std::move(writer)) {}

  std::unique_ptr<parquet::Writer> writer_;
  TraceIndexBuilder index_;
  SegmentFacts facts_;
  int64_t group_rows_ = 0;
  TraceId last_trace_;
};

// An open file, shared by all queries; each makes a RowCursor.
template <typename Row>
class SegmentFile {
 public:
  // kDataLoss where the file is not one of Table<Row>.
  static Result<std::shared_ptr<const SegmentFile>> open(const std::filesystem::path& path);

  const parquet::Reader& file() const { return *file_; }
  const TraceIndex& index() const { return index_; }

 private:
  SegmentFile(std::shared_ptr<const parquet::Reader> file, TraceIndex index)
      : file_(std::move(file)), index_(index) {}

  std::shared_ptr<const parquet::Reader> file_;
  TraceIndex index_;
};

enum class ReadFacts { kNo, kYes };

template <typename Row>
class RowCursor {
 public:
  RowCursor(std::shared_ptr<const SegmentFile<Row>> segment, ReadFacts facts);

  // Appends rows [first, first + count); their texts are copied to `arena`.
  Result<void> read(int64_t first, int64_t count, Arena& arena, std::vector<Row>& out);
  const SegmentFile<Row>& segment() const { return *segment_; }

 private:
  struct Bound {
    const TableColumn<Row>* column;
    parquet::ColumnCursor cursor;
  };
  std::shared_ptr<const SegmentFile<Row>> segment_;
  std::vector<Bound> columns_;
};

extern template class SegmentWriter<SpanRow>;
extern template class SegmentWriter<LogRow>;
extern template class SegmentFile<SpanRow>;
extern template class SegmentFile<LogRow>;
extern template class RowCursor<SpanRow>;
extern template class RowCursor<LogRow>;

}  // namespace callscope::store
