#include "store/catalog/session.h"

#include "store/catalog/dialect.h"

namespace callscope::store {
namespace {

// A list of calls is asked for in many shapes; this many statements take about a megabyte.
constexpr size_t kStatementsMax = 128;

}  // namespace

Statement::Statement(soci::session& session, const std::string& sql,
                     std::span<const CellType> parameters, std::span<const CellType> columns)
    : parameters_(parameters.size()), columns_(columns.size()), statement_(session) {
  for (size_t i = 0; i < columns.size(); ++i) {
    Cell& cell = columns_[i];
    if (columns[i] == CellType::kInteger) {
      statement_.exchange(soci::into(cell.integer, cell.state));
    } else {
      statement_.exchange(soci::into(cell.text, cell.state));
    }
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    Cell& cell = parameters_[i];
    if (parameters[i] == CellType::kInteger) {
      statement_.exchange(soci::use(cell.integer, cell.state));
    } else {
      statement_.exchange(soci::use(cell.text, cell.state));
    }
  }
  statement_.alloc();
  statement_.prepare(sql);
  statement_.define_and_bind();
}

Result<std::unique_ptr<Session>> Session::open(const std::string& path, Mode mode) {
  auto session = std::unique_ptr<Session>(new Session());
  try {
    session->connection_ = TRY(dialect::connect(path));
  } catch (const std::exception& e) {
    return dialect::to_error(e).within("open the catalog " + path);
  }
  for (const std::string& statement : dialect::set_up(mode)) TRY(session->run_once(statement));
  return session;
}

Error Session::failed(const std::exception& thrown) {
  failed_ = in_transaction_;
  return dialect::to_error(thrown);
}

Result<void> Session::expect_sound() const {
  if (failed_)
    return Error{ErrorCode::kUnavailable, "an earlier statement of this transaction failed"};
  return {};
}

Result<void> Session::run_once(std::string_view sql) {
  TRY(expect_sound());
  try {
    *connection_ << sql;
  } catch (const std::exception& e) {
    return failed(e);
  }
  return {};
}

Result<void> Session::begin(std::string_view sql) {
  TRY(run_once(sql));
  in_transaction_ = true;
  return {};
}

Result<void> Session::commit() {
  TRY(run_once("COMMIT"));
  in_transaction_ = false;
  return {};
}

void Session::rollback() {
  in_transaction_ = failed_ = false;
  // Fails where the database has rolled back by itself, which is what was wanted.
  (void)run_once("ROLLBACK");
}

Result<Statement*> Session::prepare(std::string_view sql, std::span<const CellType> parameters,
                                    std::span<const CellType> columns) {
  TRY(expect_sound());
  if (const auto known = statements_.find(sql); known != statements_.end())
    return known->second.get();
  if (statements_.size() >= kStatementsMax) statements_.clear();
  try {
    std::string text(sql);
    auto statement = std::make_unique<Statement>(*connection_, text, parameters, columns);
    return statements_.emplace(std::move(text), std::move(statement)).first->second.get();
  } catch (const std::exception& e) {
    return failed(e);
  }
}

std::vector<CellType> Session::types_of(const std::vector<Param>& params) {
  std::vector<CellType> types;
  for (const Param& param : params) {
    types.push_back(std::holds_alternative<int64_t>(param) ? CellType::kInteger : CellType::kText);
  }
  return types;
}

void Session::put(Statement& statement, const std::vector<Param>& params) {
  for (size_t i = 0; i < params.size(); ++i) {
    std::visit(
        [&]<typename T>(const T& value) { CellFormat<T>::put(statement.parameter(i), value); },
        params[i]);
  }
}

Result<int64_t> Session::execute(Statement& statement, std::string_view sql,
                                 const std::function<void()>& take) {
  try {
    // A statement is run to its end, since one that stops half way holds its snapshot of the data.
    for (bool row = statement.execute(); row; row = statement.fetch()) {
      if (take) take();
    }
    return statement.changed();
  } catch (const std::exception& e) {
    Error error = failed(e);
    statements_.erase(statements_.find(sql));
    return error;
  }
}

}  // namespace callscope::store
