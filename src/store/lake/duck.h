// DuckDB's C API with our errors: one database in memory, opened at the first question, that reads
// Parquet files. The only file that includes duckdb.h is duck.cc.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace callscope::store {

struct DuckOptions {
  int64_t memory_bytes_max = 384 << 20;
  int threads = 2;
  std::filesystem::path temporary;  // where it may spill
};

// One row of an answer. Positions count from 0.
class DuckRow {
 public:
  virtual ~DuckRow() = default;
  virtual bool is_null(size_t column) const = 0;
  virtual int64_t integer(size_t column) const = 0;  // BIGINT columns
  virtual double real(size_t column) const = 0;      // DOUBLE columns
  virtual std::string_view text(
      size_t column) const = 0;  // VARCHAR and BLOB; valid in the callback
};

// Rows of a temporary table, for what is not in a file yet.
struct DuckTable {
  std::string name;
  std::string columns;  // as in CREATE TABLE
  struct Cell {
    enum class Kind { kNull, kInteger, kText, kBytes } kind = Kind::kNull;
    int64_t integer = 0;
    std::string text = {};
  };
  std::vector<std::vector<Cell>> rows;
};

class Duck {
 public:
  explicit Duck(DuckOptions options);
  ~Duck();

  // Runs `sql` on a connection of its own, with `tables` filled before, and visits each row.
  Result<void> query(const std::string& sql, const std::vector<DuckTable>& tables,
                     const std::function<void(const DuckRow&)>& visit);

 private:
  struct State;
  Result<void> open();

  const DuckOptions options_;
  std::unique_ptr<State> state_;
};

// A text as an SQL literal.
std::string sql_text(std::string_view text);

}  // namespace callscope::store
