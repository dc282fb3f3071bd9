// Field numbers of OTLP 1.x (opentelemetry-proto), as far as we read or write them. kBytesFields
// has a bit for each length-delimited field of a message.
#pragma once

#include <cstdint>

namespace callscope::normalise::otlp {

// ExportTraceServiceRequest / ExportLogsServiceRequest and their levels share numbers.
inline constexpr uint32_t kResourceItems = 1;    // resource_spans, resource_logs
inline constexpr uint32_t kResource = 1;         // in ResourceSpans, ResourceLogs
inline constexpr uint32_t kScopeItems = 2;       // scope_spans, scope_logs
inline constexpr uint32_t kLibraryItems = 1000;  // instrumentation_library_* before OTLP 0.15
inline constexpr uint32_t kScope = 1;            // in ScopeSpans, ScopeLogs
inline constexpr uint32_t kItems = 2;            // spans, log_records
inline constexpr uint32_t kSchemaUrl = 3;

namespace resource {
inline constexpr uint32_t kAttributes = 1, kDroppedAttributes = 2;
}
namespace scope {
inline constexpr uint32_t kName = 1, kVersion = 2, kAttributes = 3;
}
namespace key_value {
inline constexpr uint32_t kKey = 1, kValue = 2;
}
namespace any_value {
inline constexpr uint32_t kString = 1, kBool = 2, kInt = 3, kDouble = 4, kArray = 5, kMap = 6,
                          kBytes = 7;
inline constexpr uint32_t kListValues = 1;  // ArrayValue.values, KeyValueList.values
inline constexpr uint32_t kBytesFields = 1u << kString | 1u << kArray | 1u << kMap | 1u << kBytes;
}  // namespace any_value
namespace span {
inline constexpr uint32_t kTraceId = 1, kSpanId = 2, kTraceState = 3, kParentSpanId = 4, kName = 5,
                          kKind = 6, kStart = 7, kEnd = 8, kAttributes = 9, kDroppedAttributes = 10,
                          kEvents = 11, kDroppedEvents = 12, kLinks = 13, kDroppedLinks = 14,
                          kStatus = 15, kFlags = 16;
inline constexpr uint32_t kBytesFields = 1u << kTraceId | 1u << kSpanId | 1u << kTraceState |
                                         1u << kParentSpanId | 1u << kName | 1u << kAttributes |
                                         1u << kEvents | 1u << kLinks | 1u << kStatus;
}  // namespace span
namespace event {
inline constexpr uint32_t kTime = 1, kName = 2, kAttributes = 3, kDroppedAttributes = 4;
inline constexpr uint32_t kBytesFields = 1u << kName | 1u << kAttributes;
}  // namespace event
namespace link {
inline constexpr uint32_t kTraceId = 1, kSpanId = 2, kTraceState = 3, kAttributes = 4,
                          kDroppedAttributes = 5, kFlags = 6;
inline constexpr uint32_t kBytesFields =
    1u << kTraceId | 1u << kSpanId | 1u << kTraceState | 1u << kAttributes;
}  // namespace link
namespace status {
inline constexpr uint32_t kMessage = 2, kCode = 3;
}
namespace log {
inline constexpr uint32_t kTime = 1, kSeverityNumber = 2, kSeverityText = 3, kBody = 5,
                          kAttributes = 6, kDroppedAttributes = 7, kFlags = 8, kTraceId = 9,
                          kSpanId = 10, kObservedTime = 11, kEventName = 12;
inline constexpr uint32_t kBytesFields = 1u << kSeverityText | 1u << kBody | 1u << kAttributes |
                                         1u << kTraceId | 1u << kSpanId | 1u << kEventName;
}  // namespace log

// AnyValue may nest; deeper than this a request is refused, as protobuf's own parsers do.
inline constexpr int kDepthMax = 100;

}  // namespace callscope::normalise::otlp
