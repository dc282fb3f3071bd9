// Where the calls room reads spans from: the store, through the mapping table.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/ids.h"
#include "base/result.h"
#include "calls/trace_facts.h"
#include "model/facts.h"
#include "model/report.h"
#include "model/span.h"
#include "store/catalog/rows.h"

namespace callscope::normalise {
class Classifier;
}
namespace callscope::store {
class Catalog;
class SpanStore;
}  // namespace callscope::store

namespace callscope::calls {

// A report of the catalog and what it says.
struct LoadedReport {
  store::SavedReport saved;
  model::Report report;
};

// All may be called from any thread.
struct SpanSource {
  std::function<Result<std::unique_ptr<model::SpanBatch>>(ProjectId, TraceId)> load;
  std::function<void(const model::Span&, model::SpanFacts&)> classify;
  ReadTexts texts;
  // nullopt where there is no such report.
  std::function<Result<std::optional<LoadedReport>>(ProjectId, ReportId)> load_report;
};

// All must outlive the source.
SpanSource read_from(const store::SpanStore& store, const store::Catalog& catalog,
                     const normalise::Classifier& classifier);

// What a saved report says. A body that cannot be read any more gives a report with a note.
model::Report read_saved(const store::SavedReport& saved);

}  // namespace callscope::calls
