// Spans and log lines as OTLP sends them. Strings are borrowed: from the request they were decoded
// from, or from the arena of the SpanBatch that holds them.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/ids.h"
#include "base/time.h"

namespace callscope::model {

enum class ValueType : uint8_t { kEmpty, kString, kBool, kInt, kDouble, kBytes, kArray, kMap };

// An OTLP AnyValue. Arrays and maps are kept as JSON text (docs/formats/lake.md says how types that
// JSON lacks are spelled), since nothing on the way of a span looks inside them.
struct Value {
  ValueType type = ValueType::kEmpty;
  union {
    bool boolean;
    int64_t integer = 0;
    double real;
  };
  std::string_view text;  // kString and kBytes: the content; kArray and kMap: JSON

  static Value of(std::string_view s) {
    return {.type = ValueType::kString, .integer = 0, .text = s};
  }
  static Value of_bool(bool b) { return {.type = ValueType::kBool, .boolean = b, .text = {}}; }
  static Value of_int(int64_t i) { return {.type = ValueType::kInt, .integer = i, .text = {}}; }
  static Value of_double(double d) { return {.type = ValueType::kDouble, .real = d, .text = {}}; }
};

struct Attribute {
  std::string_view key;
  Value value;
};
using Attributes = std::vector<Attribute>;

// The value of `key`, or nullptr. The last one wins where a sender repeats a key.
const Value* find(const Attributes& attributes, std::string_view key);

struct Resource {
  Attributes attributes;
  uint32_t dropped_attributes = 0;
  std::string_view schema_url;
};

struct Scope {
  std::string_view name;
  std::string_view version;
  Attributes attributes;
  std::string_view schema_url;
};

// Numbers as in OTLP's Span.SpanKind and Status.StatusCode.
enum class OtelKind : uint8_t { kUnspecified, kInternal, kServer, kClient, kProducer, kConsumer };
enum class StatusCode : uint8_t { kUnset, kOk, kError };

struct Event {
  TimeNs time;
  std::string_view name;
  Attributes attributes;
  uint32_t dropped_attributes = 0;
};

struct Link {
  TraceId trace_id;
  SpanId span_id;
  std::string_view trace_state;
  Attributes attributes;
  uint32_t dropped_attributes = 0;
  uint32_t flags = 0;
};

// What is odd about a span as it was sent. Stored with it, as bits.
enum SpanFlag : uint32_t {
  kEndBeforeStart = 1u << 0,
  kNoName = 1u << 1,
  kNoStart = 1u << 2,
  kNoEnd = 1u << 3,
  kAttributeCut = 1u << 4,       // an attribute was longer than the limit and was cut with a mark
  kAttributesDropped = 1u << 5,  // more attributes than the limit
  kClockFarOff = 1u << 6,        // more than a day from the time at which it was received
  kReplaced = 1u << 7,           // an earlier version of this span had other content
};

struct Span {
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_span_id;  // zero for a root
  std::string_view name;
  OtelKind kind = OtelKind::kUnspecified;
  StatusCode status = StatusCode::kUnset;
  std::string_view status_message;
  TimeNs start;
  TimeNs end;
  TimeNs received;  // by us
  std::string_view trace_state;
  uint32_t trace_flags = 0;  // W3C trace flags and OTLP's is-remote bits
  uint32_t flags = 0;        // of SpanFlag
  Attributes attributes;
  std::vector<Event> events;
  std::vector<Link> links;
  uint32_t dropped_attributes = 0;
  uint32_t dropped_events = 0;
  uint32_t dropped_links = 0;
  ProjectId project = 0;
  AgentId agent = 0;
  const Resource* resource = nullptr;  // never null in a decoded span
  const Scope* scope = nullptr;        // never null in a decoded span

  DurationNs duration() const { return end - start; }
};

struct LogLine {
  TimeNs time;  // when it happened, or when it was observed where that is unknown
  int32_t severity_number = 0;
  std::string_view severity_text;
  std::string_view event_name;
  Value body;
  Attributes attributes;
  TraceId trace_id;  // zero where the line belongs to no trace
  SpanId span_id;
  uint32_t trace_flags = 0;
  uint32_t dropped_attributes = 0;
  TimeNs received;
  ProjectId project = 0;
  AgentId agent = 0;
  const Resource* resource = nullptr;
  const Scope* scope = nullptr;
};

// Spans with all that they borrow. Addresses stay put as it grows. `keep_alive` holds what else the
// views point into.
struct SpanBatch {
  Arena arena;
  std::deque<Resource> resources;
  std::deque<Scope> scopes;
  std::deque<Span> spans;
  std::vector<std::shared_ptr<const void>> keep_alive;
};

struct LogBatch {
  Arena arena;
  std::deque<Resource> resources;
  std::deque<Scope> scopes;
  std::deque<LogLine> lines;
  std::vector<std::shared_ptr<const void>> keep_alive;
};

}  // namespace callscope::model
