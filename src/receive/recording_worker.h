// Work on recordings behind the scenes: fetches those that are named by a URL, and removes what is
// left over.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "receive/address_rules.h"
#include "receive/recordings.h"
#include "store/catalog/catalog.h"

namespace callscope::receive {

struct RecordingWorkerOptions {
  AddressRules addresses;
  Limits limits;
  size_t threads = 3;                    // fetches at a time
  std::chrono::milliseconds round{500};  // between two looks for work
  // Done now and then: what others have to clear away.
  std::function<Result<void>()> sweep = {};
};

// What is to be fetched is in the catalog, so a restart changes nothing.
class RecordingWorker {
 public:
  // All outlive it.
  RecordingWorker(store::Catalog& catalog, Recordings& recordings, const Clock& clock,
                  RecordingWorkerOptions options);
  ~RecordingWorker();

  // Begins; without it nothing happens but what fetch_due() is asked for.
  void start();
  // Gives up what is under way. It is tried again at the next start.
  void stop();

  // Fetches what is due, each once. Returns how many.
  Result<size_t> fetch_due();
  // Removes loose objects and, by retention, old recordings that never found a call.
  Result<void> sweep();

 private:
  void run(bool sweeps);
  void fetch(store::Recording recording);
  Result<void> save_failure(store::Recording recording, const Error& error);

  store::Catalog& catalog_;
  Recordings& recordings_;
  const Clock& clock_;
  const RecordingWorkerOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<store::RecordingId> busy_;  // guarded by mutex_
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace callscope::receive
