// Work for a connection on other threads than its own.
#pragma once

#include <functional>
#include <memory>

#include "base/check.h"
#include "http/beast/asio.h"
#include "http/beast/io_thread.h"

namespace callscope::http {

inline constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

// Runs `task` on the connection's thread, at once where this is that thread already.
template <typename Task>
void run_on(const std::weak_ptr<IoThread>& weak, Task task) {
  const auto io = weak.lock();
  if (!io) return;
  if (io->is_current()) {
    task();
  } else {
    boost::asio::post(io->context, std::move(task));
  }
}

// Something that runs on the pool for bodies while the connection's coroutine does something else.
// It uses what the coroutine holds, so the coroutine always waits for it, aborted or not.
class Turn {
 public:
  Turn(IoThread& io, const std::weak_ptr<IoThread>& weak, std::function<void()> task)
      : state_(std::make_shared<State>(io.context)) {
    state_->wake.expires_at(std::chrono::steady_clock::time_point::max());
    const bool taken = io.server->body_pool->submit([weak, state = state_, task] {
      task();
      run_on(weak, [state] {
        state->is_done = true;
        state->wake.cancel();
      });
    });
    CHECK(taken, "the pool for bodies has a place for each connection");
  }

  boost::asio::awaitable<void> wait() {
    const auto state = state_;
    while (!state->is_done) co_await state->wake.async_wait(kTuple);
  }

 private:
  struct State {
    explicit State(boost::asio::io_context& context) : wake(context) {}
    boost::asio::steady_timer wake;
    bool is_done = false;  // touched on the connection's thread
  };
  std::shared_ptr<State> state_;
};

}  // namespace callscope::http
