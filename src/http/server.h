// The HTTP server: its threads, its listening port and its limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "http/router.h"

namespace callscope::http {

struct ServerOptions {
  std::string address = "127.0.0.1:0";  // host:port; port 0 picks a free one
  std::string tls_certificate_file;     // PEM chain; with it and the key only TLS is spoken
  std::string tls_key_file;
  std::vector<std::string> cors_origins;  // "https://app.example", or "*"; none: no CORS

  size_t threads = 2;       // that read, parse and write, and run Run::kInline handlers
  size_t workers = 4;       // that run Run::kPool handlers
  size_t queue_max = 128;   // requests that wait for a worker; further ones are told to retry
  size_t body_workers = 3;  // that run sinks and sources of streamed bodies, a piece at a time

  size_t connections_max = 900;
  size_t header_bytes_max = 32 * 1024;
  // Of all bodies being read or handled, packed and unpacked; over it senders are told to retry.
  size_t body_bytes_in_flight_max = 512u << 20;

  std::chrono::milliseconds idle_timeout{75'000};  // between two requests
  // From a request's first byte to the end of its head, and again for its body and for the answer,
  // which get a second more for each 256 KiB. A streamed body or answer has this for each 256 KiB.
  std::chrono::milliseconds request_timeout{30'000};
  std::chrono::milliseconds handler_timeout{60'000};  // until a handler answers

  Metrics* metrics = nullptr;  // borrowed
};

class Server {
 public:
  // Listens and answers from here on. kInvalidArgument for an address or certificate that does not
  // do, kUnavailable where the port is taken.
  static Result<std::unique_ptr<Server>> start(ServerOptions options,
                                               std::shared_ptr<const Router> router);

  // Stops with no patience.
  ~Server();

  std::string address() const;  // "127.0.0.1:4318", with the port that was picked
  uint16_t port() const;
  bool uses_tls() const;

  // Takes no more connections, lets requests under way finish until `patience` is over, then cuts
  // them off. Returns when no handler runs any more. Idempotent.
  void stop(std::chrono::milliseconds patience);

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace callscope::http
