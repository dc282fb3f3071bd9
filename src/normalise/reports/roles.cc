#include "normalise/reports/roles.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace callscope::normalise::reports {
namespace {

using Entry = std::pair<std::string_view, Speaker>;

constexpr std::array kSpeakers = [] {
  std::array entries = {
      Entry("user", Speaker::kCaller),
      Entry("customer", Speaker::kCaller),
      Entry("caller", Speaker::kCaller),
      Entry("human", Speaker::kCaller),
      Entry("testingagent", Speaker::kCaller),
      Entry("client", Speaker::kCaller),
      Entry("contact", Speaker::kCaller),
      Entry("callee", Speaker::kCaller),
      Entry("enduser", Speaker::kCaller),
      Entry("guest", Speaker::kCaller),
      Entry("incoming", Speaker::kCaller),
      Entry("dtmf", Speaker::kCaller),
      Entry("assistant", Speaker::kAgent),
      Entry("agent", Speaker::kAgent),
      Entry("bot", Speaker::kAgent),
      Entry("ai", Speaker::kAgent),
      Entry("mainagent", Speaker::kAgent),
      Entry("robot", Speaker::kAgent),
      Entry("model", Speaker::kAgent),
      Entry("aiagent", Speaker::kAgent),
      Entry("aiassistant", Speaker::kAgent),
      Entry("voiceagent", Speaker::kAgent),
      Entry("virtualagent", Speaker::kAgent),
      Entry("humanagent", Speaker::kAgent),
      Entry("voicebot", Speaker::kAgent),
      Entry("outgoing", Speaker::kAgent),
      Entry("system", Speaker::kSystem),
      Entry("developer", Speaker::kSystem),
      Entry("agentaction", Speaker::kSystem),
      Entry("agenthandoff", Speaker::kSystem),
      Entry("functioncall", Speaker::kToolCall),
      Entry("toolcall", Speaker::kToolCall),
      Entry("toolcalls", Speaker::kToolCall),
      Entry("toolcallinvocation", Speaker::kToolCall),
      Entry("functioncallresult", Speaker::kToolResult),
      Entry("functioncalloutput", Speaker::kToolResult),
      Entry("functionresult", Speaker::kToolResult),
      Entry("toolcallresult", Speaker::kToolResult),
      Entry("toolresult", Speaker::kToolResult),
      Entry("tool", Speaker::kToolResult),
      Entry("function", Speaker::kToolResult),
      Entry("nodetransition", Speaker::kNothing),
      Entry("agentconfigupdate", Speaker::kNothing),
  };
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.first < b.first; });
  return entries;
}();

}  // namespace

Speaker speaker_of(std::string_view role) {
  std::array<char, 24> plain;
  size_t size = 0;
  for (char c : role) {
    if (c == ' ' || c == '-' || c == '_' || c == '\t') continue;
    if (size == plain.size()) return Speaker::kUnknown;
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    plain[size++] = c;
  }
  const std::string_view word(plain.data(), size);
  const auto* found =
      std::lower_bound(kSpeakers.begin(), kSpeakers.end(), word,
                       [](const Entry& a, std::string_view b) { return a.first < b; });
  return found != kSpeakers.end() && found->first == word ? found->second : Speaker::kUnknown;
}

}  // namespace callscope::normalise::reports
