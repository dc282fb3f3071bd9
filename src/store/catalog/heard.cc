#include "store/catalog/heard.h"

#include <algorithm>
#include <unordered_set>

#include "store/catalog/call_rows.h"
#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"

namespace callscope::store {

void columns(auto&& visit, AnyOf<HeardInCall> auto& row) {
  visit("recordings.call_id", row.call);
  visit("heard_ms", row.heard_ms);
}

Result<std::vector<HeardInCall>> heard_in_calls(const Catalog& catalog, ProjectId project,
                                                std::span<const CallId> calls) {
  static const std::string kSql =
      "FROM recordings JOIN analyses ON recording_id = recordings.id"
      " WHERE recordings.project_id = :project AND analyses.state = :done AND recordings.call_id"
      " <> 0 AND " +
      ids_condition("recordings.call_id") + " ORDER BY recordings.id";
  const auto reader = TRY(CatalogAccess::reader(catalog));
  std::vector<HeardInCall> heard;
  std::unordered_set<CallId> seen;
  for (size_t from = 0; from < calls.size(); from += kIdsPerStatement) {
    std::vector<Param> params{project, static_cast<int64_t>(AnalysisState::kDone)};
    append_ids(params, calls.subspan(from, std::min(kIdsPerStatement, calls.size() - from)));
    for (HeardInCall& each : TRY(reader->all_of<HeardInCall>(kSql, params))) {
      if (seen.insert(each.call).second) heard.push_back(std::move(each));
    }
  }
  return heard;
}

}  // namespace callscope::store
