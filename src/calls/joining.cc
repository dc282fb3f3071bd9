#include "calls/joining.h"

#include <algorithm>
#include <array>
#include <optional>

namespace callscope::calls {
namespace {

// A sender that makes a new key for every span must not make us keep them all.
constexpr size_t kKeysMax = 8;
constexpr size_t kKeyBytesMax = 256;

// By KeyKind.
constexpr std::array<JoinRule, 6> kRules = {{
    {.gap_max = DurationNs::from_s(60), .orphans_only = true},
    {.gap_max = kJoinGapMax},
    {.gap_max = DurationNs::from_s(60)},
    {.gap_max = DurationNs::from_s(5)},
    {.gap_max = DurationNs::from_s(300), .joins_call_spans = true},
    {.gap_max = DurationNs::from_s(60)},
}};

struct KeyAttribute {
  std::string_view name;
  KeyKind kind;
};
// Read from the outermost spans of a trace besides the key that the mapping table names.
constexpr KeyAttribute kKeyAttributes[] = {
    {"lk.job_id", KeyKind::kJob},         {"job_id", KeyKind::kJob},
    {"lk.room_sid", KeyKind::kRoomSid},   {"room_id", KeyKind::kRoomSid},
    {"lk.room_name", KeyKind::kRoomName}, {"lk.pii.room_name", KeyKind::kRoomName},
    {"session.id", KeyKind::kSession},    {"langfuse.session.id", KeyKind::kSession},
};

// What the mapping table's session_key of a framework is. LiveKit's ids say what they name.
KeyKind kind_of_session_key(std::string_view framework, std::string_view key) {
  if (framework == "pipecat") return KeyKind::kConversation;
  if (framework == "livekit" && key.starts_with("AJ_")) return KeyKind::kJob;
  if (framework == "livekit" && key.starts_with("RM_")) return KeyKind::kRoomSid;
  return KeyKind::kSession;
}

std::optional<KeyKind> kind_of_attribute(std::string_view name,
                                         const std::vector<std::string>& session_names) {
  for (const KeyAttribute& known : kKeyAttributes) {
    if (known.name == name) return known.kind;
  }
  if (std::find(session_names.begin(), session_names.end(), name) != session_names.end()) {
    return KeyKind::kSession;
  }
  return std::nullopt;
}

bool add_key(std::vector<JoinKey>& keys, KeyKind kind, std::string_view value) {
  if (value.empty() || value.size() > kKeyBytesMax || keys.size() >= kKeysMax) return false;
  for (const JoinKey& key : keys) {
    if (key.kind == kind && key.value == value) return false;
  }
  keys.push_back({kind, std::string(value)});
  return true;
}

// OpenInference for Pipecat makes a trace of each turn and names the call only if the application
// did; then the process and rising turn numbers have to tell.
std::string_view instance_of(const model::Span& span, const model::SpanFacts& facts) {
  if (facts.kind != model::OpKind::kTurn || !facts.session_key.empty() || !facts.turn_index ||
      !span.resource) {
    return {};
  }
  const model::Value* instance = model::find(span.resource->attributes, "service.instance.id");
  return instance && instance->type == model::ValueType::kString ? instance->text
                                                                 : std::string_view();
}

}  // namespace

JoinRule join_rule(KeyKind kind) { return kRules[static_cast<size_t>(kind)]; }

bool collect_keys(const model::Span& span, const model::SpanFacts& facts,
                  const std::vector<std::string>& session_names, std::vector<JoinKey>& keys) {
  bool is_new = false;
  if (!facts.session_key.empty()) {
    const KeyKind kind = kind_of_session_key(facts.framework, facts.session_key);
    is_new = add_key(keys, kind, facts.session_key);
  }
  const bool is_outermost = span.parent_span_id.prefix() == 0 || facts.kind == model::OpKind::kCall;
  if (!is_outermost) return is_new;
  for (const model::Attribute& attribute : span.attributes) {
    if (attribute.value.type != model::ValueType::kString) continue;
    if (const auto kind = kind_of_attribute(attribute.key, session_names)) {
      is_new |= add_key(keys, *kind, attribute.value.text);
    }
  }
  return add_key(keys, KeyKind::kInstance, instance_of(span, facts)) || is_new;
}

}  // namespace callscope::calls
