// What differs between databases, in one place: how to connect, the words of SQL that are not
// common to SQLite and PostgreSQL, and what their errors mean. Everything else in this folder is
// written in SQL that both speak.
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/catalog/session.h"
#include "store/catalog/transaction.h"

namespace callscope::store::dialect {

Result<std::unique_ptr<soci::session>> connect(const std::string& path);  // SOCI may throw too

// Run once on each new connection.
std::vector<std::string> set_up(Session::Mode mode);

// Lets any number read while one writes, from then on.
std::string enable_readers_beside_writer();

// The file that changes go to first, beside the database.
std::string log_of_changes(const std::string& path);
// Moves all changes into the database and empties that file.
std::string checkpoint();

// Starts a transaction that may write, waiting for other processes' to end.
std::string begin_write();
// To be run before begin_write, where the durability differs from that of the one before.
std::string set_durability(Durability durability);

// Replaces the placeholders of the schema: {id} is the type of a table's primary key of one
// integer, {clustered} makes a table be kept in the order of its primary key, without a second copy
// of it.
std::string expand(std::string_view schema);

// Whether a table of that name exists: its parameter is the name, its one column a count.
std::string_view table_exists();

// Checks the database as a whole. One text column; one row "ok" where it is sound.
std::string_view check_integrity();

Error to_error(const std::exception& thrown);

}  // namespace callscope::store::dialect
