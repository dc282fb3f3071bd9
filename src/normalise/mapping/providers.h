// Brings the many names of a provider to one: "DeepgramSTTService", "api.openai.com",
// "az.ai.openai".
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace callscope::normalise::mapping {

class Providers {
 public:
  // From mapping/providers.json.
  static Result<Providers> load(std::string_view json);

  // Writes the normalised name of `label` to `out`; a label that no alias fits in lower case.
  void normalise(std::string_view label, std::string& out) const;

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  const std::string* find(std::string_view squeezed) const;

  std::unordered_map<std::string, std::string, Hash, std::equal_to<>> by_name_;
  std::vector<std::pair<std::string, std::string>> by_host_suffix_;
  std::vector<std::string> strip_prefixes_;
  std::vector<std::string> strip_suffixes_;
};

}  // namespace callscope::normalise::mapping
