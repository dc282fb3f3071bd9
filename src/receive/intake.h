// The one way into the store for OTLP requests, whatever protocol brought them: check, bound,
// append to the write-ahead log, answer once it is synced.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "base/limits.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "normalise/otlp_scan.h"
#include "store/engine.h"

namespace callscope::receive {

// Whose spans they are, as the request's headers say.
struct Sender {
  ProjectId project = 0;
  AgentId agent = 0;  // 0: find it by service.name
};

// What an accepted request is answered with, as in OTLP's partial success.
struct Accepted {
  uint64_t rejected = 0;
  std::string reason;  // of the first rejected item; empty where none was
};

class Intake {
 public:
  Intake(store::Engine& engine, const Limits& limits, const Clock& clock, Metrics& metrics);

  // `payload` is an Export{Trace,Logs}ServiceRequest, decompressed. `done` is called once: at once
  // with an error of the request or kResourceExhausted where too much is in flight, else on the
  // log's thread once everything that was accepted is safe on disk. It must be short.
  void submit(normalise::Signal signal, const Sender& sender, store::wal::Payload payload,
              std::function<void(Result<Accepted>)> done);

  // Holds bytes that were received and are not answered yet against the limit. Give them back with
  // release(). False where they do not fit.
  bool reserve(size_t bytes);
  void release(size_t bytes);

 private:
  store::Engine& engine_;
  const Clock& clock_;
  const size_t inflight_bytes_max_;
  std::atomic<size_t> inflight_bytes_{0};
  Counter& spans_;
  Counter& log_lines_;
  Counter& rejected_;
  Counter& refused_;
  Counter& bytes_;
};

}  // namespace callscope::receive
