// What a project and an agent are set to: PATCH of either.
#pragma once

#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "calls/prices.h"
#include "store/catalog/catalog.h"

namespace callscope::serve {

// What becomes of a call log whose call_id the project has already.
enum class DuplicateCallIds { kUpdate, kRefuse };
std::string_view to_string(DuplicateCallIds choice);  // "update", "refuse"

Result<DuplicateCallIds> duplicate_call_ids(const store::Catalog& catalog, ProjectId project);
Result<void> set_duplicate_call_ids(store::Catalog& catalog, ProjectId project,
                                    DuplicateCallIds choice);

class JsonBody;
// The member "retention_days"; null or absent is nullopt.
std::optional<int64_t> retention_days_in(JsonBody& body);

// A project's own prices, as JSON in the form of its PUT; an empty text where it has none.
Result<void> save_own_prices(store::Catalog& catalog, ProjectId project, std::string_view json);
// Those of every project, into `prices`. To be called once, before the first cost is computed.
Result<void> load_own_prices(const store::Catalog& catalog, calls::Prices& prices);

}  // namespace callscope::serve
