// Where the calls room reads spans from: the store, through the mapping table.
#pragma once

#include <functional>
#include <memory>

#include "base/ids.h"
#include "base/result.h"
#include "calls/trace_facts.h"
#include "model/facts.h"
#include "model/span.h"

namespace callscope::normalise {
class Classifier;
}
namespace callscope::store {
class SpanStore;
}

namespace callscope::calls {

// All three may be called from any thread.
struct SpanSource {
  std::function<Result<std::unique_ptr<model::SpanBatch>>(ProjectId, TraceId)> load;
  std::function<void(const model::Span&, model::SpanFacts&)> classify;
  ReadTexts texts;
};

// Both must outlive the source.
SpanSource read_from(const store::SpanStore& store, const normalise::Classifier& classifier);

}  // namespace callscope::calls
