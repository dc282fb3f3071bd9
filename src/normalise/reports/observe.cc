// The call log that the hosted service takes: POST /observability/v1/observe/.
#include <fmt/format.h>

#include "normalise/reports/readers.h"
#include "normalise/reports/transcript.h"

namespace callscope::normalise::reports {
namespace {

constexpr size_t kTraceIdCharsMax = 32;

Result<void> read_agent(Reading& reading) {
  model::Report& report = reading.report;
  report.agent_id = TRY(integer_field(reading.body, "agent"));
  report.assistant_id = TRY(text_field(reading.body, "assistant_id"));
  if (report.agent_id || !report.assistant_id.empty()) return {};
  // Some clients have the name of another endpoint for it; there it may be the provider's.
  const auto other = integer_field(reading.body, "agent_id");
  if (other) {
    report.agent_id = *other;
  } else {
    report.assistant_id = text_of(reading.body, "agent_id");
  }
  return {};
}

Result<void> read_times(Reading& reading) {
  model::Report& report = reading.report;
  report.started = report.zero = TRY(time_field(reading.body, "timestamp"));
  const auto minutes = TRY(number_field(reading.body, "duration"));
  if (!minutes) return {};
  if (*minutes < 0) return refuse("duration", "Ensure this value is greater than or equal to 0.");
  if (*minutes * 60 > reading.limits.call_max.seconds()) {
    return refuse("duration",
                  fmt::format("Ensure this value, in minutes, is less than or equal to {}.",
                              reading.limits.call_max.seconds() / 60));
  }
  if (report.started.is_set()) {
    report.ended = report.started + DurationNs{static_cast<int64_t>(*minutes * 60e9)};
  } else {
    reading.notes.add("duration", "Without a timestamp it is not known when the call ended.");
  }
  return {};
}

// What is kept although its sender asked for less would be a breach: such a call is refused.
bool wants_redaction(const json::object& body) {
  const json::value* fields = member(body, "redact_fields");
  if (fields == nullptr || fields->is_null()) return false;
  const bool is_empty = (fields->is_array() && fields->get_array().empty()) ||
                        (fields->is_string() && trimmed(string_of(fields)).empty());
  return !is_empty;
}

}  // namespace

Result<void> read_observe(Reading& reading) {
  const json::object& body = reading.body;
  model::Report& report = reading.report;
  report.call_id = TRY(call_name(reading));
  report.idempotency_key = report.call_id;
  TRY(read_agent(reading));
  const std::string trace_id = TRY(text_field(body, "trace_id"));
  if (trace_id.size() > kTraceIdCharsMax)
    return refuse("trace_id", fmt::format("Ensure this field has no more than {} characters.",
                                          kTraceIdCharsMax));
  add_trace_id(reading, "trace_id", trace_id);
  TRY(read_times(reading));
  report.end_reason = TRY(text_field(body, "call_ended_reason"));
  report.customer_number = TRY(text_field(body, "customer_number"));
  report.feedback = TRY(text_field(body, "feedback"));
  report.metadata = TRY(object_field(body, "metadata"));
  report.dynamic_variables = TRY(object_field(body, "dynamic_variables"));
  report.recording_url = TRY(url_field(body, "voice_recording_url"));
  report.agent_channel = TRY(channel_field(body, "main_agent_channel_index"));
  if (reading.limits.is_whole && wants_redaction(body)) {
    return refuse(
        "redact_fields",
        "This server keeps calls as they come and redacts nothing: leave the field out, or "
        "redact before sending.");
  }

  report.transcript_type = TRY(text_field(body, "transcript_type"));
  return read_transcript(reading, {.field = "transcript_json",
                                   .value = body.if_contains("transcript_json"),
                                   .dialect = report.transcript_type,
                                   .agent_channel = report.agent_channel});
}

}  // namespace callscope::normalise::reports
