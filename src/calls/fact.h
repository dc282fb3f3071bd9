// What we keep of a span to derive its call from: model::SpanFacts in about 170 bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "calls/names.h"
#include "model/facts.h"
#include "model/span.h"

namespace callscope::calls {

// A count or a number of microseconds (up to 35 minutes) in four bytes. Larger values are cut to
// the largest, negative ones to 0.
class SmallMeasure {
 public:
  constexpr SmallMeasure() = default;
  constexpr SmallMeasure(model::Measure measure) {
    if (measure) {
      value_ = static_cast<int32_t>(
          std::clamp<int64_t>(*measure, 0, std::numeric_limits<int32_t>::max()));
    }
  }
  constexpr operator model::Measure() const {
    return has_value() ? model::Measure(value_) : model::Measure();
  }
  constexpr bool has_value() const { return value_ != kAbsent; }
  constexpr explicit operator bool() const { return has_value(); }
  constexpr int64_t operator*() const { return value_; }

 private:
  static constexpr int32_t kAbsent = -1;
  int32_t value_ = kAbsent;
};

// The whole of a span id is its prefix; comparing that is one instruction.
inline bool is_same(const SpanId& a, const SpanId& b) { return a.prefix() == b.prefix(); }

enum FactBit : uint32_t {
  // The low bits are those of model::SpanFlag.
  kBillable = 1u << 16,
  kDurationValid = 1u << 17,
  kInterrupted = 1u << 18,
  kIsError = 1u << 19,
  kProvisional = 1u << 20,
  kCallEndedIt = 1u << 21,
  kInputNetOfCache = 1u << 22,
  kIdReused = 1u << 23,      // the span that had this id before was another one
  kHasText = 1u << 24,       // of a user turn: something was understood
  kProgrammatic = 1u << 25,  // interrupted by the agent's own program
  kParentIsItself = 1u << 26,
  kAsksTools = 1u << 27,
};

// The mapping table's rule of Pipecat's spans that have what a realtime model was told.
inline constexpr std::string_view kRealtimeRequestRule = "pc.rt.req";

struct Fact {
  SpanId id;
  SpanId parent;  // zero for a root
  TimeNs start;   // set: where the sender gave none, the end, or when it was received
  TimeNs end;     // unset where the sender gave none; never before the start
  TimeNs received;
  model::Measure audio_us, session_us, cost_nano_usd;
  SmallMeasure turn_index;
  SmallMeasure latency_us, response_latency_us, endpointing_us, transcription_us;
  SmallMeasure text_aggregation_us, queue_wait_us, hook_us;
  SmallMeasure input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens;
  SmallMeasure audio_input_tokens, audio_output_tokens;
  SmallMeasure characters;
  uint32_t bits = 0;   // of FactBit and model::SpanFlag
  uint32_t trace = 0;  // index in FactSet::traces
  uint32_t agent = 0;
  NameId framework = 0, version = 0, rule = 0;
  NameId provider = 0, model = 0, tool = 0, session_key = 0;
  model::OpKind kind = model::OpKind::kOther;
  model::CostSource cost_source = model::CostSource::kNone;

  bool is_root() const { return parent.prefix() == 0; }
  bool has(FactBit bit) const { return (bits & bit) != 0; }
  bool has(model::SpanFlag flag) const { return (bits & flag) != 0; }
  // Zero where the end is unknown.
  DurationNs duration() const { return end.is_set() ? end - start : DurationNs{}; }
  TimeNs end_or_start() const { return end.is_set() ? end : start; }
};
static_assert(sizeof(Fact) <= 184);

// Names go into `names`, which is that of the span's trace.
Fact make_fact(const model::Span& span, const model::SpanFacts& facts, NameTable& names);

}  // namespace callscope::calls
