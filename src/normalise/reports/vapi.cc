// Vapi's end-of-call report, as its server messages have it.
#include <fmt/format.h>

#include "normalise/reports/readers.h"
#include "normalise/reports/transcript.h"
#include "normalise/reports/waits.h"

namespace callscope::normalise::reports {
namespace {

const json::object kNothing;

const json::object& part(const json::object& object, std::string_view name) {
  const json::object* found = object_in(object, name);
  return found == nullptr ? kNothing : *found;
}

void read_recording(Reading& reading, const json::object& message, const json::object& artifact) {
  model::Report& report = reading.report;
  const json::object& recording = part(artifact, "recording");
  for (const std::string& url :
       {text_of(artifact, "stereoRecordingUrl"), text_of(recording, "stereoUrl"),
        text_of(message, "stereoRecordingUrl")}) {
    if (!url.empty() && report.recording_url.empty()) report.recording_url = url;
  }
  if (!report.recording_url.empty()) {
    report.agent_channel = 1;  // the customer is on the left
    return;
  }
  for (const std::string& url :
       {text_of(artifact, "recordingUrl"), text_of(message, "recordingUrl"),
        text_of(part(recording, "mono"), "combinedUrl")}) {
    if (!url.empty() && report.recording_url.empty()) report.recording_url = url;
  }
}

// Vapi's TurnLatency, in milliseconds: one a turn in which the assistant replied.
void read_waits(Reading& reading, const json::object& artifact) {
  const json::array* turns = array_in(part(artifact, "performanceMetrics"), "turnLatencies");
  std::vector<model::ReportedWait> waits;
  if (turns == nullptr) return;
  for (const json::value& each : *turns) {
    const json::object* turn = object_of(&each);
    if (turn == nullptr) turn = &kNothing;
    const auto latency = [&](std::string_view name) {
      return wait_of_milliseconds(turn->if_contains(name));
    };
    waits.push_back({.total_us = latency("turnLatency"),
                     .endpointing_us = latency("endpointingLatency"),
                     .stt_us = latency("transcriberLatency"),
                     .llm_us = latency("modelLatency"),
                     .tts_us = latency("voiceLatency")});
  }
  place_waits(reading, "message.artifact.performanceMetrics.turnLatencies", waits);
}

}  // namespace

Result<void> read_vapi(Reading& reading) {
  const json::object* wrapped = object_in(reading.body, "message");
  const json::object& message = wrapped == nullptr ? reading.body : *wrapped;
  const std::string type = text_of(message, "type");
  if (type != "end-of-call-report") {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("Only end-of-call-report is taken, not \"{}\".", type.substr(0, 60)),
                 "message.type"};
  }
  const json::object& call = part(message, "call");
  const json::object& artifact = part(message, "artifact");
  const json::object& customer =
      message.contains("customer") ? part(message, "customer") : part(call, "customer");
  const json::object& phone =
      message.contains("phoneNumber") ? part(message, "phoneNumber") : part(call, "phoneNumber");
  model::Report& report = reading.report;
  report.call_id = text_of(call, "id");
  if (report.call_id.empty()) return refuse("message.call.id", "This field is required.");
  report.idempotency_key = report.call_id;
  report.assistant_id = text_of(call, "assistantId");
  if (report.assistant_id.empty()) report.assistant_id = text_of(part(message, "assistant"), "id");
  add_names(report, {text_of(call, "phoneCallProviderId"), text_of(call, "sessionId")});
  for (const json::object* each : {&message, &call}) {
    if (!report.started.is_set()) report.started = TRY(time_field(*each, "startedAt"));
    if (!report.ended.is_set()) report.ended = TRY(time_field(*each, "endedAt"));
  }
  if (!report.started.is_set()) report.started = TRY(time_field(call, "createdAt"));
  report.zero = report.started;
  report.end_reason = text_of(message, "endedReason");
  if (report.end_reason.empty()) report.end_reason = text_of(call, "endedReason");
  report.customer_number = text_of(customer, {"number", "sipUri"});
  const std::string call_type = text_of(call, "type");
  report.transport = call_type == "webCall" ? "web" : call_type.empty() ? "" : "phone";
  const std::string own_number = text_of(phone, "number");
  if (call_type.starts_with("inbound")) report.direction = "inbound";
  if (call_type.starts_with("outbound")) report.direction = "outbound";
  const bool is_outbound = report.direction == "outbound";
  report.from = is_outbound ? own_number : report.customer_number;
  report.to = is_outbound ? report.customer_number : own_number;
  report.metadata = object_text(&part(call, "metadata"));
  if (report.metadata.empty())
    report.metadata = object_text(&part(part(message, "assistant"), "metadata"));
  const json::object& analysis =
      message.contains("analysis") ? part(message, "analysis") : part(call, "analysis");
  add_facts(report.metadata,
            {{"vapi.summary", first_of(analysis, {"summary"})},
             {"vapi.success_evaluation", first_of(analysis, {"successEvaluation"})},
             {"vapi.structured_data", first_of(analysis, {"structuredData"})},
             {"vapi.summary", first_of(message, {"summary"})},
             {"vapi.cost_usd", first_of(message, {"cost"})},
             {"vapi.cost_usd", first_of(call, {"cost"})}});
  report.dynamic_variables = object_text(&part(artifact, "variableValues"));
  report.sdk = "vapi";
  read_recording(reading, message, artifact);

  report.transcript_type = "vapi";
  for (const auto& [holder, name, path] :
       {std::tuple(&artifact, "messages", "message.artifact.messages"),
        std::tuple(&message, "messages", "message.messages"),
        std::tuple(&artifact, "transcript", "message.artifact.transcript"),
        std::tuple(&message, "transcript", "message.transcript")}) {
    const json::value* list = member(*holder, name);
    const bool is_empty = list == nullptr || (list->is_array() && list->get_array().empty());
    if (is_empty) continue;
    TRY(read_transcript(reading,
                        {.field = path, .value = list, .dialect = "vapi", .agent_channel = {}}));
    if (!report.transcript.empty()) break;
  }
  read_waits(reading, artifact);
  return {};
}

}  // namespace callscope::normalise::reports
