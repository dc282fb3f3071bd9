// The two ends of an answer: what Responder and ResponseStream write to, and what a connection
// reads from. Private to this room.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "http/message.h"

namespace callscope::http {

// Bytes between the writer of a stream, on any thread, and its connection.
class StreamState {
 public:
  // `wake` tells the connection that there is news. Called from any thread.
  explicit StreamState(std::function<void()> wake) : wake_(std::move(wake)) {}

  // The writer's side.
  bool write(std::string_view bytes);
  void end();
  size_t unsent_bytes() const;

  // Both sides.
  bool is_open() const { return open_.load(std::memory_order_acquire); }

  // The connection's side.
  struct News {
    std::string bytes;
    bool ended = false;  // nothing comes after these bytes
  };
  News take();
  void close() { open_.store(false, std::memory_order_release); }

 private:
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::string unsent_;  // guarded by mutex_
  bool ended_ = false;  // guarded by mutex_
  std::atomic<bool> open_{true};
};

struct Answer {
  Response response;
  std::shared_ptr<StreamState> stream;  // nullptr: the response is complete
};

// One request that waits for its answer. `deliver` and `wake` are the connection's, callable from
// any thread at any time, also when the connection or the whole server is gone.
class Exchange {
 public:
  struct Connection {
    std::function<void(Answer)> deliver;
    std::function<void()> wake;
    bool takes_gzip = false;
  };
  explicit Exchange(Connection connection) : connection_(std::move(connection)) {}
  ~Exchange();

  void send(Response response);
  std::shared_ptr<StreamState> stream(Response head);

 private:
  const Connection connection_;
  std::atomic<bool> answered_{false};
};

}  // namespace callscope::http
