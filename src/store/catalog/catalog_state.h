// The connections of a catalog and whose turn it is on them. Private to this folder.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/catalog/catalog.h"
#include "store/catalog/session.h"

namespace callscope::store {

// Hands out connections for reading, at most `max` at a time.
class ReaderPool {
 public:
  ReaderPool(std::string path, size_t max) : path_(std::move(path)), max_(max) {}

  // A connection on loan.
  class Reader {
   public:
    Reader(ReaderPool& pool, std::unique_ptr<Session> session)
        : pool_(&pool), session_(std::move(session)) {}
    Reader(Reader&&) = default;
    Reader& operator=(Reader&&) = delete;
    ~Reader() {
      if (session_) pool_->take_back(std::move(session_));
    }
    Session* operator->() const { return session_.get(); }
    Session& operator*() const { return *session_; }

   private:
    ReaderPool* pool_;
    std::unique_ptr<Session> session_;
  };

  Result<Reader> borrow();

 private:
  void take_back(std::unique_ptr<Session> session);

  const std::string path_;
  const size_t max_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Session>> idle_;  // guarded by mutex_
  size_t lent_ = 0;                             // guarded by mutex_
};

// A lock that is taken in the order of asking: whoever writes in many short turns lets others in
// between, which a std::mutex would not.
class FairMutex {
 public:
  void lock() {
    std::unique_lock guard(mutex_);
    const uint64_t mine = last_++;
    changed_.wait(guard, [&] { return served_ == mine; });
  }
  void unlock() {
    {
      const std::lock_guard guard(mutex_);
      ++served_;
    }
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t last_ = 0;    // guarded by mutex_
  uint64_t served_ = 0;  // guarded by mutex_
};

// What the writer remembers of what it wrote, to write less. Emptied when a transaction fails,
// since what it holds may then not be so.
struct WriterMemory {
  // Of a call: a hash of what is kept outside its own row and in its indexed columns.
  std::unordered_map<CallId, uint64_t> associations;
  std::unordered_map<std::string, int64_t> labels;  // "project/kind/text" to id

  void clear() {
    associations.clear();
    labels.clear();
  }
};

struct Catalog::State {
  State(const CatalogOptions& options, const Clock& the_clock)
      : path(options.path.string()), clock(the_clock), readers(path, options.readers_max) {}

  const std::string path;
  const Clock& clock;
  ReaderPool readers;

  FairMutex writer_mutex;
  std::unique_ptr<Session> writer;                    // guarded by writer_mutex
  Durability writer_durability = Durability::kPower;  // guarded by writer_mutex
  WriterMemory memory;                                // guarded by writer_mutex

  // A connection of its own, so that whoever checks a key never waits for somebody's list of calls.
  std::mutex access_mutex;
  std::unique_ptr<Session> access;  // guarded by access_mutex
};

struct Transaction::State {
  std::unique_lock<FairMutex> turn;
  Session& session;
  WriterMemory& memory;
  TimeNs now;
  bool committed = false;
};

// For tables that have a header of their own.
struct CatalogAccess {
  static Result<ReaderPool::Reader> reader(const Catalog& catalog) {
    return catalog.state_->readers.borrow();
  }
  // `ask(session)` on the connection that keys are checked by.
  template <typename Ask>
  static auto ask_at_once(const Catalog& catalog, Ask ask) {
    const std::lock_guard lock(catalog.state_->access_mutex);
    return ask(*catalog.state_->access);
  }
  static Session& session(Transaction& transaction) { return transaction.state_->session; }
  static TimeNs now(const Transaction& transaction) { return transaction.state_->now; }
};

// The first of `count` new ids of a table. An id is never used again.
Result<int64_t> next_id(Session& session, std::string_view table, int64_t count = 1);

}  // namespace callscope::store
