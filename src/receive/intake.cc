#include "receive/intake.h"

namespace callscope::receive {

using normalise::Signal;

Intake::Intake(store::Engine& engine, const Limits& limits, const Clock& clock, Metrics& metrics)
    : engine_(engine),
      clock_(clock),
      inflight_bytes_max_(static_cast<size_t>(limits.inflight_bytes_max)),
      spans_(metrics.counter("callscope_spans_received_total", "Spans acknowledged.")),
      log_lines_(metrics.counter("callscope_log_lines_received_total", "Log lines acknowledged.")),
      rejected_(metrics.counter("callscope_spans_rejected_total",
                                "Spans rejected by partial success, for ids that are not valid.")),
      refused_(metrics.counter("callscope_requests_refused_total",
                               "OTLP requests answered with an error.")),
      bytes_(metrics.counter("callscope_received_bytes_total",
                             "Bytes of acknowledged OTLP requests, decompressed.")) {
  metrics.sampled("callscope_inflight_bytes", "Bytes of requests received and not answered yet.",
                  Metrics::kGauge, [this] { return static_cast<double>(inflight_bytes_.load()); });
}

bool Intake::reserve(size_t bytes) {
  const size_t before = inflight_bytes_.fetch_add(bytes);
  // A single request larger than the limit may pass alone: its size has a limit of its own.
  if (before == 0 || before + bytes <= inflight_bytes_max_) return true;
  inflight_bytes_.fetch_sub(bytes);
  return false;
}

void Intake::release(size_t bytes) { inflight_bytes_.fetch_sub(bytes); }

void Intake::submit(Signal signal, const Sender& sender, store::wal::Payload payload,
                    std::function<void(Result<Accepted>)> done) {
  const size_t size = payload.bytes.size();
  Result<normalise::ScanReport> scanned = normalise::scan_request(signal, payload.bytes);
  if (!scanned) {
    refused_.add();
    return done(std::move(scanned).error());
  }
  Accepted accepted{scanned->rejected, std::move(scanned->first_reason)};
  const uint64_t kept = scanned->items - scanned->rejected;
  payload.items = kept;
  rejected_.add(scanned->rejected);
  if (kept == 0) return done(std::move(accepted));
  if (!reserve(size)) {
    refused_.add();
    return done(Error{ErrorCode::kResourceExhausted,
                      "too many bytes are waiting to be stored; send this again later"});
  }
  auto answered = [this, signal, kept, size, accepted = std::move(accepted),
                   done](Result<void> stored) mutable {
    release(size);
    if (!stored) {
      refused_.add();
      return done(std::move(stored).error());
    }
    (signal == Signal::kTraces ? spans_ : log_lines_).add(kept);
    bytes_.add(size);
    done(std::move(accepted));
  };
  const store::wal::RecordHeader header{signal, sender.project, sender.agent, clock_.now()};
  Result<void> appended = engine_.append(header, std::move(payload), answered);
  if (!appended) answered(std::move(appended));
}

}  // namespace callscope::receive
