// Percentiles of one latency, from the columns of the segments that it needs and from hot spans.
// What the page of a call list asks for most; read here directly in a fifth of the time of SQL.
#pragma once

#include <vector>

#include "base/result.h"
#include "store/span_store.h"
#include "store/view.h"

namespace callscope::store {

// A percentile is the smallest measured value that as many per cent of all do not exceed. Ordered
// by group, then bucket. kDataLoss where a segment is damaged.
Result<std::vector<LatencyRow>> scan_latency(const View& view, const StatsQuery& query,
                                             Stage stage);

}  // namespace callscope::store
