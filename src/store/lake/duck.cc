#include "store/lake/duck.h"

#include <duckdb.h>
#include <fmt/format.h>

#include <mutex>

namespace callscope::store {
namespace {

struct ResultHolder {
  duckdb_result result{};
  ~ResultHolder() { duckdb_destroy_result(&result); }
};

Error failed(std::string_view what, const char* reason) {
  return {ErrorCode::kInternal, fmt::format("analytic query failed: {}: {}", what,
                                            reason != nullptr ? reason : "unknown")};
}

class ChunkRow final : public DuckRow {
 public:
  explicit ChunkRow(duckdb_data_chunk chunk) {
    for (idx_t i = 0; i < duckdb_data_chunk_get_column_count(chunk); ++i) {
      duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
      columns_.push_back({duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)});
    }
  }
  void move_to(idx_t row) { row_ = row; }

  bool is_null(size_t column) const override {
    uint64_t* validity = columns_[column].validity;
    return validity != nullptr && !duckdb_validity_row_is_valid(validity, row_);
  }
  int64_t integer(size_t column) const override {
    return static_cast<const int64_t*>(columns_[column].data)[row_];
  }
  double real(size_t column) const override {
    return static_cast<const double*>(columns_[column].data)[row_];
  }
  std::string_view text(size_t column) const override {
    auto* strings = static_cast<duckdb_string_t*>(columns_[column].data);
    return {duckdb_string_t_data(&strings[row_]), duckdb_string_t_length(strings[row_])};
  }

 private:
  struct Column {
    void* data;
    uint64_t* validity;
  };
  std::vector<Column> columns_;
  idx_t row_ = 0;
};

class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(duckdb_database database) {
    auto connection = std::unique_ptr<Connection>(new Connection);
    if (duckdb_connect(database, &connection->handle_) != DuckDBSuccess) {
      return failed("connect", nullptr);
    }
    return connection;
  }
  ~Connection() { duckdb_disconnect(&handle_); }

  Result<void> run(const std::string& sql) {
    ResultHolder holder;
    if (duckdb_query(handle_, sql.c_str(), &holder.result) != DuckDBSuccess) {
      return failed("statement", duckdb_result_error(&holder.result));
    }
    return {};
  }

  Result<void> fill(const DuckTable& table) {
    TRY(run(fmt::format("CREATE TEMP TABLE {} ({})", table.name, table.columns)));
    duckdb_appender appender = nullptr;
    if (duckdb_appender_create(handle_, nullptr, table.name.c_str(), &appender) != DuckDBSuccess) {
      const Error error = failed("appender", duckdb_appender_error(appender));
      duckdb_appender_destroy(&appender);
      return error;
    }
    for (const auto& row : table.rows) {
      for (const DuckTable::Cell& cell : row) append(appender, cell);
      duckdb_appender_end_row(appender);
    }
    if (duckdb_appender_destroy(&appender) != DuckDBSuccess) return failed("appender", nullptr);
    return {};
  }

  duckdb_connection handle() const { return handle_; }

 private:
  static void append(duckdb_appender appender, const DuckTable::Cell& cell) {
    switch (cell.kind) {
      case DuckTable::Cell::Kind::kNull:
        duckdb_append_null(appender);
        break;
      case DuckTable::Cell::Kind::kInteger:
        duckdb_append_int64(appender, cell.integer);
        break;
      case DuckTable::Cell::Kind::kText:
        duckdb_append_varchar_length(appender, cell.text.data(), cell.text.size());
        break;
      case DuckTable::Cell::Kind::kBytes:
        duckdb_append_blob(appender, cell.text.data(), cell.text.size());
        break;
    }
  }
  duckdb_connection handle_ = nullptr;
};

}  // namespace

struct Duck::State {
  std::mutex mutex;
  duckdb_database database = nullptr;  // guarded by mutex until it is open
};

Duck::Duck(DuckOptions options) : options_(std::move(options)), state_(std::make_unique<State>()) {}

Duck::~Duck() {
  if (state_->database != nullptr) duckdb_close(&state_->database);
}

Result<void> Duck::open() {
  std::lock_guard lock(state_->mutex);
  if (state_->database != nullptr) return {};
  duckdb_config config = nullptr;
  duckdb_create_config(&config);
  const std::string memory = fmt::format("{}MiB", options_.memory_bytes_max >> 20);
  const std::string threads = std::to_string(options_.threads);
  duckdb_set_config(config, "memory_limit", memory.c_str());
  duckdb_set_config(config, "threads", threads.c_str());
  duckdb_set_config(config, "temp_directory", options_.temporary.c_str());
  // Nothing is ever loaded from elsewhere.
  duckdb_set_config(config, "autoinstall_known_extensions", "false");
  duckdb_set_config(config, "autoload_known_extensions", "false");
  char* reason = nullptr;
  const duckdb_state state = duckdb_open_ext(nullptr, &state_->database, config, &reason);
  duckdb_destroy_config(&config);
  if (state != DuckDBSuccess) {
    Error error = failed("open", reason);
    duckdb_free(reason);
    state_->database = nullptr;
    return error;
  }
  // Segments never change, so their footers need to be read only once.
  const std::unique_ptr<Connection> connection = TRY(Connection::open(state_->database));
  return connection->run("SET GLOBAL parquet_metadata_cache = true");
}

Result<void> Duck::query(const std::string& sql, const std::vector<DuckTable>& tables,
                         const std::function<void(const DuckRow&)>& visit) {
  TRY(open());
  const std::unique_ptr<Connection> connection = TRY(Connection::open(state_->database));
  for (const DuckTable& table : tables) TRY(connection->fill(table));
  ResultHolder holder;
  if (duckdb_query(connection->handle(), sql.c_str(), &holder.result) != DuckDBSuccess) {
    return failed("query", duckdb_result_error(&holder.result));
  }
  while (duckdb_data_chunk chunk = duckdb_fetch_chunk(holder.result)) {
    ChunkRow row(chunk);
    for (idx_t i = 0; i < duckdb_data_chunk_get_size(chunk); ++i) {
      row.move_to(i);
      visit(row);
    }
    duckdb_destroy_data_chunk(&chunk);
  }
  return {};
}

std::string sql_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out.push_back('\'');
    if (c != '\0') out.push_back(c);
  }
  out.push_back('\'');
  return out;
}

}  // namespace callscope::store
