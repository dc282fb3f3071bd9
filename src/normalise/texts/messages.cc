#include "normalise/texts/messages.h"

#include <deque>
#include <unordered_map>

#include "normalise/texts/json_text.h"

namespace callscope::normalise::texts {
namespace {

namespace json = boost::json;
using model::Message;
using model::ToolMention;

// A picture or a sound inside a message is shown by its kind where its JSON is longer than this.
constexpr size_t kPartBytesMax = 2'000;

void append_line(std::string& out, std::string_view line) {
  if (line.empty()) return;
  if (!out.empty()) out.push_back('\n');
  out.append(line);
}

std::string role_of(std::string_view role, std::string_view otherwise) {
  if (role.empty()) return std::string(otherwise);
  if (role == "model" || role == "ai" || role == "bot") return "assistant";
  if (role == "developer") return "system";
  if (role == "human") return "user";
  if (role == "function") return "tool";
  return std::string(role);
}

bool is_tool_call(std::string_view type) {
  return type == "tool_use" || type == "tool_call" || type == "tool-call" ||
         type == "function_call" || type == "server_tool_call";
}

bool is_tool_result(std::string_view type) {
  return type == "tool_result" || type == "tool_call_response" || type == "tool-result" ||
         type == "function_call_output" || type == "server_tool_call_response";
}

// {"id", "name", "arguments"} under any of their names, with or without a "function" in between.
ToolMention tool_call_of(const json::object& call) {
  ToolMention out;
  out.call_id = as_text(
      first_of(call, {"call_id", "callId", "tool_call_id", "toolCallId", "toolUseId", "id"}));
  const json::object* inner = object_of(first_of(call, {"function", "custom"}));
  const json::object& holder = inner == nullptr ? call : *inner;
  out.name = string_of(first_of(holder, {"name", "toolName", "tool_name", "function_name"}));
  out.arguments = as_text(first_of(holder, {"arguments", "args", "input", "parameters"}));
  return out;
}

// What a tool answered: text, parts with text, {"type": "json", "value": …} or anything else.
std::string result_text(const json::value* value) {
  if (const json::object* object = object_of(value)) {
    if (const json::value* inner = object->if_contains("value");
        inner != nullptr && object->contains("type")) {
      return as_text(inner);
    }
    return as_text(value);
  }
  const json::array* parts = array_of(value);
  if (parts == nullptr) return as_text(value);
  std::string out;
  for (const json::value& part : *parts) {
    const json::object* object = part.if_object();
    // Bedrock's parts are named by their kind.
    const json::value* inner = object == nullptr ? nullptr : first_of(*object, {"text", "json"});
    if (!part.is_string() && inner == nullptr) return as_text(value);
    append_line(out, as_text(part.is_string() ? &part : inner));
  }
  return out;
}

Message result_of(const json::object& result) {
  Message out;
  out.role = "tool";
  out.tool_call_id = as_text(first_of(result, {"tool_use_id", "toolUseId", "tool_call_id",
                                               "toolCallId", "call_id", "callId", "id"}));
  out.content = result_text(first_of(result, {"content", "response", "result", "output"}));
  return out;
}

// Reads the parts of one message. Tool calls stay with it, results become messages of their own
// behind it.
class PartReader {
 public:
  PartReader(Message& message, std::vector<Message>& results)
      : message_(message), results_(results) {}

  void read(const json::value& part) {
    if (part.is_string()) {
      append_line(message_.content, string_of(&part));
      return;
    }
    const json::object* object = part.if_object();
    if (object == nullptr) return;
    const std::string_view type = string_of(object->if_contains("type"));
    // Gemini and Bedrock name the kind of a part by its only member.
    if (const auto* call =
            object_of(first_of(*object, {"function_call", "functionCall", "toolUse"}))) {
      message_.tool_calls.push_back(tool_call_of(*call));
    } else if (const auto* result = object_of(
                   first_of(*object, {"function_response", "functionResponse", "toolResult"}))) {
      results_.push_back(result_of(*result));
    } else if (is_tool_call(type)) {
      message_.tool_calls.push_back(tool_call_of(*object));
    } else if (is_tool_result(type)) {
      results_.push_back(result_of(*object));
    } else if (type == "reasoning" || type.ends_with("thinking")) {
      // Not said to anyone.
    } else if (const json::value* text = text_member(*object, type)) {
      append_line(message_.content, string_of(text));
    } else {
      append_other(part, type);
    }
  }

