// Which names of a call a span carries, and how far each may be trusted to join traces. The table
// in docs/calls.md ("Joining") says the same in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/facts.h"
#include "model/span.h"

namespace callscope::calls {

enum class KeyKind : uint8_t {
  kConversation,  // chosen by the application and reused, as a customer's number may be
  kJob,           // made for one job of an agent
  kRoomSid,       // made for one room
  kRoomName,      // chosen by the application and reused
  kSession,       // chosen by the application; names a series of traces
  kInstance,      // a process: joins its traces that number their turns and have no other name
};

struct JoinKey {
  KeyKind kind = KeyKind::kSession;
  std::string value;
  bool operator==(const JoinKey&) const = default;
};

// How traces that share a key may be one call.
struct JoinRule {
  // Between the end of one trace and the start of the next. Keys are reused, so all are bounded.
  DurationNs gap_max;
  // Traces of the same key may each have a call span and yet be one call; where this is false a
  // call span always is a call of its own and the key only brings home traces that lack one.
  bool joins_call_spans = false;
  // Only a trace whose outermost span has come, and is no call's, joins a call; such traces never
  // join each other. For names that several calls bear at the same time.
  bool orphans_only = false;
};
JoinRule join_rule(KeyKind kind);

// The longest gap of any rule: how far apart two traces can be and still be one call.
inline constexpr DurationNs kJoinGapMax = DurationNs::from_s(600);

// Appends the keys of `span` that `keys` lacks and returns whether there were any. `session_names`
// are further attributes that the operator wants calls joined by. Cheap where nothing is new.
bool collect_keys(const model::Span& span, const model::SpanFacts& facts,
                  const std::vector<std::string>& session_names, std::vector<JoinKey>& keys);

}  // namespace callscope::calls
