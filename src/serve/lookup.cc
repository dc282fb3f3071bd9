#include "serve/lookup.h"

#include <fmt/format.h>

#include "serve/withheld_calls.h"

namespace callscope::serve {

Result<model::CallSummary> find_call(const Services& services, ProjectId project, CallId id,
                                     std::string_view field) {
  // A catalog that can't be written is no reason not to read it.
  (void)services.save_calls().has_value();
  auto call = TRY(shown_call(services, project, id));
  if (call) return std::move(*call);
  Error error = not_found(fmt::format("call {}", id));
  error.field = field;
  return error;
}

Result<model::CallSummary> find_call(const Services& services, const Question& question) {
  return find_call(services, question.project, TRY(path_id(question.request, "id")));
}

Result<std::unordered_set<SpanId, SpanIdHash>> span_ids(const Services& services,
                                                        const model::CallSummary& call) {
  std::unordered_set<SpanId, SpanIdHash> ids;
  const calls::CallSpans found = TRY(services.calls.spans(call));
  for (const calls::CallSpan& span : found.spans) ids.insert(span.span->span_id);
  return ids;
}

Result<store::Recording> find_recording(const Services& services, ProjectId project,
                                        const http::Request& request) {
  const CallId call = TRY(path_id(request, "id"));
  const int64_t id = TRY(path_id(request, "recording_id"));
  auto recording = TRY(services.catalog.recording(project, id));
  const auto owner = TRY(shown_call(services, project, call));
  if (!recording || !owner || recording->call != owner->id)
    return not_found(fmt::format("recording {} of call {}", id, call));
  return std::move(*recording);
}

Result<store::Recording> find_recording(const Services& services, const Question& question) {
  return find_recording(services, question.project, question.request);
}

}  // namespace callscope::serve
