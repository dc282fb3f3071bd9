#include "serve/settings.h"

#include <fmt/format.h>

namespace callscope::serve {
namespace {

std::string setting_of(ProjectId project) {
  return fmt::format("project/{}/duplicate_call_ids", project);
}

}  // namespace

std::string_view to_string(DuplicateCallIds choice) {
  return choice == DuplicateCallIds::kRefuse ? "refuse" : "update";
}

Result<DuplicateCallIds> duplicate_call_ids(const store::Catalog& catalog, ProjectId project) {
  const auto set = TRY(catalog.setting(setting_of(project)));
  return set == "refuse" ? DuplicateCallIds::kRefuse : DuplicateCallIds::kUpdate;
}

Result<void> set_duplicate_call_ids(store::Catalog& catalog, ProjectId project,
                                    DuplicateCallIds choice) {
  return catalog.write(
      [&](store::Transaction& t) { return t.set_setting(setting_of(project), to_string(choice)); },
      store::Durability::kPower);
}

}  // namespace callscope::serve
