// A few threads for work that would hold up an I/O thread. Its queue is bounded: a full one is an
// answer, not a wait.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace callscope::http {

class WorkerPool {
 public:
  WorkerPool(size_t threads, size_t queue_max);
  // Runs what is queued, then joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False where `queue_max` tasks are waiting already; the task was not taken.
  bool submit(std::function<void()> task);

 private:
  void work();

  const size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace callscope::http
