// Traces in the JSON that Jaeger's query service answers with, which Jaeger UI and Grafana read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/span.h"

namespace callscope::serve {

// Appends one trace object: spans, processes, and the tags, logs and references of each span, as
// Jaeger itself translates OTLP.
void append_jaeger_trace(std::string& out, TraceId id, const model::SpanBatch& batch);

// Jaeger's envelope around `data`, which is JSON; `total` counts its elements.
std::string jaeger_envelope(std::string_view data, size_t total);
std::string jaeger_names(const std::vector<std::string>& names);
std::string jaeger_error(int status, std::string_view message);

// A length as Go writes it: "100ms", "1.5s", "1m30s", "2us".
std::optional<DurationNs> parse_go_duration(std::string_view text);

// The service.name of a resource; "unknown_service" where it has none, as the SDKs say.
std::string_view service_of(const model::Resource* resource);

}  // namespace callscope::serve
