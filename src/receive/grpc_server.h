// OTLP over gRPC. Requests are taken as raw bytes: no message object is built of them.
#pragma once

#include <memory>
#include <string>

#include "base/limits.h"
#include "base/result.h"
#include "receive/auth.h"
#include "receive/intake.h"

namespace callscope::receive {

struct GrpcServerOptions {
  std::string address = "127.0.0.1:4317";  // port 0 picks a free one
  std::string tls_certificate_file;        // PEM; TLS where it and the key are given
  std::string tls_key_file;
  int threads = 2;
};

class GrpcServer {
 public:
  // Listens and answers from here on. `intake` and `auth` outlive it. kUnavailable where the port
  // is taken, kInvalidArgument for a certificate that can't be read.
  static Result<std::unique_ptr<GrpcServer>> start(GrpcServerOptions options, const Limits& limits,
                                                   Authenticator& auth, Intake& intake);
  ~GrpcServer();

  std::string address() const;  // "127.0.0.1:4317", with the port that was picked

  // Refuses new requests, waits until those under way are answered, then stops.
  void stop();

 private:
  struct State;
  explicit GrpcServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace callscope::receive
