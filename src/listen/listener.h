// Listens to recordings in the background: each one that is complete is analysed once, by threads
// that ingest never waits for.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "audio/analysis.h"
#include "base/result.h"
#include "base/time.h"
#include "store/catalog/catalog.h"
#include "store/objects/objects.h"

namespace callscope::listen {

struct ListenerOptions {
  size_t threads = 1;             // recordings that are analysed at the same time
  audio::Settings settings = {};  // kept with each result
  // Called after each analysis, on the thread that made it.
  std::function<void(const store::Recording&)> on_heard = {};
};

// Thread-safe.
class Listener {
 public:
  // All must outlive the listener.
  Listener(store::Catalog& catalog, store::ObjectStore& objects, const Clock& clock,
           ListenerOptions options);
  ~Listener();  // cuts short what is under way; it is begun again at the next start

  void start();
  // A recording may have become complete.
  void wake();
  // Analyses a recording anew, as after a threshold has changed.
  Result<void> listen_again(const store::Recording& recording);

  // The share that is done of an analysis under way, 0 to 1; nullopt where none is.
  std::optional<double> progress(store::RecordingId recording) const;

 private:
  void run(std::stop_token stop);
  std::optional<store::Recording> take_next();
  void hear(const store::Recording& recording, const std::stop_token& stop);
  Result<audio::Analysis> analyse(const store::Recording& recording, const std::stop_token& stop);
  Result<void> keep(const store::Recording& recording, audio::Analysis& analysis,
                    store::SavedAnalysis& row);

  store::Catalog& catalog_;
  store::ObjectStore& objects_;
  const Clock& clock_;
  const ListenerOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  uint64_t wakes_ = 0;                              // guarded by mutex_
  std::map<store::RecordingId, double> under_way_;  // guarded by mutex_
  std::vector<std::jthread> threads_;
};

// "1180,940" ↔ milliseconds, as SavedAnalysis keeps them.
std::string pack_heard(const audio::Analysis& analysis);
std::vector<model::Measure> unpack_heard(std::string_view text);

}  // namespace callscope::listen
