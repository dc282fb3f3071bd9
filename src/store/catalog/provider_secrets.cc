#include "store/catalog/provider_secrets.h"

#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"

namespace callscope::store {

Result<void> put_provider_secret(Transaction& transaction, ProjectId project,
                                 std::string_view provider, std::string_view secret) {
  TRY(CatalogAccess::session(transaction)
          .run("INSERT INTO provider_secrets (project_id, provider, secret)"
               " VALUES (:project, :provider, :secret)"
               " ON CONFLICT (project_id, provider) DO UPDATE SET secret = excluded.secret",
               project, provider, secret));
  return {};
}

Result<void> delete_provider_secret(Transaction& transaction, ProjectId project,
                                    std::string_view provider) {
  TRY(CatalogAccess::session(transaction)
          .run("DELETE FROM provider_secrets WHERE project_id = :project AND provider = :provider",
               project, provider));
  return {};
}

Result<std::optional<std::string>> provider_secret(const Catalog& catalog, ProjectId project,
                                                   std::string_view provider) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return reader->one<std::string>(
      "SELECT secret FROM provider_secrets WHERE project_id = :project AND provider = :provider",
      project, provider);
}

}  // namespace callscope::store
