// The owner of calls that are under way: takes in each span as it is indexed, knows which call it
// belongs to, and saves what changed to the catalog.
#pragma once

#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "calls/active_calls.h"
#include "calls/call_directory.h"
#include "calls/fact_set.h"
#include "calls/prices.h"
#include "calls/span_source.h"
#include "store/span_observer.h"

namespace callscope::calls {

struct CallBookOptions {
  size_t bytes_max = size_t{128} << 20;    // of facts in memory
  std::vector<std::string> session_names;  // further attributes that traces are joined by
  // Called after each save with what was written, on the thread that saved, without a lock.
  std::function<void(std::span<const model::CallSummary>)> on_saved;
};

// A summary is a function of all facts of a call and nothing else, so spans may come late, twice,
// in any order and without a root. A call whose facts left memory is read again from the store when
// a late span comes.
//
// Thread-safe. on_span() never waits for the catalog or the store, only for a lock that is held for
// microseconds. save() asks both; it must not be called with a lock held that they take.
class CallBook : public store::SpanObserver {
 public:
  // All must outlive the book.
  CallBook(CallDirectory& directory, SpanSource source, const Prices& prices,
           CallBookOptions options);
  ~CallBook() override;

  bool on_span(const model::Span& span, model::SpanFacts& facts) override;
  // A report was saved, anew or in a later version.
  void on_report(ProjectId project, ReportFacts report);
  Result<void> save() override;
  bool is_save_urgent() const override;
  // The trace, or the report by its store::trace_of_report, is read as if it were new.
  void revisit(ProjectId project, const TraceId& trace) override;

  // Forgets a trace that was deleted, or a report by its store::trace_of_report, saved or not.
  // Waits for a save under way.
  void forget(ProjectId project, const TraceId& trace);

  struct Numbers {
    size_t traces = 0;     // in memory
    size_t bytes = 0;      // that they take
    uint64_t reloads = 0;  // traces read again from the store
    uint64_t shed = 0;     // traces that left memory unsaved, to be read again
  };
  Numbers numbers() const;

 private:
  struct Round;

  Result<void> read_shed_again(Round& round);
  void keep(Round& round, const TraceKey& key, TraceFacts stored);
  void join_in_memory(Round& round);
  Result<void> ask_catalog(Round& round);
  Result<void> read_from_store(Round& round, const TraceKey& key);
  void add_known_calls(Round& round);
  Result<void> derive_groups(Round& round);
  void finish(Round& round, bool is_saved);

  CallDirectory& directory_;
  const SpanSource source_;
  const CallBookOptions options_;

  // Held by one save at a time; taken before mutex_.
  std::mutex save_mutex_;
  PriceCache save_prices_;  // guarded by save_mutex_

  mutable std::mutex mutex_;
  // Guarded by mutex_:
  ActiveCalls active_;
  PriceCache prices_;
  // Unsaved traces that left memory; the next save reads them again.
  std::vector<TraceKey> shed_;
  // What the next save forgets and reads again.
  std::unordered_set<TraceKey, TraceKeyHash> revisited_;
  size_t shed_above_ = 0;  // bytes in memory at which traces are shed
  size_t unsaved_spans_ = 0;
  Numbers numbers_;
};

}  // namespace callscope::calls
