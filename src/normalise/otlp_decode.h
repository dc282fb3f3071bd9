// Turns the bytes of a checked OTLP request (otlp_scan.h) into model values, without building
// protobuf objects: strings are views of the request.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/arena.h"
#include "model/span.h"
#include "normalise/otlp_scan.h"

namespace callscope::normalise {

struct DecodeLimits {
  size_t attributes_max = 1024;           // of one span, event, link or log line
  size_t attribute_bytes_max = 8u << 20;  // of one value; longer ones are cut with a mark
};

// The parts of a request in the order of its bytes. `item` is the raw message of one span or log
// record; `resource` and `scope` are the raw messages it stands under, the same view for all items
// of one group.
struct RequestItem {
  std::string_view resource;
  std::string_view resource_schema_url;
  std::string_view scope;
  std::string_view scope_schema_url;
  std::string_view item;
};

void for_each_item(std::string_view request, const std::function<void(const RequestItem&)>& visit);

// The decoders reuse the vectors of `out`, whose earlier content is lost. Text that is not a plain
// view of `bytes` (arrays, maps, cut values) goes to `arena`.
void decode_resource(std::string_view bytes, const DecodeLimits& limits, Arena& arena,
                     model::Resource& out);
void decode_scope(std::string_view bytes, const DecodeLimits& limits, Arena& arena,
                  model::Scope& out);

// False where the trace id or span id is not valid: the span that scan_request counted as rejected.
// Fills everything but project, agent, received, resource and scope. Flags the oddities that the
// span shows by itself.
bool decode_span(std::string_view bytes, const DecodeLimits& limits, Arena& arena,
                 model::Span& out);

// The ids and times of a span alone, for callers that need no more. False as decode_span.
bool decode_span_ids(std::string_view bytes, TraceId& trace_id, SpanId& span_id);

void decode_log(std::string_view bytes, const DecodeLimits& limits, Arena& arena,
                model::LogLine& out);

}  // namespace callscope::normalise
