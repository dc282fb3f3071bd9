// What connections share: the thread that runs them, and the server they belong to.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_set>

#include "http/beast/asio.h"
#include "http/server.h"
#include "http/worker_pool.h"

namespace callscope::http {

class Connection;

// Counts of one server, updated from all its threads.
class ServerMetrics {
 public:
  explicit ServerMetrics(Metrics* metrics);

  void on_connection(int by) const;
  void on_refused_connection() const;
  void on_answer(const Route* route, const std::string& method, int status, double seconds) const;

 private:
  Metrics* const metrics_;
  Gauge* connections_ = nullptr;
  Counter* refused_ = nullptr;
};

struct ServerShared {
  ServerOptions options;
  std::shared_ptr<const Router> router;
  std::unique_ptr<WorkerPool> pool;
  // For pieces of streamed bodies. A connection has at most one of them at work, so this queue has
  // a place for each and is never full.
  std::unique_ptr<WorkerPool> body_pool;
  std::optional<boost::asio::ssl::context> tls;
  ServerMetrics metrics;

  std::atomic<size_t> body_bytes{0};
  std::atomic<bool> stopping{false};

  // Open connections, with a way to wait until none is left.
  std::mutex mutex;
  std::condition_variable idle;
  size_t connections = 0;  // guarded by mutex
};

// One thread with its own event loop. A connection lives on one of them from start to end, so
// nothing of a connection is locked. Answers from other threads find it through a weak pointer.
struct IoThread {
  explicit IoThread(std::shared_ptr<ServerShared> s) : server(std::move(s)) {}

  // In this order: what is left in the loop is destroyed first, and uses the others.
  const std::shared_ptr<ServerShared> server;
  std::unordered_set<Connection*> connections;  // touched on this thread only
  // The hint tells Asio that one thread runs the loop, which spares it some locking.
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work =
      make_work_guard(context);
  std::thread thread;

  bool is_current() { return context.get_executor().running_in_this_thread(); }
};

}  // namespace callscope::http
