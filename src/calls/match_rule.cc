#include "calls/match_rule.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"

namespace callscope::calls {
namespace {

Result<std::shared_ptr<const std::regex>> compile(const std::string& pattern) {
  try {
    return std::make_shared<const std::regex>(pattern, std::regex::icase | std::regex::optimize);
  } catch (const std::regex_error& error) {
    return Error{ErrorCode::kInvalidArgument,
                 "not a regular expression: " + pattern + ": " + error.what()};
  }
}

// Our patterns are short and linear; a name that still exhausts the matcher does not match.
bool search(const std::regex& regex, std::string_view name) {
  try {
    return std::regex_search(name.begin(), name.end(), regex);
  } catch (const std::regex_error&) {
    return false;
  }
}

}  // namespace

Result<MatchRule> MatchRule::parse(const boost::json::value& value) {
  if (!value.is_object() || value.get_object().size() != 1) {
    return Error{ErrorCode::kInvalidArgument, "a match rule is an object of one member"};
  }
  const auto& [name, operand] = *value.get_object().begin();
  MatchRule rule;
  if (name == "or" || name == "and") {
    if (!operand.is_array()) {
      return Error{ErrorCode::kInvalidArgument, "\"or\" and \"and\" hold a list of match rules"};
    }
    rule.kind_ = name == "or" ? Kind::kOr : Kind::kAnd;
    for (const auto& part : operand.get_array()) rule.parts_.push_back(TRY(parse(part)));
    return rule;
  }
  if (!operand.is_string()) {
    return Error{ErrorCode::kInvalidArgument, "a match rule compares with a text"};
  }
  const std::string_view text = operand.get_string();
  if (name == "regex") {
    rule.kind_ = Kind::kRegex;
    rule.regex_ = TRY(compile(std::string(text)));
    return rule;
  }
  rule.text_ = lower_case(text);
  if (name == "equals")
    rule.kind_ = Kind::kEquals;
  else if (name == "starts_with")
    rule.kind_ = Kind::kStartsWith;
  else if (name == "ends_with")
    rule.kind_ = Kind::kEndsWith;
  else if (name == "contains")
    rule.kind_ = Kind::kContains;
  else
    return Error{ErrorCode::kInvalidArgument, "no such match rule: " + std::string(name)};
  return rule;
}

bool MatchRule::matches(std::string_view name) const {
  const auto part_matches = [&](const MatchRule& part) { return part.matches(name); };
  switch (kind_) {
    case Kind::kEquals:
      return name == text_;
    case Kind::kStartsWith:
      return name.starts_with(text_);
    case Kind::kEndsWith:
      return name.ends_with(text_);
    case Kind::kContains:
      return name.find(text_) != std::string_view::npos;
    case Kind::kRegex:
      return search(*regex_, name);
    case Kind::kOr:
      return std::any_of(parts_.begin(), parts_.end(), part_matches);
    case Kind::kAnd:
      return std::all_of(parts_.begin(), parts_.end(), part_matches);
  }
  return false;
}

}  // namespace callscope::calls
