#include "store/lake/segment.h"

#include <algorithm>

namespace callscope::store {
namespace {

// Row groups are the unit in which DuckDB reads in parallel. Past the first size one ends with the
// next trace, so that traces rarely lie across two; the second is for a trace without end.
constexpr int64_t kGroupRows = 60'000;
constexpr int64_t kGroupRowsMax = 120'000;

// Rows written column by column at once: few enough to stay in the cache meanwhile.
constexpr size_t kBatchRows = 256;

constexpr char kFormatKey[] = "callscope.format";

}  // namespace

template <typename Row>
Result<std::unique_ptr<SegmentWriter<Row>>> SegmentWriter<Row>::create(
    const std::filesystem::path& path, parquet::WriterOptions options) {
  auto writer = TRY(parquet::Writer::create(path, table_schema<Row>(), options));
  return std::unique_ptr<SegmentWriter>(new SegmentWriter(std::move(writer)));
}

template <typename Row>
Result<void> SegmentWriter<Row>::add(std::span<const Row* const> rows) {
  const std::span<const TableColumn<Row>> columns = Table<Row>::columns();
  while (!rows.empty()) {
    const bool is_new_trace = rows[0]->trace_id != last_trace_;
    if ((group_rows_ >= kGroupRows && is_new_trace) || group_rows_ >= kGroupRowsMax) {
      TRY(writer_->end_row_group());
      group_rows_ = 0;
    }
    size_t count = 0;
    while (count < std::min(rows.size(), kBatchRows)) {
      const Row& row = *rows[count];
      // A row group that is large enough ends before the next trace.
      if (count > 0 && group_rows_ >= kGroupRows && row.trace_id != last_trace_) break;
      index_.add(row.trace_id, row.project);
      const TimeNs time = Table<Row>::time(row);
      if (facts_.rows == 0 || time < facts_.start_min) facts_.start_min = time;
      facts_.start_max = std::max(facts_.start_max, time);
      facts_.received_max = std::max(facts_.received_max, row.received);
      ++facts_.rows;
      ++group_rows_;
      last_trace_ = row.trace_id;
      ++count;
    }
    for (size_t i = 0; i < columns.size(); ++i) {
      writer_->column(i).begin_rows();
      columns[i].write(rows.first(count), writer_->column(i));
      writer_->column(i).end_rows();
    }
    rows = rows.subspan(count);
  }
  return {};
}

template <typename Row>
Result<SegmentFacts> SegmentWriter<Row>::finish() {
  TRY(writer_->end_row_group());
  TRY(writer_->add_section(kTraceIndexSection, index_.finish()));
  facts_.bytes = static_cast<int64_t>(TRY(writer_->finish({{kFormatKey, Table<Row>::kFormat}})));
  return facts_;
}

template <typename Row>
Result<std::shared_ptr<const SegmentFile<Row>>> SegmentFile<Row>::open(
    const std::filesystem::path& path) {
  std::shared_ptr<const parquet::Reader> file = TRY(parquet::Reader::open(path));
  if (file->metadata(kFormatKey) != Table<Row>::kFormat) {
    return Error{ErrorCode::kDataLoss,
                 path.string() + " is not a segment of " + Table<Row>::kFormat};
  }
  const std::string_view section = TRY(file->section(kTraceIndexSection));
  return std::shared_ptr<const SegmentFile>(new SegmentFile(std::move(file), TraceIndex(section)));
}

template <typename Row>
RowCursor<Row>::RowCursor(std::shared_ptr<const SegmentFile<Row>> segment, ReadFacts facts)
    : segment_(std::move(segment)) {
  // Who reads all of a row checks it too.
  const parquet::Pages pages =
      facts == ReadFacts::kYes ? parquet::Pages::kAll : parquet::Pages::kNeeded;
  columns_.reserve(Table<Row>::columns().size());
  for (const TableColumn<Row>& column : Table<Row>::columns()) {
    if (column.is_fact && facts == ReadFacts::kNo) continue;
    // A file written before a column existed has none of it: the field keeps its default.
    if (const auto at = segment_->file().find_column(column.column.name)) {
      columns_.push_back({&column, parquet::ColumnCursor(segment_->file(), *at, pages)});
    }
  }
}

template <typename Row>
Result<void> RowCursor<Row>::read(int64_t first, int64_t count, Arena& arena,
                                  std::vector<Row>& out) {
  const size_t start = out.size();
  out.resize(start + static_cast<size_t>(count));
  // Column by column, so that the pages of one column stay in the cache.
  for (Bound& bound : columns_) {
    for (int64_t i = 0; i < count; ++i) {
      TRY(bound.cursor.seek(first + i));
      if (bound.cursor.is_null()) continue;
      bound.column->read(bound.cursor, arena, out[start + static_cast<size_t>(i)]);
    }
  }
  return {};
}

template class SegmentWriter<SpanRow>;
template class SegmentWriter<LogRow>;
template class SegmentFile<SpanRow>;
template class SegmentFile<LogRow>;
template class RowCursor<SpanRow>;
template class RowCursor<LogRow>;

}  // namespace callscope::store
