#include "store/catalog/saved_views.h"

#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"
#include "store/catalog/columns.h"

namespace callscope::store {

void columns(auto&& visit, AnyOf<SavedView> auto& row) {
  visit("id", row.id);
  visit("project_id", row.project);
  visit("name", row.name);
  visit("query", row.query);
  visit("created_ns", row.created);
  visit("updated_ns", row.updated);
}

namespace {

constexpr std::string_view kById = "FROM saved_views WHERE id = :id AND project_id = :project";

Error no_such_view(SavedViewId id) {
  return {ErrorCode::kNotFound, fmt::format("there is no view {}", id)};
}

Result<void> expect_room(Session& session, ProjectId project) {
  const auto count = TRY(session.one<int64_t>(
      "SELECT COUNT(*) FROM saved_views WHERE project_id = :project", project));
  if (count.value_or(0) < kSavedViewsMax) return {};
  return Error{ErrorCode::kConflict,
               fmt::format("a project keeps {} views at most: delete one first", kSavedViewsMax),
               "name"};
}

}  // namespace

Result<SavedView> put_saved_view(Transaction& transaction, SavedView view) {
  Session& session = CatalogAccess::session(transaction);
  const auto taken = TRY(session.one<SavedViewId>(
      "SELECT id FROM saved_views WHERE project_id = :project AND name = :name", view.project,
      view.name));
  if (taken && *taken != view.id) {
    return Error{ErrorCode::kConflict, fmt::format("view {} has that name already", *taken),
                 "name"};
  }
  view.updated = CatalogAccess::now(transaction);
  if (view.id == 0) {
    TRY(expect_room(session, view.project));
    view.id = TRY(next_id(session, "saved_views"));
    view.created = view.updated;
    TRY(session.run_row(insert_sql<SavedView>("saved_views"), view));
    return view;
  }
  const auto before = TRY(session.one<SavedView>(kById, view.id, view.project));
  if (!before) return no_such_view(view.id);
  view.created = before->created;
  TRY(
      session.run("UPDATE saved_views SET name = :name, query = :query, updated_ns = :now"
                  " WHERE id = :id",
                  view.name, view.query, view.updated, view.id));
  return view;
}

Result<void> delete_saved_view(Transaction& transaction, ProjectId project, SavedViewId id) {
  const int64_t changed = TRY(
      CatalogAccess::session(transaction)
          .run("DELETE FROM saved_views WHERE id = :id AND project_id = :project", id, project));
  if (changed == 0) return no_such_view(id);
  return {};
}

Result<std::vector<SavedView>> saved_views(const Catalog& catalog, ProjectId project) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return reader->all<SavedView>("FROM saved_views WHERE project_id = :project ORDER BY name",
                                project);
}

Result<std::optional<SavedView>> saved_view(const Catalog& catalog, ProjectId project,
                                            SavedViewId id) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return reader->one<SavedView>(kById, id, project);
}

}  // namespace callscope::store
