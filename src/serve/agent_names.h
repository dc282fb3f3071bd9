// The names of a project's agents, for one answer.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "store/catalog/catalog.h"

namespace callscope::serve {

class AgentNames {
 public:
  static Result<AgentNames> load(const store::Catalog& catalog, ProjectId project) {
    AgentNames names;
    for (store::Agent& agent : TRY(catalog.agents(project)))
      names.names_.emplace(agent.id, std::move(agent.name));
    return names;
  }

  // Empty where it has none.
  std::string_view operator()(AgentId id) const {
    const auto found = names_.find(id);
    return found == names_.end() ? std::string_view() : std::string_view(found->second);
  }

 private:
  std::unordered_map<AgentId, std::string> names_;
};

}  // namespace callscope::serve
