// A session of the Pipecat SDKs: the hosted service's, 1.4.1 and later, and ours.
#include <fmt/format.h>

#include "normalise/reports/moments.h"
#include "normalise/reports/readers.h"
#include "normalise/reports/transcript.h"

namespace callscope::normalise::reports {
namespace {

// Both SDKs record the caller on the left and the agent on the right.
constexpr int kAgentChannel = 1;

void read_provider_data(Reading& reading) {
  const json::object* provider = object_in(reading.body, "provider_data");
  if (provider == nullptr) return;
  model::Report& report = reading.report;
  report.metadata = object_text(object_in(*provider, "custom_metadata"));
  add_names(report, {text_of(*provider, "session_id")});
  const json::object* audio = object_in(*provider, "audio");
  if (audio == nullptr) return;
  if (const json::value* sample0 = member(*audio, "sample0_time")) {
    if (const auto time = time_of(*sample0)) {
      report.recording_started = *time;
    } else {
      reading.notes.add("provider_data.audio.sample0_time", "Expected a time of the clock.");
    }
  }
  report.recording_drift_ppm = number_of(audio->if_contains("drift_ppm"));
}

std::string sdk_of(const json::object& body) {
  const std::string version = text_of(body, "sdk_version");
  const std::string language = text_of(body, "sdk_language");
  std::string name = text_of(body, "sdk_name");
  if (name.empty()) name = "cekura";
  if (!language.empty()) name += "-" + language;
  return version.empty() && language.empty() ? std::string() : name + " " + version;
}

}  // namespace

Result<void> read_pipecat(Reading& reading) {
  const json::object& body = reading.body;
  model::Report& report = reading.report;
  report.agent_id = TRY(integer_field(body, "agent_id"));
  report.call_id = TRY(required_name(body, "session_id", 1'000));
  report.idempotency_key = fmt::format("{}/{}", report.call_id, text_of(body, "session_start"));
  if (report.agent_id) report.idempotency_key += fmt::format("/{}", *report.agent_id);
  report.started = report.zero = TRY(time_field(body, "session_start"));
  report.ended = TRY(time_field(body, "session_end"));
  report.sdk = sdk_of(body);
  add_trace_id(reading, "trace_id", text_of(body, "trace_id"));
  read_provider_data(reading);
  report.end_reason = text_of(body, {"call_ended_reason", "end_reason"});
  report.recording_key = text_of(body, "audio_s3_key");
  if (!report.recording_key.empty()) report.agent_channel = kAgentChannel;
  report.consent = flag_of(member(body, "audio_consent_granted"));
  report.defers_evaluation = flag_of(member(body, "defer_evaluation")).value_or(false);
  read_logs(reading, "logs", body.if_contains("logs"));
  report.transcript_type = "pipecat";
  return read_transcript(reading, {.field = "transcript",
                                   .value = body.if_contains("transcript"),
                                   .dialect = report.transcript_type,
                                   .agent_channel = {}});
}

}  // namespace callscope::normalise::reports
