// Saves reports: durably before anybody is told so, many in one transaction, each as a part of a
// call that has an id from then on.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "calls/call_book.h"
#include "calls/prices.h"
#include "model/report.h"
#include "store/catalog/catalog.h"

namespace callscope::calls {

struct ReportToSave {
  ProjectId project = 0;
  AgentId agent = 0;
  model::Report report;  // as read from `body`
  std::string body;      // a JSON object
  // What to do where the same key was saved before: members of `body` take the place of those that
  // were saved, or kConflict.
  bool refuses_known = false;
};

struct SavedAs {
  CallId call = 0;
  ReportId report = 0;
  bool is_new = false;  // no report of this key was saved before
};

// Thread-safe.
class ReportIntake {
 public:
  // All must outlive the intake.
  ReportIntake(store::Catalog& catalog, CallBook& book, const Prices& prices, const Clock& clock);
  ~ReportIntake();  // saves what was taken and stops

  // Hands to the book what was saved and not joined before an earlier stop.
  Result<void> start();

  // `done` is called on the intake's thread once the report survives a loss of power, or could not
  // be saved. kResourceExhausted at once where too much is waiting.
  Result<void> save(ReportToSave report, std::function<void(Result<SavedAs>)> done);
  // The same for threads that may wait.
  Result<SavedAs> save(ReportToSave report);

 private:
  struct Waiting {
    ReportToSave report;
    std::function<void(Result<SavedAs>)> done;
  };
  struct Joined {
    ProjectId project = 0;
    ReportFacts facts;
  };

  void run();
  void save_all(std::vector<Waiting>& batch);
  Result<SavedAs> save_one(store::Transaction& transaction, ReportToSave& report,
                           std::vector<Joined>& joined);
  Result<CallId> find_or_add_call(store::Transaction& transaction, ProjectId project,
                                  const ReportFacts& facts);

  store::Catalog& catalog_;
  CallBook& book_;
  const Prices& prices_;
  const Clock& clock_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting> waiting_;  // guarded by mutex_
  size_t waiting_bytes_ = 0;      // guarded by mutex_
  bool stopping_ = false;         // guarded by mutex_
  std::thread thread_;
};

}  // namespace callscope::calls
