// OTLP/JSON (the JSON form of OTLP: lowerCamelCase, hex ids, 64-bit integers as strings or numbers)
// to OTLP protobuf and back. Past the door everything is protobuf; JSON is written for those who
// ask for it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/span.h"

namespace callscope::normalise {

// The bytes of an ExportTraceServiceRequest or ExportLogsServiceRequest that says what `json` says.
// Lenient where senders differ: snake_case names, enums by number or name, numbers as strings,
// members we don't know, null for what is absent. An id that is no hex is written empty and one of
// the wrong length as it is, so that scan_request refuses that span alone. Anything else that is
// wrong is kInvalidArgument, the error's field naming the member, as in
// "resourceSpans[0].scopeSpans[2].spans".
Result<std::string> traces_json_to_protobuf(std::string_view json);
Result<std::string> logs_json_to_protobuf(std::string_view json);

// Appends the batch as an ExportTraceServiceRequest in OTLP/JSON, its spans grouped by resource and
// scope. Value types come out as they came in.
void append_otlp_json(std::string& out, const model::SpanBatch& batch);

}  // namespace callscope::normalise
