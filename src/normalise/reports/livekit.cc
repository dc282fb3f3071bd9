// LiveKit: the session of the hosted service's SDK, and LiveKit's own upload.
#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "base/wire.h"
#include "normalise/reports/moments.h"
#include "normalise/reports/readers.h"
#include "normalise/reports/transcript.h"
#include "normalise/reports/waits.h"

namespace callscope::normalise::reports {
namespace {

// LiveKit's recorder puts what the agent hears on the left and what it says on the right.
constexpr int kAgentChannel = 1;

TimeNs time_in(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  return value == nullptr ? TimeNs{} : time_of(*value).value_or(TimeNs{});
}

// "user_initiated" in spans is "CR_USER_INITIATED", the protobuf's enumerator, in reports.
std::string close_reason(std::string text) {
  constexpr std::string_view kEnum = "CR_";
  if (!text.starts_with(kEnum)) return text;
  text.erase(0, kEnum.size());
  return lower_case(text);
}

// What LiveKit's report of a session says, whichever way it came.
void read_session_report(Reading& reading, const json::object& session) {
  model::Report& report = reading.report;
  add_names(report,
            {text_of(session, "job_id"), text_of(session, "room_id"), text_of(session, "room")});
  if (report.end_reason.empty()) report.end_reason = close_reason(text_of(session, "close_reason"));
  if (report.assistant_id.empty() && !report.agent_id)
    report.assistant_id = text_of(session, "agent_name");
  if (!report.recording_started.is_set())
    report.recording_started = time_in(session, "audio_recording_started_at");
}

Result<void> read_history(Reading& reading, std::string_view field, const json::value* history) {
  reading.report.transcript_type = "livekit";
  return read_transcript(
      reading, {.field = field, .value = history, .dialect = "livekit", .agent_channel = {}});
}

}  // namespace

Result<void> read_livekit_session(Reading& reading) {
  const json::object& body = reading.body;
  model::Report& report = reading.report;
  report.agent_id = TRY(integer_field(body, "agent_id"));
  report.call_id = TRY(required_name(body, "session_id", 1'000));
  report.started = report.zero = TRY(time_field(body, "session_start"));
  report.idempotency_key = fmt::format("{}/{}", report.call_id, to_rfc3339(report.started));
  if (report.agent_id) report.idempotency_key += fmt::format("/{}", *report.agent_id);
  report.ended = TRY(time_field(body, "session_export"));
  const std::string version = text_of(body, "sdk_version");
  if (!version.empty()) {
    const std::string language = text_of(body, "sdk_language");
    report.sdk = fmt::format("cekura-{} {}", language.empty() ? "livekit" : language, version);
  }
  add_trace_id(reading, "trace_id", text_of(body, "trace_id"));
  report.recording_key = text_of(body, "egress_s3_key");
  if (text_of(body, "recording_status") == "unavailable") {
    reading.notes.add("recording_status", "The sender has no recording: " +
                                              text_of(body, "recording_unavailable_reason"));
  }
  report.consent = flag_of(member(body, "audio_consent_granted"));
  if (const json::object* provider = object_in(body, "provider_data")) {
    report.metadata = object_text(object_in(*provider, "custom_metadata"));
    read_logs(reading, "provider_data.logs", provider->if_contains("logs"));
    if (const json::object* job = object_in(*provider, "job_info"))
      add_names(report, {text_of(*job, {"id", "job_id"})});
    if (const json::object* room = object_in(*provider, "room_info"))
      add_names(report, {text_of(*room, {"sid", "room_id"}), text_of(*room, {"name", "_name"})});
  }
  const json::object* session = object_in(body, "session_report");
  if (session == nullptr) {
    reading.notes.add("session_report",
                      "LiveKit's report of the session did not come: no transcript.");
    return {};
  }
  // The egress has a file of its own, whose start is not that of LiveKit's recorder.
  read_session_report(reading, *session);
  if (!report.recording_key.empty()) report.recording_started = {};
  if (session->contains("_cekura_truncation"))
    reading.notes.add("session_report", "The sender cut the report to the size that it may have.");
  TRY(read_history(reading, "session_report.chat_history", session->if_contains("chat_history")));
  const json::object* provider = object_in(body, "provider_data");
  const json::object* metrics = provider == nullptr ? nullptr : object_in(*provider, "raw_metrics");
  if (metrics != nullptr) place_livekit_metrics(reading, *metrics);
  return {};
}

Result<void> read_livekit_upload(Reading& reading) {
  const json::object* header = object_in(reading.body, "header");
  if (header == nullptr) return refuse("header", "This field is required.");
  model::Report& report = reading.report;
  const std::string room_id = text_of(*header, "room_id");
  const std::string job_id = text_of(*header, "job_id");
  report.call_id = room_id.empty() ? job_id : room_id;
  if (report.call_id.empty())
    return refuse("header.room_id", "This field is required, or job_id is.");
  // A room may have several jobs, each of which sends its own.
  report.idempotency_key = fmt::format("{}/{}", room_id, job_id);
  add_names(report, {job_id, text_of(*header, "room_name")});
  report.recording_started = time_in(*header, "start_time");
  report.agent_channel = kAgentChannel;
  report.sdk = "livekit-agents";

  const auto duration_ms = number_of(header->if_contains("duration"));
  const bool has_duration =
      duration_ms && *duration_ms > 0 && *duration_ms < reading.limits.call_max.milliseconds();
  report.started = report.recording_started;
  if (const json::object* summary = object_in(*header, "session_summary")) {
    read_session_report(reading, *summary);
    const std::string version = text_of(*summary, "sdk_version");
    if (!version.empty()) report.sdk += " " + version;
    report.ended = time_in(*summary, "timestamp");
  }
  if (has_duration) {
    const DurationNs duration{static_cast<int64_t>(*duration_ms * 1e6)};
    if (!report.started.is_set() && report.ended.is_set()) report.started = report.ended - duration;
    if (report.started.is_set()) report.ended = report.started + duration;
  }
  if (report.started.is_set() && report.ended < report.started) report.ended = {};
  report.zero = report.started;
  if (flag_of(member(*header, "redaction_enabled")).value_or(false))
    reading.notes.add("header.redaction_enabled", "LiveKit redacted what it sent.");
  report.metadata = object_text(object_in(*header, "room_tags"));
  return read_history(reading, "chat_history", reading.body.if_contains("chat_history"));
}

}  // namespace callscope::normalise::reports

namespace callscope::normalise {
namespace {

// Fields of livekit.MetricsRecordingHeader (livekit_metrics.proto).
enum HeaderField : uint32_t {
  kRoomId = 1,
  kDuration = 3,
  kStartTime = 4,
  kRoomTags = 5,
  kRoomName = 6,
  kRoomStartTime = 7,
  kJobId = 8,
  kSimulated = 9,
  kRedactionEnabled = 10,
  kSessionSummary = 11,
};

std::string utf8(std::string_view bytes) {
  std::string out;
  append_utf8(out, bytes);
  return out;
}

// google.protobuf.Timestamp; empty for 1970, which is how "not set" is sent.
Result<std::string> timestamp_text(std::string_view message) {
  int64_t seconds = 0, nanos = 0;
  wire::Field field;
  wire::Reader reader(message);
  while (reader.next(field)) {
    if (field.number == 1) seconds = static_cast<int64_t>(field.scalar);
    if (field.number == 2) nanos = static_cast<int64_t>(field.scalar);
  }
  if (!reader.ok())
    return Error{ErrorCode::kInvalidArgument, "A time of the header is malformed.", "header"};
  if (seconds <= 0 || seconds > 4'102'444'800 || nanos < 0 || nanos > 999'999'999)
    return std::string();
  return to_rfc3339({seconds * 1'000'000'000 + nanos});
}

}  // namespace

Result<std::string> livekit_header_to_json(std::string_view protobuf) {
  namespace json = boost::json;
  json::object out;
  json::object tags;
  wire::Field field;
  wire::Reader reader(protobuf);
  const auto text = [&](const char* name) { out[name] = utf8(field.bytes); };
  while (reader.next(field)) {
    switch (field.number) {
      case kRoomId:
        text("room_id");
        break;
      case kRoomName:
        text("room_name");
        break;
      case kJobId:
        text("job_id");
        break;
      case kDuration:
        out["duration"] = field.scalar;
        break;
      case kStartTime:
      case kRoomStartTime: {
        const std::string time = TRY(timestamp_text(field.bytes));
        if (!time.empty())
          out[field.number == kStartTime ? "start_time" : "room_start_time"] = time;
        break;
      }
      case kSimulated:
        out["simulated"] = field.scalar != 0;
        break;
      case kRedactionEnabled:
        out["redaction_enabled"] = field.scalar != 0;
        break;
      case kRoomTags: {
        std::string name, value;
        wire::Field part;
        for (wire::Reader pair(field.bytes); pair.next(part);) {
          if (part.number == 1) name = utf8(part.bytes);
          if (part.number == 2) value = utf8(part.bytes);
        }
        tags[name] = value;
        break;
      }
      case kSessionSummary: {
        const auto summary = texts::parse_json(field.bytes);
        if (summary && summary->is_object()) {
          out["session_summary"] = *summary;
        } else if (!field.bytes.empty()) {
          text("session_summary");
        }
        break;
      }
      default:
        break;
    }
  }
  if (!reader.ok())
    return Error{ErrorCode::kInvalidArgument,
                 "The header is not a protobuf message (MetricsRecordingHeader).", "header"};
  if (!tags.empty()) out["room_tags"] = std::move(tags);
  return json::serialize(out);
}

}  // namespace callscope::normalise
