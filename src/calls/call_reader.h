// Reads one call whole, from its spans in the store.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "calls/prices.h"
#include "calls/span_source.h"
#include "model/call.h"
#include "model/span.h"

namespace callscope::calls {

// A span of a call and what we understood of it.
struct CallSpan {
  const model::Span* span = nullptr;
  model::SpanFacts facts;
};

struct CallSpans {
  std::vector<std::unique_ptr<model::SpanBatch>> batches;  // own what `spans` point to
  std::vector<CallSpan> spans;                             // by start
};

// A call and what it was derived from.
struct WholeCall {
  model::Call call;
  CallSpans spans;
};

// Thread-safe.
class CallReader {
 public:
  // `prices` must outlive the reader. `session_names` as in CallBookOptions.
  CallReader(SpanSource source, const Prices& prices, std::vector<std::string> session_names = {});

  // All of `saved`, derived from its spans as they are now; its id and what other sources said of
  // it are kept. kNotFound where none of its spans is left.
  Result<model::Call> read(const model::CallSummary& saved) const;
  Result<WholeCall> read_whole(const model::CallSummary& saved) const;

  // Its spans, without those of other calls that share its traces.
  Result<CallSpans> spans(const model::CallSummary& saved) const;

 private:
  struct Loaded;
  Result<Loaded> load(const model::CallSummary& saved) const;
  model::Call describe_loaded(const Loaded& loaded, const model::CallSummary& saved) const;
  static CallSpans spans_of(Loaded loaded);

  const SpanSource source_;
  const Prices& prices_;
  const std::vector<std::string> session_names_;
};

}  // namespace callscope::calls
