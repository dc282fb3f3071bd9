#include "normalise/reports/dialects.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace callscope::normalise::reports {
namespace {

using Names = std::string_view;

constexpr Names kRole[] = {"role", "type"};
constexpr Names kContent[] = {"content", "dtmf", "digit"};
constexpr Names kMessage[] = {"message"};
constexpr Names kUser[] = {"user"};
constexpr Names kText[] = {"text"};
constexpr Names kType[] = {"type"};
constexpr Names kComponents[] = {"components", "text", "message"};
constexpr Names kAnyRole[] = {"role",        "speaker", "sender", "from", "author",
                              "participant", "source",  "user",   "type", "name"};
constexpr Names kAnyText[] = {"content",   "text",     "message", "transcript",
                              "utterance", "sentence", "body",    "value"};

// Times whose unit the numbers themselves must tell.
constexpr TimeMember kAnyStart[] = {{"start_s", Unit::kSeconds},
                                    {"start_ms", Unit::kMilliseconds},
                                    {"start_time"},
                                    {"startTime"},
                                    {"start"},
                                    {"started_at"},
                                    {"startedAt"},
                                    {"time_in_call_secs", Unit::kSeconds},
                                    {"secondsFromStart", Unit::kSeconds},
                                    {"timestamp_ms", Unit::kMilliseconds},
                                    {"timestamp"},
                                    {"time"},
                                    {"offset"},
                                    {"created_at"},
                                    {"createdAt"},
                                    {"createdOn"}};
constexpr TimeMember kAnyEnd[] = {{"end_s", Unit::kSeconds},
                                  {"end_ms", Unit::kMilliseconds},
                                  {"end_time"},
                                  {"endTime"},
                                  {"end"},
                                  {"ended_at"},
                                  {"endedAt"}};
constexpr TimeMember kVapiStart[] = {{"secondsFromStart", Unit::kSeconds}, {"time"}};
constexpr TimeMember kVapiEnd[] = {{"endTime"}};
constexpr TimeMember kDurationMs[] = {{"duration", Unit::kMilliseconds}};
constexpr TimeMember kSecondsInCall[] = {{"time_in_call_secs", Unit::kSeconds}};
constexpr TimeMember kCreatedAt[] = {{"created_at"}, {"createdAt"}, {"createdOn"}};
constexpr TimeMember kLivekitStart[] = {
    {"timestamp"}, {"created_at"}, {"start_time"}, {"started_at"}};

constexpr std::array kDialects = {
    Dialect{"cekura", kRole, kContent, kAnyStart, kAnyEnd, {}},
    Dialect{"vocera", kRole, kContent, kAnyStart, kAnyEnd, {}},
    Dialect{"vapi", kRole, kMessage, kVapiStart, kVapiEnd, kDurationMs, "time", "endTime"},
    Dialect{"retell", kRole, kContent, kAnyStart, kAnyEnd, {}},
    Dialect{"elevenlabs", kRole, kMessage, kSecondsInCall, {}, {}},
    Dialect{.name = "pipecat",
            .role = kRole,
            .text = kContent,
            .start = kAnyStart,
            .end = kAnyEnd,
            .length = {},
            .tool_times_are_turns = true},
    Dialect{"livekit", kRole, kContent, kLivekitStart, kAnyEnd, {}},
    Dialect{"bland", kUser, kText, kCreatedAt, {}, {}},
    Dialect{"koreai", kType, kComponents, kCreatedAt, {}, {}},
    Dialect{"plain", kAnyRole, kAnyText, kAnyStart, kAnyEnd, {}},
};

const Dialect& named(std::string_view name) { return *dialect_named(name); }

bool has(const json::object& entry, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return entry.if_contains(name) != nullptr; });
}

}  // namespace

void Drafts::note(size_t index, std::string_view member, std::string message) {
  notes.add(member.empty() ? fmt::format("{}[{}]", field, index)
                           : fmt::format("{}[{}].{}", field, index, member),
            std::move(message));
}

const Dialect* dialect_named(std::string_view name) {
  const auto* found = std::find_if(kDialects.begin(), kDialects.end(),
                                   [&](const Dialect& each) { return each.name == name; });
  return found == kDialects.end() ? nullptr : &*found;
}

const Dialect& detect(const json::array& entries) {
  constexpr size_t kLookAtMax = 200;
  constexpr std::array<std::string_view, 8> kSigns = {"livekit", "koreai", "elevenlabs", "vapi",
                                                      "retell",  "bland",  "pipecat",    "cekura"};
  std::array<size_t, kSigns.size()> counts{};
  const auto sign = [&](size_t which) { ++counts[which]; };
  for (size_t i = 0; i < std::min(entries.size(), kLookAtMax); ++i) {
    const json::object* entry = object_of(&entries[i]);
    if (entry == nullptr) continue;
    const std::string_view role = string_of(entry->if_contains("role"));
    const std::string_view type = string_of(entry->if_contains("type"));
    if (type == "message" || type == "function_call" || type == "function_call_output" ||
        type == "agent_handoff" || type == "agent_config_update") {
      sign(0);
    } else if (has(*entry, {"components"}) || type == "incoming" || type == "outgoing") {
      sign(1);
    } else if (has(*entry, {"time_in_call_secs", "tool_results", "conversation_turn_metrics"})) {
      sign(2);
    } else if (has(*entry, {"secondsFromStart", "toolCalls", "toolCallId"}) ||
               (has(*entry, {"message"}) && has(*entry, {"endTime", "duration"}))) {
      sign(3);
    } else if (role == "tool_call_invocation" || (has(*entry, {"words"}) && !role.empty())) {
      sign(4);
    } else if (entry->if_contains("user") != nullptr && has(*entry, {"text"}) && role.empty()) {
      sign(5);
    } else if (has(*entry, {"tool_calls", "tool_call_id", "started_at"}) && role != "agent") {
      sign(6);
    } else if (role == "Testing Agent" || role == "Main Agent" ||
               role.starts_with("Function Call")) {
      sign(7);
    }
  }
  const auto most = std::max_element(counts.begin(), counts.end());
  if (*most == 0) return named("plain");
  return named(kSigns[static_cast<size_t>(most - counts.begin())]);
}

}  // namespace callscope::normalise::reports
