// What test/cases/normalise does not show: input that is cut, hostile or odd.
#include "normalise/texts/messages.h"

#include <gtest/gtest.h>

namespace callscope::normalise::texts {
namespace {

using model::Message;

// "role: content <name(arguments)=result>" for each message, a line each.
std::string printed(const std::vector<Message>& messages) {
  std::string out;
  for (const Message& message : messages) {
    out += message.role + ":";
    if (!message.tool_call_id.empty()) out += " #" + message.tool_call_id;
    if (!message.content.empty()) out += " " + message.content;
    for (const model::ToolMention& call : message.tool_calls) {
      out += " <" + call.name + "(" + call.arguments + ")" +
             (call.result ? "=" + *call.result : "") + ">";
    }
    out += "\n";
  }
  return out;
}

void check(std::string_view json, std::string_view expected) {
  EXPECT_EQ(printed(read_messages(json, "user")), expected) << json;
}

TEST(Messages, TextIsAMessage) {
  check("", "");
  check("Hello.", "user: Hello.\n");
  check("[Laughs] Hello.", "user: [Laughs] Hello.\n");
  check("\"Hello.\"", "user: Hello.\n");
  check("42", "user: 42\n");
  check("null", "user: null\n");
}

TEST(Messages, WhatIsCutIsKeptAsText) {
  check(R"([{"role":"user","content":"Hel)", "user: [{\"role\":\"user\",\"content\":\"Hel\n");
}

TEST(Messages, ListsOfAnything) {
  check("[]", "");
  check("{}", "user: {}\n");
  check(R"(["Hi", "there"])", "user: Hi\nuser: there\n");
  check(R"([1, null, true])", "");
  check(R"([{"type":"text","text":"Hi"},{"type":"text","text":"there"}])", "user: Hi\nthere\n");
  check(R"({"query":"x"})", "user: {\"query\":\"x\"}\n");
  check(R"({"messages":[{"role":"human","content":"Hi"}]})", "user: Hi\n");
}

TEST(Messages, ContentOfManyShapes) {
  check(R"([{"role":"assistant","content":null,"tool_calls":[]}])", "assistant:\n");
  check(R"([{"role":"user","content":{"a":1}}])", "user: {\"a\":1}\n");
  check(R"([{"role":"user","content":[{"type":"input_audio","input_audio":{"data":")" +
            std::string(5'000, 'A') + R"("}}]}])",
        "user: [input_audio]\n");
  check(R"([{"role":"user","content":[{"type":"input_audio","transcript":"Hi"}]}])", "user: Hi\n");
  check(
      R"([{"role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"Hi"}]}])",
      "assistant: Hi\n");
}

TEST(Messages, ToolUsesOfEveryDialect) {
  check(
      R"([{"type":"function_call","call_id":"1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"1","output":"ok"}])",
      "assistant: <f({})=ok>\ntool: #1 ok\n");
  check(
      R"([{"role":"assistant","content":[{"toolUse":{"toolUseId":"1","name":"f","input":{"a":1}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"1","content":[{"json":{"b":2}}],"status":"success"}}]}])",
      "assistant: <f({\"a\":1})={\"b\":2}>\ntool: #1 {\"b\":2}\n");
  check(R"([{"role":"assistant","function_call":{"name":"f","arguments":"{}"}}])",
        "assistant: <f({})>\n");
  check(
      R"([{"role":"tool","content":[{"type":"tool-result","toolCallId":"1","toolName":"f","output":{"type":"json","value":{"ok":true}}}]}])",
      "tool: #1 {\"ok\":true}\n");
  // An id used twice: the answer belongs to the latest use in front of it.
  check(
      R"([{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"a"}}]},{"role":"tool","tool_call_id":"1","content":"first"},
            {"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"b"}}]},{"role":"tool","tool_call_id":"1","content":"second"}])",
      "assistant: <f(a)=first>\ntool: #1 first\nassistant: <f(b)=second>\ntool: #1 second\n");
  check(R"([{"role":"tool","tool_call_id":"none","content":"lost"}])", "tool: #none lost\n");
  // Answers without an id come in the order of the uses.
  check(
      R"([{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"a"}},{"id":"2","function":{"name":"g","arguments":"b"}}]},
            {"role":"tool","content":"of f"},{"role":"tool","content":"of g"}])",
      "assistant: <f(a)=of f> <g(b)=of g>\ntool: of f\ntool: of g\n");
}

TEST(Messages, HostileJsonIsSafe) {
  const std::string deep = std::string(3'000, '[') + std::string(3'000, ']');
  EXPECT_EQ(read_messages(deep, "user").size(), 1u);
  EXPECT_EQ(read_messages(std::string(5'000'000, '['), "user").size(), 1u);
  std::string many = "[";
  for (int i = 0; i < 100'000; ++i) many += R"({"role":"user","content":"x"},)";
  many.back() = ']';
  EXPECT_EQ(read_messages(many, "user").size(), 100'000u);
  EXPECT_TRUE(read_tool_calls(deep).empty());
  EXPECT_TRUE(read_tool_calls(R"([1,"x",null,{"a":1}])").size() == 1);
}

TEST(Messages, FlatOnesMayBeSparseAndUnordered) {
  const auto text = [](std::string_view s) { return model::Value::of(s); };
  const model::Attributes attributes = {{"gen_ai.prompt.7.content", text("second")},
                                        {"gen_ai.prompt.0.role", text("system")},
                                        {"gen_ai.prompt.0.content", text("first")},
                                        {"gen_ai.prompt.x.content", text("no number")},
                                        {"gen_ai.prompt.1", text("no field")},
                                        {"gen_ai.prompt.4294967297.role", text("too large")},
                                        {"gen_ai.prompted.0.content", text("other")},
                                        {"gen_ai.prompt.0.tool_calls.2.name", text("f")}};
  EXPECT_EQ(printed(read_flat_messages(attributes, "gen_ai.prompt", "user")),
            "system: first <f()>\nuser: second\n");
}

TEST(Messages, SystemInstructionsAreParts) {
  EXPECT_EQ(
      read_parts(R"([{"type":"text","content":"Be brief."},{"type":"text","content":"Be kind."}])"),
      "Be brief.\nBe kind.");
  EXPECT_EQ(read_parts("Be brief."), "Be brief.");
}

}  // namespace
}  // namespace callscope::normalise::texts
