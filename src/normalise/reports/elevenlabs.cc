// ElevenLabs' post-call webhook: the transcript, the audio, or that the call never came about.
#include <fmt/format.h>

#include "base/encoding.h"
#include "normalise/reports/json_check.h"
#include "normalise/reports/readers.h"
#include "normalise/reports/transcript.h"

namespace callscope::normalise::reports {
namespace {

const json::object kNothing;

const json::object& part(const json::object& object, std::string_view name) {
  const json::object* found = object_in(object, name);
  return found == nullptr ? kNothing : *found;
}

Result<void> read_times(Reading& reading, const json::object& metadata) {
  model::Report& report = reading.report;
  report.started = report.zero = TRY(time_field(metadata, "start_time_unix_secs"));
  const auto seconds = number_of(metadata.if_contains("call_duration_secs"));
  if (seconds && *seconds >= 0 && *seconds <= reading.limits.call_max.seconds() &&
      report.started.is_set())
    report.ended = report.started + DurationNs{static_cast<int64_t>(*seconds * 1e9)};
  return {};
}

void read_phone_call(model::Report& report, const json::object& phone) {
  const std::string outside = text_of(phone, "external_number");
  const std::string own = text_of(phone, "agent_number");
  report.direction = text_of(phone, "direction");
  const bool is_outbound = report.direction == "outbound";
  report.customer_number = outside;
  report.from = is_outbound ? own : outside;
  report.to = is_outbound ? outside : own;
  report.transport = text_of(phone, "type");
  add_names(report, {text_of(phone, "call_sid")});
}

}  // namespace

Result<void> read_elevenlabs(Reading& reading) {
  const json::object* wrapped = object_in(reading.body, "data");
  const json::object& data = wrapped == nullptr ? reading.body : *wrapped;
  const std::string type = text_of(reading.body, "type");
  model::Report& report = reading.report;
  report.call_id = text_of(data, "conversation_id");
  if (report.call_id.empty()) return refuse("data.conversation_id", "This field is required.");
  report.idempotency_key = report.call_id;
  report.assistant_id = text_of(data, "agent_id");
  report.sdk = "elevenlabs";
  if (type == "post_call_audio") {
    // A report of its own, so that it does not stand in for the transcript's.
    report.idempotency_key += "/audio";
    return {};
  }
  const json::object& metadata = part(data, "metadata");
  TRY(read_times(reading, metadata));
  report.end_reason = text_of(metadata, "termination_reason");
  if (report.end_reason.empty()) report.end_reason = text_of(data, "failure_reason");
  read_phone_call(report, part(metadata, "phone_call"));
  const json::object& feedback = part(metadata, "feedback");
  report.feedback = text_of(feedback, {"comment", "overall_score", "rating"});
  const json::object& client = part(data, "conversation_initiation_client_data");
  report.dynamic_variables = object_text(&part(client, "dynamic_variables"));
  report.metadata = object_text(&part(client, "custom_llm_extra_body"));
  const json::object& analysis = part(data, "analysis");
  add_facts(report.metadata,
            {{"elevenlabs.summary", member(analysis, "transcript_summary")},
             {"elevenlabs.successful", member(analysis, "call_successful")},
             {"elevenlabs.evaluation", member(analysis, "evaluation_criteria_results")},
             {"elevenlabs.collected", member(analysis, "data_collection_results")},
             {"elevenlabs.cost_credits", member(metadata, "cost")}});
  report.transcript_type = "elevenlabs";
  return read_transcript(reading, {.field = "data.transcript",
                                   .value = data.if_contains("transcript"),
                                   .dialect = "elevenlabs",
                                   .agent_channel = {}});
}

}  // namespace callscope::normalise::reports

namespace callscope::normalise {

Result<std::string> elevenlabs_audio(std::string_view body, const ReportLimits& limits) {
  using namespace reports;
  std::string mended;
  const std::string_view text = TRY(check_json(body, limits.depth_max, mended));
  const auto parsed = texts::parse_json(text);
  const json::object* whole = parsed ? object_of(&*parsed) : nullptr;
  if (whole == nullptr) return refuse("", "JSON parse error - the body is no JSON object.");
  if (text_of(*whole, "type") != "post_call_audio") return std::string();
  const json::object* data = object_in(*whole, "data");
  const json::value* audio = data == nullptr ? nullptr : member(*data, "full_audio");
  if (audio == nullptr) return refuse("data.full_audio", "This field is required.");
  auto bytes = from_base64(string_of(audio));
  if (!bytes || bytes->empty())
    return refuse("data.full_audio", "Expected the recording in base64.");
  return *std::move(bytes);
}

}  // namespace callscope::normalise
