#include "serve/settings.h"

#include <fmt/format.h>

#include "serve/json_body.h"

namespace callscope::serve {
namespace {

std::string setting_of(ProjectId project) {
  return fmt::format("project/{}/duplicate_call_ids", project);
}

std::string prices_of(ProjectId project) { return fmt::format("project/{}/prices", project); }

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

std::optional<int64_t> retention_days_in(JsonBody& body) {
  constexpr int64_t kMostDays = 36'500;
  const auto days = body.id("retention_days");
  if (days && *days > kMostDays) body.refuse("retention_days", "must be 36500 at most");
  return days;
}

Result<void> save_own_prices(store::Catalog& catalog, ProjectId project, std::string_view json) {
  return catalog.write(
      [&](store::Transaction& t) { return t.set_setting(prices_of(project), json); },
      store::Durability::kPower);
}

Result<void> load_own_prices(const store::Catalog& catalog, calls::Prices& prices) {
  for (const store::Project& project : TRY(catalog.projects())) {
    const auto saved = TRY(catalog.setting(prices_of(project.id)));
    if (!saved || saved->empty()) continue;
    auto own = calls::OwnPrices::parse(*saved);
    if (!own) return std::move(own).error().within(fmt::format("prices of project {}", project.id));
    prices.set_own(project.id, *std::move(own));
  }
  return {};
}

}  // namespace callscope::serve
