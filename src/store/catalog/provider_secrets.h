// What providers of voice agents sign their webhooks with, for each project.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace callscope::store {

class Catalog;
class Transaction;

Result<void> put_provider_secret(Transaction& transaction, ProjectId project,
                                 std::string_view provider, std::string_view secret);
Result<void> delete_provider_secret(Transaction& transaction, ProjectId project,
                                    std::string_view provider);
Result<std::optional<std::string>> provider_secret(const Catalog& catalog, ProjectId project,
                                                   std::string_view provider);

}  // namespace callscope::store
