#include "receive/recording_worker.h"

#include "base/log.h"
#include "receive/fetch.h"

namespace callscope::receive {
namespace {

constexpr size_t kBatch = 100;
constexpr DurationNs kFirstPause = DurationNs::from_s(5);
constexpr int64_t kDoublingsMax = 10;
// Between two sweeps. What a deletion leaves is removed at once by whoever deletes.
constexpr std::chrono::seconds kSweepInterval{60};

DurationNs pause_after(int64_t attempts) {
  return {kFirstPause.ns << std::min(std::max<int64_t>(attempts - 1, 0), kDoublingsMax)};
}

}  // namespace

RecordingWorker::RecordingWorker(store::Catalog& catalog, Recordings& recordings,
                                 const Clock& clock, RecordingWorkerOptions options)
    : catalog_(catalog), recordings_(recordings), clock_(clock), options_(std::move(options)) {}

RecordingWorker::~RecordingWorker() { stop(); }

void RecordingWorker::start() {
  for (size_t i = 0; i < std::max<size_t>(options_.threads, 1); ++i)
    threads_.emplace_back([this, i] { run(i == 0); });
}

void RecordingWorker::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void RecordingWorker::run(bool sweeps) {
  auto swept = std::chrono::steady_clock::time_point::min();
  while (!stopping_) {
    if (const auto fetched = fetch_due(); !fetched)
      log_warning("looking for recordings to fetch failed", kv("error", fetched.error().message));
    const auto now = std::chrono::steady_clock::now();
    if (sweeps &&
        (swept == std::chrono::steady_clock::time_point::min() || now - swept >= kSweepInterval)) {
      swept = now;
      if (const auto done = sweep(); !done)
        log_warning("clearing up after recordings failed", kv("error", done.error().message));
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, options_.round, [this] { return stopping_.load(); });
  }
}

Result<size_t> RecordingWorker::fetch_due() {
  size_t fetched = 0;
  for (store::Recording& recording : TRY(catalog_.recordings_to_fetch(clock_.now(), kBatch))) {
    if (stopping_) break;
    const store::RecordingId id = recording.id;
    {
      std::lock_guard lock(mutex_);
      if (!busy_.insert(id).second) continue;
    }
    // Another thread may have been done with it since it was listed.
    const auto current = catalog_.recording(recording.project, id);
    const bool is_due = current && *current &&
                        (*current)->state == store::RecordingState::kReceiving &&
                        (*current)->attempts == recording.attempts;
    if (is_due) {
      fetch(std::move(recording));
      ++fetched;
    }
    std::lock_guard lock(mutex_);
    busy_.erase(id);
  }
  return fetched;
}

void RecordingWorker::fetch(store::Recording recording) {
  const auto once = [&]() -> Result<void> {
    RecordingDetails details;
    details.project = recording.project;
    details.source = recording.source;
    details.key = recording.key;
    details.row = recording.id;
    const auto writer = TRY(recordings_.begin(details));
    TRY(receive::fetch(recording.url,
                       {.addresses = options_.addresses,
                        .bytes_max = options_.limits.recording_bytes_max,
                        .ms_max = options_.limits.fetch_ms_max,
                        .stopping = stopping_},
                       [&](std::string_view bytes) { return writer->write(bytes); }));
    TRY(writer->finish());
    return {};
  };
  const auto done = once();
  if (done || stopping_) return;
  if (const auto saved = save_failure(std::move(recording), done.error()); !saved) {
    log_warning("a failed fetch could not be noted", kv("error", saved.error().message));
  }
}

Result<void> RecordingWorker::save_failure(store::Recording recording, const Error& error) {
  ++recording.attempts;
  recording.error = error.message;
  const bool may_help = error.code == ErrorCode::kUnavailable;
  if (may_help && recording.attempts < options_.limits.fetch_attempts_max) {
    recording.next_attempt = clock_.now() + pause_after(recording.attempts);
  } else {
    recording.state = store::RecordingState::kFailed;
    recording.next_attempt = {};
    log_info("a recording could not be fetched", kv("recording", recording.id),
             kv("error", recording.error));
  }
  const auto saved =
      catalog_.write([&](store::Transaction& t) { return t.update_recording(recording); });
  // Deleted meanwhile: nothing is left to say.
  if (!saved && saved.error().code != ErrorCode::kNotFound) return saved.error();
  return {};
}

Result<void> RecordingWorker::sweep() {
  if (options_.sweep) TRY(options_.sweep());
  if (options_.limits.retention_age_s > 0) {
    const TimeNs before = clock_.now() - DurationNs::from_s(options_.limits.retention_age_s);
    for (const store::Recording& old : TRY(catalog_.unjoined_recordings(before, kBatch))) {
      TRY(catalog_.write(
          [&](store::Transaction& t) { return t.delete_recording(old.project, old.id); }));
    }
  }
  return recordings_.remove_loose_objects();
}

}  // namespace callscope::receive
