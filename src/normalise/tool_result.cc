#include "normalise/tool_result.h"

#include "normalise/reports/tools.h"

namespace callscope::normalise {

std::string failure_in(std::string_view result) {
  if (!result.starts_with('{')) return {};
  using namespace reports;
  const auto parsed = texts::parse_json(result);
  const json::object* object = parsed ? object_of(&*parsed) : nullptr;
  if (object == nullptr) return {};
  const json::value* error = member(*object, "error");
  const bool has_error = error != nullptr && *error != json::value(false) &&
                         *error != json::value("") && *error != json::value(0);
  if (has_error) return as_text(error);
  const std::string status = text_of(*object, "status");
  if (says_failure(*object) || status == "error" || status == "failed" || status == "failure") {
    std::string why = text_of(*object, {"message", "content"});
    return why.empty() ? std::string(result) : why;
  }
  return {};
}

}  // namespace callscope::normalise
