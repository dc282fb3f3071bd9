// The tables of the lake: what their rows are, and their columns in order.
#pragma once

#include <span>

#include "store/lake/column_kinds.h"
#include "store/log_row.h"
#include "store/span_row.h"

namespace callscope::store {

// Specialised for each kind of row. docs/formats/lake.md describes the columns.
template <typename Row>
struct Table;

template <>
struct Table<SpanRow> {
  static constexpr char kFormat[] = "spans/1";
  static std::span<const TableColumn<SpanRow>> columns();
  static TimeNs time(const SpanRow& row) { return row.start; }
};

template <>
struct Table<LogRow> {
  static constexpr char kFormat[] = "logs/1";
  static std::span<const TableColumn<LogRow>> columns();
  static TimeNs time(const LogRow& row) { return row.time; }
};

template <typename Row>
parquet::Schema table_schema() {
  parquet::Schema schema;
  for (const TableColumn<Row>& column : Table<Row>::columns()) schema.push_back(column.column);
  return schema;
}

}  // namespace callscope::store
