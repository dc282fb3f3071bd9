#include "normalise/texts/tool_wraps.h"

#include "normalise/texts/json_text.h"

namespace callscope::normalise::texts {
namespace {

namespace json = boost::json;

const json::object* tool_message_in(const json::value& value, int depth) {
  const json::object* object = value.if_object();
  if (object == nullptr) return nullptr;
  if (object->contains("tool_call_id") && object->contains("content")) return object;
  // As it is written by its own type, by its constructor, and by a callback.
  const json::value* inner = depth == 0 ? nullptr : first_of(*object, {"data", "output", "kwargs"});
  return inner == nullptr ? nullptr : tool_message_in(*inner, depth - 1);
}

bool is_empty(const json::value& value) {
  if (const json::object* object = value.if_object()) return object->empty();
  const json::array* array = value.if_array();
  return array != nullptr && array->empty();
}

// What is wrapped in `call`; null where nothing is.
const json::value* inner_arguments(const json::object& call) {
  if (call.contains("input_str")) return first_of(call, {"inputs", "input_str"});
  const json::value* positional = call.if_contains("args");
  const json::value* named = call.if_contains("kwargs");
  if (call.size() != 2 || positional == nullptr || named == nullptr) return nullptr;
  if (is_empty(*positional)) return named;
  const json::array* list = positional->if_array();
  const bool is_one_object = list != nullptr && list->size() == 1 && list->front().is_object();
  return is_empty(*named) && is_one_object ? &list->front() : nullptr;
}

}  // namespace

const json::object* tool_message_in(const json::value& value) { return tool_message_in(value, 2); }

std::string unwrapped_result(std::string result) {
  const bool is_message =
      result.starts_with('{') && result.find("tool_call_id") != std::string::npos;
  if (!is_message && !result.starts_with('"')) return result;
  const auto parsed = parse_json(result);
  if (!parsed) return result;
  if (parsed->is_string()) return as_text(&*parsed);
  const json::object* message = tool_message_in(*parsed);
  return message == nullptr ? result : as_text(message->if_contains("content"));
}

std::string unwrapped_arguments(std::string arguments) {
  if (!arguments.starts_with('{')) return arguments;
  const auto parsed = parse_json(arguments);
  const json::object* call = parsed ? parsed->if_object() : nullptr;
  const json::value* inner = call == nullptr ? nullptr : inner_arguments(*call);
  return inner == nullptr ? arguments : as_text(inner);
}

}  // namespace callscope::normalise::texts
