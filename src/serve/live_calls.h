// Live events: tells everyone who follows a call what changed in it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "http/responder.h"
#include "serve/api.h"

namespace callscope::serve {

// One thread looks at the followed calls every `event_interval` and sleeps while nobody follows
// one. Calls are looked at and not listened to, so the way of a span to the disk knows nothing of
// this.
class LiveCalls {
 public:
  // `services` outlives this.
  explicit LiveCalls(const Services& services);
  ~LiveCalls();

  // Opens the event stream that `request` asks for, or returns why not.
  Result<void> follow(const http::Request& request, const http::Responder& responder);

  // Ends all streams; from then on follow() refuses.
  void stop();

 private:
  class Follower;
  void run();

  const Services& services_;
  Gauge& streams_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::unique_ptr<Follower>> arrived_;  // guarded by mutex_; not seen by the thread yet
  size_t followers_ = 0;                            // guarded by mutex_; all there are
  bool stopping_ = false;                           // guarded by mutex_
  std::thread thread_;
};

}  // namespace callscope::serve