 private:
  static const json::value* text_member(const json::object& part, std::string_view type) {
    const bool is_text = type.empty() || type.ends_with("text");
    const json::value* text = first_of(part, {"transcript", "text"});
    if (text == nullptr && is_text) text = first_of(part, {"content"});
    return text != nullptr && text->is_string() ? text : nullptr;
  }

  void append_other(const json::value& part, std::string_view type) {
    // {"type": "cache_breakpoint"} and its like say nothing.
    if (part.as_object().size() <= 1 && !type.empty()) return;
    const std::string text = json::serialize(part);
    if (text.size() <= kPartBytesMax) {
      append_line(message_.content, text);
    } else {
      append_line(message_.content, "[" + std::string(type.empty() ? "part" : type) + "]");
    }
  }

  Message& message_;
  std::vector<Message>& results_;
};

class MessageReader {
 public:
  explicit MessageReader(std::string_view default_role) : default_role_(default_role) {}

  std::vector<Message> take() && { return std::move(out_); }

  void read(const json::value& value) {
    if (const json::array* list = value.if_array()) {
      // Parts without a message around them belong to one.
      if (!list->empty() && is_part(list->front())) {
        message_of_parts(*list);
        return;
      }
      for (const json::value& item : *list) read(item);
    } else if (const json::object* object = value.if_object()) {
      read_object(*object);
    } else if (value.is_string()) {
      add_text(string_of(&value));
    }
  }

  void add_text(std::string_view text) {
    if (text.empty()) return;
    Message& message = out_.emplace_back();
    message.role = default_role_;
    message.content = text;
  }

 private:
  static bool is_part(const json::value& value) {
    const json::object* object = value.if_object();
    if (object == nullptr || object->contains("role")) return false;
    const std::string_view type = string_of(object->if_contains("type"));
    return type.ends_with("text") || (type.empty() && object->contains("text"));
  }

  void message_of_parts(const json::array& parts) {
    Message message;
    message.role = default_role_;
    std::vector<Message> results;
    PartReader reader(message, results);
    for (const json::value& part : parts) reader.read(part);
    finish(std::move(message), std::move(results));
  }

  void read_object(const json::object& object) {
    const std::string_view type = string_of(object.if_contains("type"));
    if (is_tool_call(type)) {
      Message& message = out_.emplace_back();
      message.role = "assistant";
      message.tool_calls.push_back(tool_call_of(object));
    } else if (is_tool_result(type)) {
      out_.push_back(result_of(object));
    } else if (object.contains("role")) {
      read_message(object);
    } else if (const json::value* inner = first_of(
                   object,
                   {"message", "messages", "items", "contents", "choices", "input", "output"})) {
      // A whole request or response, a choice of one, or a list under its name.
      read(*inner);
    } else if (object.contains("parts")) {
      read_message(object);
    } else if (object_of(first_of(object, {"content"})) != nullptr) {
      read(*object.if_contains("content"));
    } else if (type.empty() || object.contains("content")) {
      read_message(object);
    }
    // What is left has a type that is no message: hand-overs and changes of settings.
  }

  void read_message(const json::object& object) {
    Message message;
    message.role = role_of(string_of(object.if_contains("role")), default_role_);
    message.tool_call_id = as_text(first_of(object, {"tool_call_id", "toolCallId"}));
    std::vector<Message> results;
    PartReader reader(message, results);
    const json::value* content = first_of(object, {"content", "parts"});
    if (const json::array* parts = array_of(content)) {
      for (const json::value& part : *parts) reader.read(part);
    } else if (const json::object* inner = object_of(content);
               inner != nullptr && inner->contains("parts")) {
      if (const json::array* nested = array_of(inner->if_contains("parts"))) {
        for (const json::value& part : *nested) reader.read(part);
      }
    } else if (content != nullptr) {
      message.content = as_text(content);
    } else if (!object.contains("role")) {
      message.content = json::serialize(object);
    }
    if (const json::array* calls = array_of(first_of(object, {"tool_calls", "toolCalls"}))) {
      for (const json::value& call : *calls) {
        if (const json::object* one = call.if_object())
          message.tool_calls.push_back(tool_call_of(*one));
      }
    } else if (const json::object* call = object_of(first_of(object, {"function_call"}))) {
      message.tool_calls.push_back(tool_call_of(*call));
    }
    finish(std::move(message), std::move(results));
  }

