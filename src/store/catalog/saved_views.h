// Questions about calls that a project keeps under a name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace callscope::store {

class Catalog;
class Transaction;

using SavedViewId = int64_t;

struct SavedView {
  SavedViewId id = 0;  // given by the catalog
  ProjectId project = 0;
  std::string name;  // no other of the project has it
  std::string query;
  TimeNs created;  // given by the catalog, as is the next
  TimeNs updated;
};

// Of a project: enough for people to choose from, and a bound on the list.
inline constexpr int64_t kSavedViewsMax = 500;

// A new one where the id is 0, else in place of the one that has it. kConflict for a name that is
// taken and for one too many, kNotFound where the project has none with that id.
Result<SavedView> put_saved_view(Transaction& transaction, SavedView view);
// kNotFound where the project has no such view.
Result<void> delete_saved_view(Transaction& transaction, ProjectId project, SavedViewId id);

// By name.
Result<std::vector<SavedView>> saved_views(const Catalog& catalog, ProjectId project);
// nullopt where the project has no such view.
Result<std::optional<SavedView>> saved_view(const Catalog& catalog, ProjectId project,
                                            SavedViewId id);

}  // namespace callscope::store
