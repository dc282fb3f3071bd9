// The messages of OTLP as a JSON reader sees them: which member is which field of which type. Data
// for otlp_json_read.cc alone.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "normalise/otlp_fields.h"

namespace callscope::normalise::otlp_json {

enum class MemberType : uint8_t {
  kString,
  kBytes,  // base64
  kId,     // hex
  kBool,
  kInt64,   // varint, signed
  kUint32,  // varint
  kFixed32,
  kFixed64,
  kDouble,
  kEnum,  // varint
  kMessage,
};

struct Message;

struct Member {
  std::string_view name;  // lowerCamelCase
  uint32_t number = 0;
  MemberType type = MemberType::kString;
  const Message* message = nullptr;  // of kMessage
  bool repeated = false;
  std::span<const std::string_view> values = {};  // of kEnum, by number
};

struct Message {
  std::span<const Member> members;
};

inline constexpr std::string_view kSpanKinds[] = {"SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL",
                                                  "SPAN_KIND_SERVER",      "SPAN_KIND_CLIENT",
                                                  "SPAN_KIND_PRODUCER",    "SPAN_KIND_CONSUMER"};
inline constexpr std::string_view kStatusCodes[] = {"STATUS_CODE_UNSET", "STATUS_CODE_OK",
                                                    "STATUS_CODE_ERROR"};
inline constexpr std::string_view kSeverities[] = {
    "SEVERITY_NUMBER_UNSPECIFIED", "SEVERITY_NUMBER_TRACE",  "SEVERITY_NUMBER_TRACE2",
    "SEVERITY_NUMBER_TRACE3",      "SEVERITY_NUMBER_TRACE4", "SEVERITY_NUMBER_DEBUG",
    "SEVERITY_NUMBER_DEBUG2",      "SEVERITY_NUMBER_DEBUG3", "SEVERITY_NUMBER_DEBUG4",
    "SEVERITY_NUMBER_INFO",        "SEVERITY_NUMBER_INFO2",  "SEVERITY_NUMBER_INFO3",
    "SEVERITY_NUMBER_INFO4",       "SEVERITY_NUMBER_WARN",   "SEVERITY_NUMBER_WARN2",
    "SEVERITY_NUMBER_WARN3",       "SEVERITY_NUMBER_WARN4",  "SEVERITY_NUMBER_ERROR",
    "SEVERITY_NUMBER_ERROR2",      "SEVERITY_NUMBER_ERROR3", "SEVERITY_NUMBER_ERROR4",
    "SEVERITY_NUMBER_FATAL",       "SEVERITY_NUMBER_FATAL2", "SEVERITY_NUMBER_FATAL3",
    "SEVERITY_NUMBER_FATAL4"};

extern const Message kAnyValue;

inline constexpr Member kKeyValueMembers[] = {
    {"key", otlp::key_value::kKey, MemberType::kString},
    {"value", otlp::key_value::kValue, MemberType::kMessage, &kAnyValue},
};
inline constexpr Message kKeyValue = {kKeyValueMembers};

inline constexpr Member kArrayValueMembers[] = {
    {"values", otlp::any_value::kListValues, MemberType::kMessage, &kAnyValue, true},
};
inline constexpr Message kArrayValue = {kArrayValueMembers};

inline constexpr Member kMapValueMembers[] = {
    {"values", otlp::any_value::kListValues, MemberType::kMessage, &kKeyValue, true},
};
inline constexpr Message kMapValue = {kMapValueMembers};

inline constexpr Member kAnyValueMembers[] = {
    {"stringValue", otlp::any_value::kString, MemberType::kString},
    {"boolValue", otlp::any_value::kBool, MemberType::kBool},
    {"intValue", otlp::any_value::kInt, MemberType::kInt64},
    {"doubleValue", otlp::any_value::kDouble, MemberType::kDouble},
    {"arrayValue", otlp::any_value::kArray, MemberType::kMessage, &kArrayValue},
    {"kvlistValue", otlp::any_value::kMap, MemberType::kMessage, &kMapValue},
    {"bytesValue", otlp::any_value::kBytes, MemberType::kBytes},
};
inline constexpr Message kAnyValue = {kAnyValueMembers};

inline constexpr Member kResourceMembers[] = {
    {"attributes", otlp::resource::kAttributes, MemberType::kMessage, &kKeyValue, true},
    {"droppedAttributesCount", otlp::resource::kDroppedAttributes, MemberType::kUint32},
};
inline constexpr Message kResource = {kResourceMembers};

inline constexpr Member kScopeMembers[] = {
    {"name", otlp::scope::kName, MemberType::kString},
    {"version", otlp::scope::kVersion, MemberType::kString},
    {"attributes", otlp::scope::kAttributes, MemberType::kMessage, &kKeyValue, true},
};
inline constexpr Message kScope = {kScopeMembers};

inline constexpr Member kEventMembers[] = {
    {"timeUnixNano", otlp::event::kTime, MemberType::kFixed64},
    {"name", otlp::event::kName, MemberType::kString},
    {"attributes", otlp::event::kAttributes, MemberType::kMessage, &kKeyValue, true},
    {"droppedAttributesCount", otlp::event::kDroppedAttributes, MemberType::kUint32},
};
inline constexpr Message kEvent = {kEventMembers};

inline constexpr Member kLinkMembers[] = {
    {"traceId", otlp::link::kTraceId, MemberType::kId},
    {"spanId", otlp::link::kSpanId, MemberType::kId},
    {"traceState", otlp::link::kTraceState, MemberType::kString},
    {"attributes", otlp::link::kAttributes, MemberType::kMessage, &kKeyValue, true},
    {"droppedAttributesCount", otlp::link::kDroppedAttributes, MemberType::kUint32},
    {"flags", otlp::link::kFlags, MemberType::kFixed32},
};
inline constexpr Message kLink = {kLinkMembers};

inline constexpr Member kStatusMembers[] = {
    {"message", otlp::status::kMessage, MemberType::kString},
    {"code", otlp::status::kCode, MemberType::kEnum, nullptr, false, kStatusCodes},
};
inline constexpr Message kStatus = {kStatusMembers};

inline constexpr Member kSpanMembers[] = {
    {"traceId", otlp::span::kTraceId, MemberType::kId},
    {"spanId", otlp::span::kSpanId, MemberType::kId},
    {"traceState", otlp::span::kTraceState, MemberType::kString},
    {"parentSpanId", otlp::span::kParentSpanId, MemberType::kId},
    {"name", otlp::span::kName, MemberType::kString},
    {"kind", otlp::span::kKind, MemberType::kEnum, nullptr, false, kSpanKinds},
    {"startTimeUnixNano", otlp::span::kStart, MemberType::kFixed64},
    {"endTimeUnixNano", otlp::span::kEnd, MemberType::kFixed64},
    {"attributes", otlp::span::kAttributes, MemberType::kMessage, &kKeyValue, true},
    {"droppedAttributesCount", otlp::span::kDroppedAttributes, MemberType::kUint32},
    {"events", otlp::span::kEvents, MemberType::kMessage, &kEvent, true},
    {"droppedEventsCount", otlp::span::kDroppedEvents, MemberType::kUint32},
    {"links", otlp::span::kLinks, MemberType::kMessage, &kLink, true},
    {"droppedLinksCount", otlp::span::kDroppedLinks, MemberType::kUint32},
    {"status", otlp::span::kStatus, MemberType::kMessage, &kStatus},
    {"flags", otlp::span::kFlags, MemberType::kFixed32},
};
inline constexpr Message kSpan = {kSpanMembers};

inline constexpr Member kLogMembers[] = {
    {"timeUnixNano", otlp::log::kTime, MemberType::kFixed64},
    {"observedTimeUnixNano", otlp::log::kObservedTime, MemberType::kFixed64},
    {"severityNumber", otlp::log::kSeverityNumber, MemberType::kEnum, nullptr, false, kSeverities},
    {"severityText", otlp::log::kSeverityText, MemberType::kString},
    {"body", otlp::log::kBody, MemberType::kMessage, &kAnyValue},
    {"attributes", otlp::log::kAttributes, MemberType::kMessage, &kKeyValue, true},
    {"droppedAttributesCount", otlp::log::kDroppedAttributes, MemberType::kUint32},
    {"flags", otlp::log::kFlags, MemberType::kFixed32},
    {"traceId", otlp::log::kTraceId, MemberType::kId},
    {"spanId", otlp::log::kSpanId, MemberType::kId},
    {"eventName", otlp::log::kEventName, MemberType::kString},
};
inline constexpr Message kLog = {kLogMembers};

// Before OTLP 0.15 a scope was called an instrumentation library, and its group had another number.
inline constexpr Member kScopeSpansMembers[] = {
    {"scope", otlp::kScope, MemberType::kMessage, &kScope},
    {"spans", otlp::kItems, MemberType::kMessage, &kSpan, true},
    {"schemaUrl", otlp::kSchemaUrl, MemberType::kString},
    {"instrumentationLibrary", otlp::kScope, MemberType::kMessage, &kScope},
};
inline constexpr Message kScopeSpans = {kScopeSpansMembers};

inline constexpr Member kResourceSpansMembers[] = {
    {"resource", otlp::kResource, MemberType::kMessage, &kResource},
    {"scopeSpans", otlp::kScopeItems, MemberType::kMessage, &kScopeSpans, true},
    {"schemaUrl", otlp::kSchemaUrl, MemberType::kString},
    {"instrumentationLibrarySpans", otlp::kLibraryItems, MemberType::kMessage, &kScopeSpans, true},
};
inline constexpr Message kResourceSpans = {kResourceSpansMembers};

inline constexpr Member kTracesMembers[] = {
    {"resourceSpans", otlp::kResourceItems, MemberType::kMessage, &kResourceSpans, true},
};
inline constexpr Message kTraces = {kTracesMembers};

inline constexpr Member kScopeLogsMembers[] = {
    {"scope", otlp::kScope, MemberType::kMessage, &kScope},
    {"logRecords", otlp::kItems, MemberType::kMessage, &kLog, true},
    {"schemaUrl", otlp::kSchemaUrl, MemberType::kString},
    {"instrumentationLibrary", otlp::kScope, MemberType::kMessage, &kScope},
};
inline constexpr Message kScopeLogs = {kScopeLogsMembers};

inline constexpr Member kResourceLogsMembers[] = {
    {"resource", otlp::kResource, MemberType::kMessage, &kResource},
    {"scopeLogs", otlp::kScopeItems, MemberType::kMessage, &kScopeLogs, true},
    {"schemaUrl", otlp::kSchemaUrl, MemberType::kString},
    {"instrumentationLibraryLogs", otlp::kLibraryItems, MemberType::kMessage, &kScopeLogs, true},
};
inline constexpr Message kResourceLogs = {kResourceLogsMembers};

inline constexpr Member kLogsMembers[] = {
    {"resourceLogs", otlp::kResourceItems, MemberType::kMessage, &kResourceLogs, true},
};
inline constexpr Message kLogs = {kLogsMembers};

}  // namespace callscope::normalise::otlp_json
