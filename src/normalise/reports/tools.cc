#include "normalise/reports/tools.h"

#include <cmath>

#include "normalise/tool_result.h"

namespace callscope::normalise::reports {
namespace {

std::string id_of(const json::object& object) {
  return text_of(object, {"call_id", "tool_call_id", "toolCallId", "request_id", "tool_use_id",
                          "function_call_id", "id"});
}

std::string name_of(const json::object& object) {
  return text_of(object, {"name", "tool_name", "function_name", "toolName"});
}

model::ReportedTool call_of(const json::object& object) {
  model::ReportedTool tool;
  tool.id = id_of(object);
  const json::object* function = object_in(object, "function");
  const json::object& named = function != nullptr ? *function : object;
  tool.name = name_of(named);
  tool.arguments =
      as_text(first_of(named, {"arguments", "args", "params_as_json", "parameters", "input"}));
  return tool;
}

model::Measure duration_of(const json::object& object) {
  const auto ms = number_of(first_of(object, {"duration_ms", "durationMs", "latency_ms"}));
  const auto seconds = number_of(first_of(object, {"tool_latency_secs", "latency_secs"}));
  const double us = ms ? *ms * 1e3 : seconds ? *seconds * 1e6 : -1;
  if (us < 0 || us > 1e14) return {};
  return std::llround(us);
}

ToolResult result_of(const json::object& object) {
  ToolResult out;
  out.id = id_of(object);
  out.name = name_of(object);
  out.duration_us = duration_of(object);
  const json::value* value =
      first_of(object, {"result", "output", "result_value", "content", "message", "text"});
  if (value != nullptr) out.result = as_text(value);
  if (!out.result && object.contains("result")) out.result = "null";
  // Pipecat's words for a call that runs, and for one that was given up.
  const std::string_view word = out.result ? std::string_view(*out.result) : std::string_view();
  const bool is_cancelled = word == "CANCELLED" || word == "\"CANCELLED\"";
  if (word == "IN_PROGRESS" || word == "\"IN_PROGRESS\"") out.result.reset();
  if (is_cancelled) {
    out.result.reset();
    out.is_error = true;
    out.error = "cancelled";
  }
  const json::value* stated = first_of(object, {"is_error", "isError", "successful"});
  if (stated != nullptr) {
    out.is_error = out.is_error || says_failure(object);
  } else {
    if (out.result) out.error = failure_in(*out.result);
    // An error that is told of beside the result, or in place of one, is a failure.
    out.is_error = !out.error.empty() || !text_of(object, "error").empty();
  }
  if (out.is_error && out.error.empty()) {
    out.error = text_of(object, "error");
    if (out.error.empty() && out.result) out.error = failure_in(*out.result);
    if (out.error.empty() && out.result) out.error = *out.result;
  }
  return out;
}

// Messages in which Pipecat and Anthropic's models put tools into the text.
void take_parts(const json::array& parts, ToolTalk& out) {
  for (const json::value& part : parts) {
    const json::object* object = object_of(&part);
    if (object == nullptr) continue;
    const std::string_view type = string_of(object->if_contains("type"));
    if (type == "tool_use") out.calls.push_back(call_of(*object));
    if (type == "tool_result") out.results.push_back(result_of(*object));
  }
}

void take_late_result(std::string_view text, ToolTalk& out) {
  if (!text.starts_with('{') || text.find("\"tool_call_id\"") == std::string_view::npos) return;
  const auto parsed = texts::parse_json(text);
  const json::object* object = parsed ? object_of(&*parsed) : nullptr;
  if (object == nullptr || !object->contains("tool_call_id")) return;
  out.results.push_back(result_of(*object));
  if (!object->contains("result")) out.results.back().result.reset();
}

}  // namespace

bool says_failure(const json::object& object) {
  for (const std::string_view name : {"is_error", "isError"}) {
    if (flag_of(member(object, name)).value_or(false)) return true;
  }
  for (const std::string_view name : {"successful", "success"}) {
    if (!flag_of(member(object, name)).value_or(true)) return true;
  }
  return false;
}

ToolTalk tools_in(const json::object& entry, Speaker speaker) {
  ToolTalk out;
  for (const std::string_view name : {"tool_calls", "toolCalls", "toolCallList"}) {
    const json::array* calls = array_in(entry, name);
    if (calls == nullptr) continue;
    for (const json::value& call : *calls) {
      if (const json::object* object = object_of(&call)) out.calls.push_back(call_of(*object));
    }
    if (!out.calls.empty()) break;
  }
  for (const std::string_view name : {"tool_results", "toolResults"}) {
    const json::array* results = array_in(entry, name);
    if (results == nullptr) continue;
    for (const json::value& result : *results) {
      if (const json::object* object = object_of(&result))
        out.results.push_back(result_of(*object));
    }
  }
  const json::value* content = entry.if_contains("content");
  if (const json::array* parts = array_of(content)) take_parts(*parts, out);
  if (speaker == Speaker::kSystem) take_late_result(string_of(content), out);

  if (speaker != Speaker::kToolCall && speaker != Speaker::kToolResult) return out;
  if (!out.empty()) return out;
  // The entry itself is the call or the result; its details may lie in `data`, or in several.
  std::vector<const json::object*> details;
  if (const json::object* data = object_in(entry, "data")) details.push_back(data);
  if (const json::array* data = array_in(entry, "data")) {
    for (const json::value& each : *data) {
      if (const json::object* object = object_of(&each)) details.push_back(object);
    }
  }
  if (const json::object* whole = object_in(entry, "tool"); whole != nullptr && details.empty()) {
    // Our own form: the call and what came of it in one.
    out.calls.push_back(call_of(*whole));
    if (first_of(*whole, {"result", "error", "is_error"}) != nullptr)
      out.results.push_back(result_of(*whole));
    return out;
  }
  if (details.empty()) details.push_back(&entry);
  for (const json::object* detail : details) {
    if (speaker == Speaker::kToolCall) {
      out.calls.push_back(call_of(*detail));
      if (out.calls.back().name.empty()) {
        out.calls.back().name = name_of(entry);
        if (detail == &entry)
          out.calls.back().name = text_of(entry, {"name", "tool_name", "content"});
      }
    } else {
      out.results.push_back(result_of(*detail));
      ToolResult& result = out.results.back();
      if (!result.result && detail != &entry && !result.is_error) {
        ToolResult outer = result_of(entry);
        outer.id = result.id.empty() ? outer.id : result.id;
        outer.name = result.name.empty() ? outer.name : result.name;
        result = std::move(outer);
      }
      if (!result.duration_us) result.duration_us = duration_of(entry);
    }
  }
  return out;
}

std::optional<size_t> OpenTools::known(const model::ReportedTool& call) const {
  if (call.id.empty()) return std::nullopt;
  const auto found = by_id_.find(call.id);
  if (found == by_id_.end() || open_[found->second].name != call.name) return std::nullopt;
  return open_[found->second].entry;
}

void OpenTools::add(const model::ReportedTool& call, size_t entry) {
  if (!call.id.empty()) by_id_[call.id] = open_.size();
  open_.push_back({call.name, entry, true});
}

std::optional<size_t> OpenTools::answered_by(const ToolResult& result) {
  if (!result.id.empty()) {
    const auto found = by_id_.find(result.id);
    if (found == by_id_.end()) return std::nullopt;
    Open& open = open_[found->second];
    if (result.result || result.is_error) open.waits = false;
    return open.entry;
  }
  while (first_waiting_ < open_.size() && !open_[first_waiting_].waits) ++first_waiting_;
  // Few wait at a time; the bound keeps a hostile transcript from making this a square.
  constexpr size_t kLookBack = 64;
  for (size_t i = first_waiting_; i < open_.size() && i < first_waiting_ + kLookBack; ++i) {
    if (!open_[i].waits || (!result.name.empty() && open_[i].name != result.name)) continue;
    open_[i].waits = false;
    return open_[i].entry;
  }
  return std::nullopt;
}

}  // namespace callscope::normalise::reports
