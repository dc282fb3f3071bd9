// A rule that names of providers or models are matched by.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace callscope::calls {

// Matches without regard to case; names are handed in as lower case.
class MatchRule {
 public:
  // One of {"equals": s}, {"starts_with": s}, {"ends_with": s}, {"contains": s}, {"regex": s},
  // {"or": [rule, …]}, {"and": [rule, …]}.
  static Result<MatchRule> parse(const boost::json::value& value);

  bool matches(std::string_view name) const;

 private:
  enum class Kind : uint8_t { kEquals, kStartsWith, kEndsWith, kContains, kRegex, kOr, kAnd };

  Kind kind_ = Kind::kOr;
  std::string text_;
  std::shared_ptr<const std::regex> regex_;  // shared by copies of the rule
  std::vector<MatchRule> parts_;
};

}  // namespace callscope::calls
