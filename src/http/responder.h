// How a handler answers: once, when it can, from any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "http/message.h"

namespace callscope::http {

class Exchange;
class StreamState;

// The body of an answer that is written piece by piece, such as server-sent events. Thread-safe;
// the stream ends with its last copy.
class ResponseStream {
 public:
  explicit ResponseStream(std::shared_ptr<StreamState> state);

  // False where the stream is over: the client went, fell too far behind, or the server stops.
  bool write(std::string_view bytes) const;
  // Whether somebody still listens.
  bool is_open() const;
  // What was written and not yet taken by the socket. Beyond kUnsentBytesMax the client is taken
  // for stuck and the stream ends; a writer that can skip does so long before.
  size_t unsent_bytes() const;
  static constexpr size_t kUnsentBytesMax = 4u << 20;

  void end() const;

 private:
  class Handle;
  std::shared_ptr<Handle> handle_;
};

// Copies share one answer. The last copy to go without an answer answers 500.
class Responder {
 public:
  explicit Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

  // Only the first answer counts. A body that is worth it is compressed here, on the caller's
  // thread.
  void send(Response response) const;

  // Sends the head and keeps the body open. nullopt where it was answered already.
  std::optional<ResponseStream> stream(Response head) const;

 private:
  std::shared_ptr<Exchange> exchange_;
};

}  // namespace callscope::http
