// How the fields of a row become columns of a table in the lake, one function for each kind of
// field. span_columns.cc and log_columns.cc list the fields.
#pragma once

#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "base/arena.h"
#include "store/parquet/reader.h"
#include "store/parquet/writer.h"

namespace callscope::store {

template <typename Row>
struct TableColumn {
  parquet::Column column;
  // Measures that classify() finds again from the attributes: for analytic SQL, and not read when a
  // row is shown.
  bool is_fact = false;
  // Of several rows at once: a column's state stays in the cache and the rows do too.
  void (*write)(std::span<const Row* const> rows, parquet::ColumnWriter& out) = nullptr;
  void (*read)(const parquet::ColumnCursor& in, Arena& arena,
               Row& row) = nullptr;  // never at a null
};

namespace column {

enum class Null { kNever, kWhereEmpty };

template <typename Row, typename Field>
Row row_of(Field Row::*);
template <typename Row, typename Field>
Field field_of(Field Row::*);

template <auto Member>
using RowOf = decltype(row_of(Member));
template <auto Member>
using FieldOf = decltype(field_of(Member));

inline void write_text(std::string_view value, bool optional, parquet::ColumnWriter& to) {
  if (optional && value.empty()) {
    to.add_null();
  } else {
    to.add_bytes(value);
  }
}

template <auto Member>
auto text(std::string name, Null null, parquet::Encoding encoding,
          parquet::Logical logical = parquet::Logical::kString) {
  using Row = RowOf<Member>;
  TableColumn<Row> out;
  out.column = {.name = std::move(name),
                .physical = parquet::Physical::kByteArray,
                .optional = null == Null::kWhereEmpty,
                .encoding = encoding,
                .logical = logical};
  if (null == Null::kWhereEmpty) {
    out.write = [](std::span<const Row* const> rows, parquet::ColumnWriter& to) {
      for (const Row* row : rows) write_text(row->*Member, true, to);
    };
  } else {
    out.write = [](std::span<const Row* const> rows, parquet::ColumnWriter& to) {
      for (const Row* row : rows) write_text(row->*Member, false, to);
    };
  }
  out.read = [](const parquet::ColumnCursor& in, Arena& arena, Row& row) {
    row.*Member = arena.copy(in.bytes());
  };
  return out;
}

// Trace and span ids: null where all zero, if that may be.
template <auto Member>
auto id(std::string name, Null null, parquet::Encoding encoding, parquet::Codec codec) {
  using Row = RowOf<Member>;
  using Id = FieldOf<Member>;
  TableColumn<Row> out;
  out.column = {.name = std::move(name),
                .physical = parquet::Physical::kFixed,
                .fixed_bytes = static_cast<int32_t>(Id::kSize),
                .optional = null == Null::kWhereEmpty,
                .encoding = encoding,
                .codec = codec};
  if (null == Null::kWhereEmpty) {
    out.write = [](std::span<const Row* const> rows, parquet::ColumnWriter& to) {
      for (const Row* row : rows) {
        if ((row->*Member).is_zero()) {
          to.add_null();
        } else {
          to.add_bytes((row->*Member).view());
        }
      }
    };
  } else {
    out.write = [](std::span<const Row* const> rows, parquet::ColumnWriter& to) {
      for (const Row* row : rows) to.add_bytes((row->*Member).view());
    };
  }
  out.read = [](const parquet::ColumnCursor& in, Arena&, Row& row) {
    row.*Member = Id::from_bytes(in.bytes()).value_or(Id{});
  };
  return out;
}

template <auto Member>
auto time(std::string name, parquet::Encoding encoding) {
  using Row = RowOf<Member>;
  TableColumn<Row> out;
  out.column = {.name = std::move(name),
                .physical = parquet::Physical::kInt64,
                .encoding = encoding,
                .logical = parquet::Logical::kTimestampNs};
  out.write = [](std::span<const Row* const> rows, parquet::ColumnWriter& to) {
    for (const Row* row : rows) to.add_int((row->*Member).ns);
  };
  out.read = [](const parquet::ColumnCursor& in, Arena&, Row& row) {
    row.*Member = {in.integer()};
  };
  return out;
}

// Whole numbers that repeat: ids of projects, enumerators, flags.
template <auto Member>
auto number(std::string name, parquet::Physical physical) {
  using Row = RowOf<Member>;
  TableColumn<Row> out;
  out.column = {
      .name = std::move(name), .physical = physical, .encoding = parquet::Encoding::kDictionary};
  out.write = [](std::span<const Row* const> rows, parquet::ColumnWriter& to) {
    for (const Row* row : rows) to.add_int(static_cast<int64_t>(row->*Member));
  };
  out.read = [](const parquet::ColumnCursor& in, Arena&, Row& row) {
    row.*Member = static_cast<FieldOf<Member>>(in.integer());
  };
  return out;
}

}  // namespace column
}  // namespace callscope::store
