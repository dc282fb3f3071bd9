// How spans reach the calls room while they are indexed: an interface handed in by main.
#pragma once

#include "base/result.h"
#include "model/facts.h"
#include "model/span.h"

namespace callscope::store {

class SpanObserver {
 public:
  virtual ~SpanObserver() = default;

  // One received span, its agent known. May complete `facts` (its cost). Called on the indexing
  // thread in the order of the write-ahead log; after a restart spans that are not in the lake yet
  // come again, and a sender's retry comes twice: the same (trace_id, span_id) replaces.
  // Returns whether this one replaced an earlier version.
  virtual bool on_span(const model::Span& span, model::SpanFacts& facts) = 0;

  // Writes what changed since the last save to the catalog. Called on the flushing thread, and by
  // readers who want a list that is up to date.
  virtual Result<void> save() = 0;

  // Whether so much is unsaved that it takes too much memory. Saving a call that still goes on once
  // more costs as much as the first time, so the engine waits some seconds otherwise.
  virtual bool is_save_urgent() const = 0;

  // A trace of which more is known than its spans said when they came: a log line holds messages
  // of one, or they were perhaps not saved before the process stopped. The next save reads it
  // again.
  virtual void revisit(ProjectId project, const TraceId& trace) = 0;
};

}  // namespace callscope::store
