// The call directory that is the catalog.
#pragma once

#include "calls/call_directory.h"

namespace callscope::store {
class Catalog;
}

namespace callscope::calls {

// Thread-safe, as the catalog is. `catalog` must outlive it.
class CatalogDirectory : public CallDirectory {
 public:
  explicit CatalogDirectory(store::Catalog& catalog) : catalog_(catalog) {}

  Result<std::vector<KnownCall>> find_by_traces(ProjectId project,
                                                std::span<const TraceId> traces) override;
  Result<std::vector<KnownCall>> find_by_name(ProjectId project, std::string_view name, TimeNs from,
                                              TimeNs to) override;
  Result<void> save(std::span<model::CallSummary> calls,
                    std::span<const MergedCall> merged) override;

 private:
  Result<void> save_batch(std::span<model::CallSummary> calls);
  Result<std::vector<KnownCall>> read(ProjectId project, std::span<const CallId> ids);

  store::Catalog& catalog_;
};

}  // namespace callscope::calls
