// One connection to the database and the statements prepared on it. SOCI throws; what is here
// returns Results, and no other file of the server calls SOCI.
//
//   TRY(session.run("UPDATE projects SET name = :name WHERE id = :id", name, id));
//   auto row = TRY(session.one<Project>("FROM projects WHERE id = :id", id));   //
//   optional<Project> auto ids = TRY(session.all<int64_t>("SELECT id FROM projects ORDER BY id"));
//
// A parameter is named in the SQL, once, and given by position. A row type has a function
// `columns(visit, row)` that names its columns (columns.h); a statement that begins with FROM gets
// its SELECT list from that.
#pragma once

#include <fmt/format.h>
#include <soci/soci.h>

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/result.h"
#include "store/catalog/cell.h"

namespace callscope::store {

// A parameter of a statement that is put together at run time.
using Param = std::variant<int64_t, std::string>;

class Statement {
 public:
  Statement(soci::session& session, const std::string& sql, std::span<const CellType> parameters,
            std::span<const CellType> columns);  // throws
  Cell& parameter(size_t i) { return parameters_[i]; }
  const Cell& column(size_t i) const { return columns_[i]; }

  bool execute() { return statement_.execute(true); }  // throws; whether there is a first row
  bool fetch() { return statement_.fetch(); }          // throws; whether there is another
  int64_t changed() { return statement_.get_affected_rows(); }

 private:
  std::deque<Cell> parameters_;
  std::deque<Cell> columns_;
  soci::statement statement_;
};

template <typename T>
concept SingleCell = requires {
  CellFormat<T>::kType;
};

class Session {
 public:
  enum class Mode { kWrite, kRead };
  static Result<std::unique_ptr<Session>> open(const std::string& path, Mode mode);

  // A statement without parameters and rows, run once and not kept.
  Result<void> run_once(std::string_view sql);

  // A transaction, started by the dialect's words. Once a statement of it failed the others do too,
  // since the database may have given it up already; then rollback() is all that is left.
  Result<void> begin(std::string_view sql);
  Result<void> commit();
  void rollback();

  // How many rows it changed. Not for statements that return rows.
  template <typename... Params>
  Result<int64_t> run(std::string_view sql, const Params&... params) {
    Statement* statement = TRY(prepare(sql, types_of<Params...>(), {}));
    put(*statement, params...);
    return execute(*statement, sql, nullptr);
  }

  // The same with parameters that are put together at run time.
  Result<int64_t> run_of(std::string_view sql, const std::vector<Param>& params) {
    Statement* statement = TRY(prepare(sql, types_of(params), {}));
    put(*statement, params);
    return execute(*statement, sql, nullptr);
  }

  template <typename Row, typename... Params>
  Result<std::vector<Row>> all(std::string_view sql, const Params&... params) {
    std::vector<Row> rows;
    const std::string full = with_columns<Row>(sql);
    Statement* statement = TRY(prepare(full, types_of<Params...>(), column_types<Row>()));
    put(*statement, params...);
    const auto take = [&] { read(*statement, rows.emplace_back()); };
    TRY(execute(*statement, full, take));
    return rows;
  }

  template <typename Row>
  Result<std::vector<Row>> all_of(std::string_view sql, const std::vector<Param>& params) {
    std::vector<Row> rows;
    const std::string full = with_columns<Row>(sql);
    Statement* statement = TRY(prepare(full, types_of(params), column_types<Row>()));
    put(*statement, params);
    const auto take = [&] { read(*statement, rows.emplace_back()); };
    TRY(execute(*statement, full, take));
    return rows;
  }

  // The first row, where there is one.
  template <typename Row, typename... Params>
  Result<std::optional<Row>> one(std::string_view sql, const Params&... params) {
    std::vector<Row> rows = TRY((all<Row>(sql, params...)));
    if (rows.empty()) return std::optional<Row>();
    return std::optional<Row>(std::move(rows.front()));
  }

  // Runs `sql`, whose parameters are the columns of `row` in order.
  template <typename Row>
  Result<int64_t> run_row(std::string_view sql, const Row& row) {
    Statement* statement = TRY(prepare(sql, column_types<Row>(), {}));
    size_t i = 0;
    columns(
        [&](std::string_view, const auto& value) {
          CellFormat<std::remove_cvref_t<decltype(value)>>::put(statement->parameter(i++), value);
        },
        row);
    return execute(*statement, sql, nullptr);
  }

 private:
  Session() = default;

  Result<Statement*> prepare(std::string_view sql, std::span<const CellType> parameters,
                             std::span<const CellType> columns);
  // Calls `take` for each row. Returns how many rows were changed. A statement that failed is gone.
  Result<int64_t> execute(Statement& statement, std::string_view sql,
                          const std::function<void()>& take);

  template <typename... Params>
  static std::array<CellType, sizeof...(Params)> types_of() {
    return {CellFormat<Params>::kType...};
  }

  template <typename... Params>
  static void put(Statement& statement, const Params&... params) {
    size_t i = 0;
    (CellFormat<Params>::put(statement.parameter(i++), params), ...);
  }

  static std::vector<CellType> types_of(const std::vector<Param>& params);
  static void put(Statement& statement, const std::vector<Param>& params);

  template <typename Row>
  static void read(const Statement& statement, Row& row) {
    size_t i = 0;
    const auto get = [&](std::string_view, auto& value) {
      CellFormat<std::remove_cvref_t<decltype(value)>>::get(statement.column(i++), value);
    };
    if constexpr (SingleCell<Row>) {
      get({}, row);
    } else {
      columns(get, row);
    }
  }

  template <typename Row>
  static std::span<const CellType> column_types() {
    static const std::vector<CellType> types = [] {
      std::vector<CellType> found;
      const auto add = [&](std::string_view, const auto& value) {
        found.push_back(CellFormat<std::remove_cvref_t<decltype(value)>>::kType);
      };
      const Row row{};
      if constexpr (SingleCell<Row>) {
        add({}, row);
      } else {
        columns(add, row);
      }
      return found;
    }();
    return types;
  }

  // "FROM …" becomes "SELECT <the columns of Row> FROM …"; other SQL stays as it is.
  template <typename Row>
  static std::string with_columns(std::string_view sql) {
    if constexpr (!SingleCell<Row>) {
      if (sql.starts_with("FROM")) {
        std::string full = "SELECT ";
        const Row row{};
        columns([&](std::string_view name, const auto&) { (full += name) += ", "; }, row);
        full.resize(full.size() - 2);
        return (full += ' ') += sql;
      }
    }
    return std::string(sql);
  }

  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  // Passes the error on, and keeps in mind that there was one.
  Error failed(const std::exception& thrown);
  Result<void> expect_sound() const;

  std::unique_ptr<soci::session> connection_;
  bool in_transaction_ = false;
  bool failed_ = false;  // a statement of the transaction did
  std::unordered_map<std::string, std::unique_ptr<Statement>, TextHash, std::equal_to<>>
      statements_;
};

// "INSERT INTO table (…) VALUES (…)" with all columns of Row, for run_row.
template <typename Row>
std::string insert_sql(std::string_view table) {
  std::string names, values;
  const Row row{};
  columns(
      [&](std::string_view name, const auto&) {
        names.append(names.empty() ? "" : ", ").append(name);
        values.append(values.empty() ? ":" : ", :").append(name);
      },
      row);
  return fmt::format("INSERT INTO {} ({}) VALUES ({})", table, names, values);
}

}  // namespace callscope::store
