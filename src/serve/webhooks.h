// Tells others of calls that are complete: posts each call once to each webhook of its project.
// docs/webhooks.md is what receivers read.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/call.h"
#include "serve/api.h"
#include "store/catalog/webhooks.h"

namespace callscope::serve {

// What is to be delivered is in the catalog, so a restart changes nothing. Thread-safe.
class Webhooks {
 public:
  explicit Webhooks(const Services& services);  // outlives it
  ~Webhooks();

  // Begins; without it nothing happens but what schedule() and deliver_due() are asked for.
  void start();
  // Gives up what is under way. It is tried again at the next start.
  void stop();

  // Calls were saved; those that ended are to be delivered. Never waits for the catalog.
  void note_saved(std::span<const model::CallSummary> calls);
  // A webhook was made or removed.
  void read_projects();
  // Delivers once more, as soon as may be. kNotFound where the project has no such delivery.
  Result<store::Delivery> replay(ProjectId project, store::WebhookId webhook, store::DeliveryId id);

  // Adds a delivery for each call that has become complete.
  Result<void> schedule();
  // Makes one attempt at each delivery that is due. Returns how many.
  Result<size_t> deliver_due();

 private:
  void run(bool schedules);
  Result<bool> deliver_one();
  Result<void> deliver(const store::Delivery& due);
  Result<int> post(const store::Delivery& delivery);
  Result<void> schedule_calls(const std::vector<store::CallToDeliver>& calls);

  const Services& services_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<ProjectId> projects_;                  // guarded by mutex_; that have webhooks
  std::set<std::pair<ProjectId, CallId>> ended_;  // guarded by mutex_; not scheduled yet
  std::set<store::WebhookId> busy_;               // guarded by mutex_
  uint64_t wakes_ = 0;                            // guarded by mutex_
  // Of one thread, the one that schedules.
  TimeNs looked_for_quiet_;
  bool has_looked_back_ = false;

  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace callscope::serve
