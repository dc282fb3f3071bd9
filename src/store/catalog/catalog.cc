#include "store/catalog/catalog.h"

#include "store/catalog/catalog_state.h"
#include "store/catalog/columns.h"
#include "store/catalog/dialect.h"
#include "store/catalog/schema.h"

namespace callscope::store {
namespace {

// A new catalog's project, so that a key is all that a sender needs.
Result<void> make_first_rows(Transaction& transaction) {
  const Project project = TRY(transaction.create_project("default"));
  TRY(transaction.create_agent(project.id, "default", "", ""));
  return {};
}

}  // namespace

Result<ReaderPool::Reader> ReaderPool::borrow() {
  {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [&] { return !idle_.empty() || lent_ < max_; });
    ++lent_;
    if (!idle_.empty()) {
      auto session = std::move(idle_.back());
      idle_.pop_back();
      return Reader(*this, std::move(session));
    }
  }
  auto session = Session::open(path_, Session::Mode::kRead);
  if (!session) {
    take_back(nullptr);
    return std::move(session).error();
  }
  return Reader(*this, std::move(*session));
}

void ReaderPool::take_back(std::unique_ptr<Session> session) {
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (session) idle_.push_back(std::move(session));
  }
  returned_.notify_one();
}

Catalog::Catalog(std::unique_ptr<State> state) : state_(std::move(state)) {}
Catalog::~Catalog() = default;

Result<std::unique_ptr<Catalog>> Catalog::open(const CatalogOptions& options, const Clock& clock) {
  auto state = std::make_unique<State>(options, clock);
  state->writer = TRY(Session::open(state->path, Session::Mode::kWrite));
  state->access = TRY(Session::open(state->path, Session::Mode::kRead));
  // Remembered by the file, so where it may not be written it is as the last writer left it.
  if (auto wal = state->writer->run_once(dialect::enable_readers_beside_writer());
      !wal && wal.error().code != ErrorCode::kUnavailable) {
    return std::move(wal).error();
  }
  const bool fresh = TRY(migrate(*state->writer, clock.now()));
  auto catalog = std::unique_ptr<Catalog>(new Catalog(std::move(state)));
  if (fresh) TRY(catalog->write(make_first_rows, Durability::kPower));
  return catalog;
}

Result<Transaction> Catalog::begin(Durability durability) {
  std::unique_lock turn(state_->writer_mutex);
  Session& writer = *state_->writer;
  if (state_->writer_durability != durability) {
    TRY(writer.run_once(dialect::set_durability(durability)));
    state_->writer_durability = durability;
  }
  TRY(writer.begin(dialect::begin_write()));
  return Transaction(std::unique_ptr<Transaction::State>(
      new Transaction::State{std::move(turn), writer, state_->memory, state_->clock.now()}));
}

Result<std::optional<std::string>> Catalog::setting(std::string_view name) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->one<std::string>("SELECT value FROM settings WHERE name = :name", name);
}

Result<std::vector<std::pair<std::string, int64_t>>> Catalog::counters(
    std::string_view prefix) const {
  const auto reader = TRY(state_->readers.borrow());
  const auto rows =
      TRY(reader->all<CounterRow>("FROM counters WHERE SUBSTR(name, 1, :length) = :prefix"
                                  " ORDER BY name",
                                  static_cast<int64_t>(prefix.size()), prefix));
  std::vector<std::pair<std::string, int64_t>> counters;
  for (const CounterRow& row : rows) counters.emplace_back(row.name, row.value);
  return counters;
}

Result<void> Catalog::checkpoint() {
  constexpr uintmax_t kWorthBytes = 64 << 10;
  std::error_code error;
  const auto size = std::filesystem::file_size(dialect::log_of_changes(state_->path), error);
  if (error || size < kWorthBytes) return {};
  const std::lock_guard turn(state_->writer_mutex);
  return state_->writer->run_once(dialect::checkpoint());
}

Result<std::vector<std::string>> Catalog::check_integrity() const {
  const auto reader = TRY(state_->readers.borrow());
  auto problems = TRY(reader->all<std::string>(dialect::check_integrity()));
  if (problems.size() == 1 && problems.front() == "ok") problems.clear();
  return problems;
}

Transaction::Transaction(std::unique_ptr<State> state) : state_(std::move(state)) {}
Transaction::Transaction(Transaction&&) noexcept = default;

Transaction::~Transaction() {
  if (!state_ || state_->committed) return;
  state_->session.rollback();
  state_->memory.clear();
}

Result<void> Transaction::commit() {
  TRY(state_->session.commit());
  state_->committed = true;
  state_->turn.unlock();
  return {};
}

Result<int64_t> next_id(Session& session, std::string_view table, int64_t count) {
  const std::string counter = fmt::format("id/{}", table);
  const auto last = TRY(session.one<int64_t>(
      "INSERT INTO counters (name, value) VALUES (:name, :by)"
      " ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value RETURNING value",
      counter, count));
  return *last - count + 1;
}

Result<void> Transaction::add_to_counter(std::string_view name, int64_t by) {
  TRY(state_->session.run(
      "INSERT INTO counters (name, value) VALUES (:name, :by)"
      " ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value",
      name, by));
  return {};
}

Result<void> Transaction::set_setting(std::string_view name, std::string_view value) {
  TRY(
      state_->session.run("INSERT INTO settings (name, value) VALUES (:name, :value)"
                          " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                          name, value));
  return {};
}

}  // namespace callscope::store
