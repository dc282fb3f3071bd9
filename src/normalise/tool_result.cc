#include "normalise/tool_result.h"

#include <algorithm>
#include <array>

#include "normalise/reports/tools.h"
#include "normalise/texts/tool_wraps.h"

namespace callscope::normalise {
namespace {

// By the words of the customs: most results have none of them and need no reading.
bool may_tell_failure(std::string_view result) {
  constexpr std::array<std::string_view, 4> kWords = {"rror", "status", "success", "failed"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
    return result.find(word) != std::string_view::npos;
  });
}

}  // namespace

std::string failure_in(std::string_view result) {
  if (!result.starts_with('{') || !may_tell_failure(result)) return {};
  using namespace reports;
  const auto parsed = texts::parse_json(result);
  const json::object* object = parsed ? object_of(&*parsed) : nullptr;
  if (object == nullptr) return {};
  if (const json::object* message = texts::tool_message_in(*parsed)) {
    const std::string content = as_text(message->if_contains("content"));
    return text_of(*message, "status") == "error" ? content : failure_in(content);
  }
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