  void finish(Message message, std::vector<Message> results) {
    // Anthropic sends results in a user's message that holds nothing else.
    const bool empty =
        message.content.empty() && message.tool_calls.empty() && message.tool_call_id.empty();
    if (!empty || results.empty()) out_.push_back(std::move(message));
    for (Message& result : results) out_.push_back(std::move(result));
  }

  std::string default_role_;
  std::vector<Message> out_;
};

std::string_view without_space(std::string_view text) {
  const size_t from = text.find_first_not_of(" \t\r\n");
  return from == std::string_view::npos ? std::string_view() : text.substr(from);
}

}  // namespace

std::vector<Message> read_messages(std::string_view text, std::string_view default_role) {
  MessageReader reader(default_role);
  const std::string_view start = without_space(text);
  const bool may_be_json =
      start.starts_with('[') || start.starts_with('{') || start.starts_with('"');
  const auto value = may_be_json ? parse_json(text) : std::nullopt;
  if (value) {
    reader.read(*value);
  } else {
    reader.add_text(text);
  }
  std::vector<Message> out = std::move(reader).take();
  link_results(out);
  return out;
}

void link_results(std::vector<Message>& messages) {
  std::unordered_map<std::string_view, ToolMention*> uses;
  std::deque<ToolMention*> unanswered;
  for (Message& message : messages) {
    for (ToolMention& use : message.tool_calls) {
      uses[use.call_id] = &use;
      unanswered.push_back(&use);
    }
    if (message.role != "tool") continue;
    while (!unanswered.empty() && unanswered.front()->result) unanswered.pop_front();
    // OpenAI's responses name a use by two ids, and instrumentations give one with the question and
    // the other with the answer: then, as without any id, the order tells.
    const auto named = uses.find(message.tool_call_id);
    const bool is_named = !message.tool_call_id.empty() && named != uses.end();
    if (is_named) {
      named->second->result = message.content;
    } else if (!unanswered.empty()) {
      unanswered.front()->result = message.content;
    }
  }
}

std::vector<ToolMention> read_tool_calls(std::string_view text) {
  std::vector<ToolMention> out;
  const auto value = parse_json(text);
  const json::array* calls = value ? value->if_array() : nullptr;
  if (calls == nullptr) return out;
  for (const json::value& call : *calls) {
    if (const json::object* object = call.if_object()) {
      out.push_back(tool_call_of(*object));
    } else if (const auto inner = parse_json(string_of(&call)); inner && inner->is_object()) {
      out.push_back(tool_call_of(inner->get_object()));
    }
  }
  return out;
}

std::string contents_of(const std::vector<Message>& messages) {
  std::string out;
  for (const Message& message : messages) append_line(out, message.content);
  return out;
}

std::string read_parts(std::string_view text) { return contents_of(read_messages(text, "system")); }

std::vector<Message> read_event_messages(const std::vector<model::Event>& events,
                                         Direction direction) {
  std::vector<Message> out;
  for (const model::Event& event : events) {
    std::string_view role;
    if (direction == Direction::kOutput) {
      if (event.name != "gen_ai.choice") continue;
      role = "assistant";
    } else {
      if (!event.name.starts_with("gen_ai.") || !event.name.ends_with(".message")) continue;
      role = event.name.substr(7, event.name.size() - 7 - 8);
    }
    const model::Value* whole = model::find(event.attributes, "message");
    const model::Value* content = model::find(event.attributes, "content");
    const model::Value* body = content != nullptr ? content : whole;
    std::vector<Message> messages =
        read_messages(body == nullptr ? std::string_view() : body->text, role);
    if (messages.empty()) messages.emplace_back().role = role;
    Message& last = messages.back();
    if (const model::Value* own = model::find(event.attributes, "role");
        own != nullptr && !own->text.empty()) {
      last.role = role_of(own->text, role);
    }
    if (const model::Value* calls = model::find(event.attributes, "tool_calls")) {
      for (ToolMention& call : read_tool_calls(calls->text))
        last.tool_calls.push_back(std::move(call));
    }
    if (const model::Value* id = model::find(event.attributes, "id")) last.tool_call_id = id->text;
    for (Message& message : messages) out.push_back(std::move(message));
  }
  link_results(out);
  return out;
}

}  // namespace callscope::normalise::texts
