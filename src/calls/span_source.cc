#include "calls/span_source.h"

#include "normalise/classify.h"
#include "store/span_store.h"

namespace callscope::calls {

SpanSource read_from(const store::SpanStore& store, const normalise::Classifier& classifier) {
  return {
      .load = [&store](ProjectId project, TraceId trace) { return store.trace(project, trace); },
      .classify = [&classifier](const model::Span& span,
                                model::SpanFacts& facts) { classifier.classify(span, facts); },
      .texts = [&classifier](
                   const model::Span& span,
                   const model::SpanFacts& facts) { return classifier.texts(span, facts); },
  };
}

}  // namespace callscope::calls
