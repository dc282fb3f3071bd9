// Messages spread over attributes, one for each field. Instrumentations number them from 0, but
// attributes come in any order and some may have been dropped.
#include <charconv>
#include <map>

#include "normalise/texts/messages.h"

namespace callscope::normalise::texts {
namespace {

using model::Message;
using model::ToolMention;

// A number beyond this is no index of a message.
constexpr unsigned kIndexMax = 100'000;

struct FlatMessage {
  Message message;
  std::map<unsigned, ToolMention> calls;
  std::map<unsigned, std::string> parts;
};

// Takes "12." off the front of `path`.
bool take_index(std::string_view& path, unsigned& index) {
  const auto read = std::from_chars(path.data(), path.data() + path.size(), index);
  const auto digits = static_cast<size_t>(read.ptr - path.data());
  if (read.ec != std::errc{} || index > kIndexMax || digits >= path.size() || path[digits] != '.')
    return false;
  path.remove_prefix(digits + 1);
  return true;
}

void drop(std::string_view& path, std::string_view segment) {
  if (path.starts_with(segment)) path.remove_prefix(segment.size());
}

void set_call(ToolMention& call, std::string_view field, std::string_view value) {
  drop(field, "tool_call.");
  drop(field, "function.");
  if (field == "id") call.call_id = value;
  if (field == "name") call.name = value;
  if (field == "arguments") call.arguments = value;
}

void set(FlatMessage& out, std::string_view field, std::string_view value) {
  unsigned index = 0;
  drop(field, "message.");
  if (field == "role") {
    out.message.role = value;
  } else if (field == "content") {
    out.message.content = value;
  } else if (field == "tool_call_id") {
    out.message.tool_call_id = value;
  } else if (field == "function_call_name") {
    out.calls[0].name = value;
  } else if (field == "function_call_arguments_json") {
    out.calls[0].arguments = value;
  } else if (field.starts_with("tool_calls.")) {
    field.remove_prefix(11);
    if (take_index(field, index)) set_call(out.calls[index], field, value);
  } else if (field.starts_with("contents.")) {
    field.remove_prefix(9);
    if (take_index(field, index) && field == "message_content.text") out.parts[index] = value;
  }
}

std::string joined(const std::map<unsigned, std::string>& parts) {
  std::string out;
  for (const auto& [part, text] : parts) {
    if (!out.empty()) out.push_back('\n');
    out += text;
  }
  return out;
}

}  // namespace

std::vector<Message> read_flat_messages(const model::Attributes& attributes,
                                        std::string_view prefix, std::string_view default_role) {
  std::map<unsigned, FlatMessage> found;
  for (const model::Attribute& attribute : attributes) {
    std::string_view path = attribute.key;
    unsigned index = 0;
    if (!path.starts_with(prefix) || path.size() <= prefix.size() || path[prefix.size()] != '.')
      continue;
    path.remove_prefix(prefix.size() + 1);
    if (take_index(path, index)) set(found[index], path, attribute.value.text);
  }
  std::vector<Message> out;
  for (auto& [index, flat] : found) {
    std::vector<Message> whole;
    // Some write the content as a whole and in parts.
    if (flat.message.content.empty()) flat.message.content = joined(flat.parts);
    for (auto& [number, call] : flat.calls) flat.message.tool_calls.push_back(std::move(call));
    if (flat.message.role.empty()) flat.message.role = default_role;
    // A content of several parts, or of none, is written as JSON.
    if (flat.message.content == "[]") flat.message.content.clear();
    if (flat.message.content.starts_with("[{")) {
      whole = read_messages(flat.message.content, flat.message.role);
    }
    if (whole.empty()) {
      out.push_back(std::move(flat.message));
      continue;
    }
    for (ToolMention& call : flat.message.tool_calls)
      whole.front().tool_calls.push_back(std::move(call));
    for (Message& message : whole) out.push_back(std::move(message));
  }
  link_results(out);
  return out;
}

}  // namespace callscope::normalise::texts
