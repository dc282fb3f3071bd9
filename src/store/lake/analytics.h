// Questions over many spans, answered by DuckDB from the segments and from hot spans together.
#pragma once

#include <vector>

#include "base/result.h"
#include "store/lake/duck.h"
#include "store/span_store.h"
#include "store/view.h"

namespace callscope::store {

class Analytics {
 public:
  // `lake` is the folder that segment paths are relative to.
  Analytics(std::filesystem::path lake, DuckOptions options)
      : lake_(std::move(lake)), duck_(std::move(options)) {}

  Result<std::vector<UsageRow>> usage(const View& view, const StatsQuery& query);
  Result<std::vector<ToolRow>> tools(const View& view, const StatsQuery& query);
  Result<std::vector<std::string>> distinct(const View& view, ProjectId project,
                                            std::string_view column, std::string_view service);

  // Where the matching spans are, newest first: at most query.limit + 1.
  struct Place {
    size_t segment = 0;  // position in view.spans
    int64_t row = 0;
    TimeNs start;
  };
  Result<std::vector<Place>> search(const View& view, const SpanQuery& query);

 private:
  std::string source(const View& view, TimeRange range, std::string_view columns) const;

  const std::filesystem::path lake_;
  Duck duck_;
};

}  // namespace callscope::store
