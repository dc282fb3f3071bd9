// Key pairs of LiveKit.
#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"
#include "store/catalog/columns.h"

namespace callscope::store {

Result<std::optional<LivekitKey>> Catalog::livekit_key(std::string_view api_key) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->one<LivekitKey>("FROM livekit_keys WHERE api_key = :key", api_key);
}

Result<std::vector<LivekitKey>> Catalog::livekit_keys(ProjectId project) const {
  const auto reader = TRY(state_->readers.borrow());
  return reader->all<LivekitKey>("FROM livekit_keys WHERE project_id = :project ORDER BY api_key",
                                 project);
}

Result<void> Transaction::put_livekit_key(const LivekitKey& key) {
  const auto owner = TRY(state_->session.one<ProjectId>(
      "SELECT project_id FROM livekit_keys WHERE api_key = :key", std::string_view(key.api_key)));
  if (owner && *owner != key.project)
    return Error{ErrorCode::kConflict, "another project has this LiveKit key", "api_key"};
  TRY(state_->session.run(
      "INSERT INTO livekit_keys (api_key, project_id, api_secret) VALUES (:key, :project, :secret)"
      " ON CONFLICT (api_key) DO UPDATE SET api_secret = excluded.api_secret",
      std::string_view(key.api_key), key.project, std::string_view(key.api_secret)));
  return {};
}

Result<void> Transaction::delete_livekit_keys(ProjectId project) {
  TRY(state_->session.run("DELETE FROM livekit_keys WHERE project_id = :project", project));
  return {};
}

}  // namespace callscope::store
