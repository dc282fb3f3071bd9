#include <soci/sqlite3/soci-sqlite3.h>

#include "store/catalog/dialect.h"

namespace callscope::store::dialect {
namespace {

// Another process, such as `callscope key create`, holds the writer's lock for milliseconds.
constexpr int kBusyTimeoutSeconds = 10;

struct Meaning {
  int result;
  ErrorCode code;
  std::string_view text;
};

// What SQLite's primary result codes mean to whoever runs the server.
constexpr Meaning kMeanings[] = {
    {SQLITE_FULL, ErrorCode::kUnavailable, "no space left on the disk of the catalog: free some"},
    {SQLITE_READONLY, ErrorCode::kUnavailable,
     "the catalog cannot be written: check the owner and permissions of the data folder"},
    {SQLITE_IOERR, ErrorCode::kUnavailable,
     "the disk of the catalog refuses: check it for space and errors"},
    {SQLITE_CANTOPEN, ErrorCode::kUnavailable,
     "the catalog cannot be opened: check that its folder exists and may be written"},
    {SQLITE_BUSY, ErrorCode::kUnavailable, "another process is writing to the catalog"},
    {SQLITE_LOCKED, ErrorCode::kUnavailable, "another process is writing to the catalog"},
    {SQLITE_NOMEM, ErrorCode::kResourceExhausted, "no memory left for the catalog"},
    {SQLITE_CORRUPT, ErrorCode::kDataLoss, "the catalog is damaged: run `callscope doctor`"},
    {SQLITE_NOTADB, ErrorCode::kDataLoss,
     "the catalog's file is not a database: run `callscope doctor`"},
    {SQLITE_CONSTRAINT, ErrorCode::kConflict, "it exists already, or something depends on it"},
};

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

Result<std::unique_ptr<soci::session>> connect(const std::string& path) {
  // A connection is used by one thread at a time, so SQLite need not lock it on each call. Refused,
  // to no harm, where somebody in this process opened a connection before.
  [[maybe_unused]] static const int threading =
      sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);

  // SOCI reads "key=value" pairs, quotes around a value, and no escapes.
  if (path.find('"') != std::string::npos) {
    return Error{ErrorCode::kInvalidArgument,
                 "the catalog's path may not contain a quote: " + path};
  }
  return std::make_unique<soci::session>(
      soci::sqlite3, fmt::format("db=\"{}\" timeout={}", path, kBusyTimeoutSeconds));
}

std::vector<std::string> set_up(Session::Mode mode) {
  std::vector<std::string> statements = {
      "PRAGMA foreign_keys = ON",
      "PRAGMA temp_store = MEMORY",
  };
  if (mode == Session::Mode::kRead) {
    statements.push_back("PRAGMA query_only = ON");
    statements.push_back("PRAGMA cache_size = -4000");  // kibibytes
  } else {
    statements.push_back("PRAGMA cache_size = -16000");
    // Pages. The log is written back at 8 MB: a page that changes often is then written back less
    // often, and a start after a crash still reads it in some 10 ms.
    statements.push_back("PRAGMA wal_autocheckpoint = 2000");
  }
  return statements;
}

std::string enable_readers_beside_writer() { return "PRAGMA journal_mode = WAL"; }

std::string log_of_changes(const std::string& path) { return path + "-wal"; }

std::string checkpoint() { return "PRAGMA wal_checkpoint(TRUNCATE)"; }

std::string begin_write() { return "BEGIN IMMEDIATE"; }

std::string set_durability(Durability durability) {
  return durability == Durability::kPower ? "PRAGMA synchronous = FULL"
                                          : "PRAGMA synchronous = NORMAL";
}

std::string expand(std::string_view schema) {
  std::string sql(schema);
  replace_all(sql, "{id}", "INTEGER PRIMARY KEY");
  replace_all(sql, "{clustered}", "WITHOUT ROWID");
  return sql;
}

std::string_view table_exists() {
  return "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = :name";
}

std::string_view check_integrity() { return "SELECT quick_check FROM pragma_quick_check"; }

Error to_error(const std::exception& thrown) {
  // SOCI adds the statement and its values, which are nobody's business.
  const std::string what = thrown.what();
  const std::string_view reason = std::string_view(what).substr(0, what.find(" while "));
  if (const auto* error = dynamic_cast<const soci::sqlite3_soci_error*>(&thrown)) {
    for (const Meaning& meaning : kMeanings) {
      if (meaning.result == (error->result() & 0xFF)) {
        return {meaning.code, fmt::format("{} ({})", meaning.text, reason)};
      }
    }
  }
  return {ErrorCode::kInternal, fmt::format("the catalog failed: {}", reason)};
}

}  // namespace callscope::store::dialect
