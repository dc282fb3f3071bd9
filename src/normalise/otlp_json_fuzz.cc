// OTLP/JSON in: what becomes protobuf is OTLP, can be decoded, and can be written as OTLP/JSON that
// is read again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "normalise/otlp_decode.h"
#include "normalise/otlp_json.h"
#include "normalise/otlp_scan.h"

using namespace callscope;
using namespace callscope::normalise;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  if (const auto logs = logs_json_to_protobuf(json)) {
    if (!scan_request(Signal::kLogs, *logs)) std::abort();
  }
  const auto traces = traces_json_to_protobuf(json);
  if (!traces) return 0;
  if (!scan_request(Signal::kTraces, *traces)) std::abort();
  model::SpanBatch batch;
  for_each_item(*traces, [&](const RequestItem& item) {
    decode_resource(item.resource, {}, batch.arena, batch.resources.emplace_back());
    decode_scope(item.scope, {}, batch.arena, batch.scopes.emplace_back());
    model::Span& span = batch.spans.emplace_back();
    if (!decode_span(item.item, {}, batch.arena, span)) {
      batch.spans.pop_back();
      return;
    }
    span.resource = &batch.resources.back();
    span.scope = &batch.scopes.back();
  });
  std::string out;
  append_otlp_json(out, batch);
  if (!traces_json_to_protobuf(out)) std::abort();
  return 0;
}
