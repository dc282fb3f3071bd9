// What a project and an agent are set to: PATCH of either.
#pragma once

#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "store/catalog/catalog.h"

namespace callscope::serve {

// What becomes of a call log whose call_id the project has already.
enum class DuplicateCallIds { kUpdate, kRefuse };
std::string_view to_string(DuplicateCallIds choice);  // "update", "refuse"

Result<DuplicateCallIds> duplicate_call_ids(const store::Catalog& catalog, ProjectId project);
Result<void> set_duplicate_call_ids(store::Catalog& catalog, ProjectId project,
                                    DuplicateCallIds choice);

}  // namespace callscope::serve
