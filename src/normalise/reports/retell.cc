// Retell's webhook: call_started, call_ended and call_analyzed, each with the whole call so far.
#include <fmt/format.h>

#include "normalise/reports/readers.h"
#include "normalise/reports/transcript.h"
#include "normalise/reports/waits.h"

namespace callscope::normalise::reports {
namespace {

// {"e2e": {"values": […], "p50": …}, "llm": …}, in milliseconds. The stages have as many values as
// there were requests, so that only those of the whole wait can be told apart by turn.
void read_waits(Reading& reading, const json::object& call) {
  const json::object* latency = object_in(call, "latency");
  const json::object* whole = latency == nullptr ? nullptr : object_in(*latency, "e2e");
  const json::array* values = whole == nullptr ? nullptr : array_in(*whole, "values");
  std::vector<model::ReportedWait> waits;
  if (values == nullptr) return;
  for (const json::value& value : *values)
    waits.push_back({.total_us = wait_of_milliseconds(&value),
                     .endpointing_us = {},
                     .stt_us = {},
                     .llm_us = {},
                     .tts_us = {}});
  place_waits(reading, "call.latency.e2e.values", waits);
}

}  // namespace

Result<void> read_retell(Reading& reading) {
  const json::object* call = object_in(reading.body, "call");
  if (call == nullptr) call = object_in(reading.body, "data");
  if (call == nullptr) return refuse("call", "This field is required.");
  model::Report& report = reading.report;
  report.call_id = text_of(*call, "call_id");
  if (report.call_id.empty()) return refuse("call.call_id", "This field is required.");
  report.idempotency_key = report.call_id;
  report.assistant_id = text_of(*call, "agent_id");
  report.started = report.zero = TRY(time_field(*call, "start_timestamp"));
  report.ended = TRY(time_field(*call, "end_timestamp"));
  const bool is_over = text_of(reading.body, "event") != "call_started";
  report.end_reason = text_of(*call, "disconnection_reason");
  if (report.end_reason.empty() && is_over && text_of(*call, "call_status") == "error")
    report.end_reason = "error";
  report.direction = text_of(*call, "direction");
  report.from = text_of(*call, "from_number");
  report.to = text_of(*call, "to_number");
  report.customer_number = report.direction == "outbound" ? report.to : report.from;
  const std::string type = text_of(*call, "call_type");
  report.transport = type == "web_call" ? "web" : type == "phone_call" ? "phone" : type;
  if (const json::object* telephony = object_in(*call, "telephony_identifier"))
    add_names(report, {text_of(*telephony, "twilio_call_sid")});
  report.metadata = object_text(object_in(*call, "metadata"));
  if (const json::object* analysis = object_in(*call, "call_analysis")) {
    add_facts(report.metadata,
              {{"retell.summary", member(*analysis, "call_summary")},
               {"retell.user_sentiment", member(*analysis, "user_sentiment")},
               {"retell.successful", member(*analysis, "call_successful")},
               {"retell.in_voicemail", member(*analysis, "in_voicemail")},
               {"retell.custom_analysis", member(*analysis, "custom_analysis_data")}});
  }
  if (const json::object* cost = object_in(*call, "call_cost"))
    add_facts(report.metadata, {{"retell.cost_cents", member(*cost, "combined_cost")}});
  report.dynamic_variables = object_text(object_in(*call, "retell_llm_dynamic_variables"));
  report.recording_url = text_of(*call, {"recording_multi_channel_url", "recording_url"});
  report.sdk = "retell";
  report.transcript_type = "retell";
  for (const auto& [name, path] :
       {std::pair("transcript_with_tool_calls", "call.transcript_with_tool_calls"),
        std::pair("transcript_object", "call.transcript_object"),
        std::pair("transcript", "call.transcript")}) {
    const json::value* list = member(*call, name);
    const bool is_empty = list == nullptr || (list->is_array() && list->get_array().empty());
    if (is_empty) continue;
    TRY(read_transcript(reading,
                        {.field = path, .value = list, .dialect = "retell", .agent_channel = {}}));
    if (!report.transcript.empty()) break;
  }
  read_waits(reading, *call);
  return {};
}

}  // namespace callscope::normalise::reports
