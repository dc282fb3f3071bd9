#include "serve/recording_json.h"

#include "serve/json_writer.h"
#include "serve/play_links.h"

namespace callscope::serve {
namespace {

void append_number(JsonWriter& json, std::string_view name, const std::optional<int64_t>& value) {
  json.key(name);
  if (value) {
    json.value(*value);
  } else {
    json.null();
  }
}

void append(JsonWriter& json, const Services& services, CallId call,
            const store::Recording& recording) {
  json.begin_object()
      .member("id", recording.id)
      .member("source", to_string(recording.source))
      .member("state", to_string(recording.state))
      .member("content_type", recording.content_type)
      .member("format", recording.format)
      .member_unless_empty("encoding", recording.encoding);
  append_number(json, "channels", recording.channels);
  append_number(json, "sample_rate_hz", recording.sample_rate_hz);
  json.key("duration_s");
  if (recording.duration_ms) {
    json.value(static_cast<double>(*recording.duration_ms) / 1e3);
  } else {
    json.null();
  }
  json.member("bytes", recording.bytes).key("started_at");
  if (recording.started.is_set()) {
    json.value(to_rfc3339(recording.started));
  } else {
    json.null();
  }
  append_number(json, "agent_channel", recording.agent_channel);
  json.member_unless_empty("error", recording.error)
      .time_member("created_at", recording.created)
      .member("url", fmt::format("/api/v1/calls/{}/recordings/{}", call, recording.id));
  if (recording.state == store::RecordingState::kComplete)
    json.member("play_url", play_link(services, call, recording));
  json.end_object();
}

}  // namespace

void append_recording(std::string& out, const Services& services, CallId call,
                      const store::Recording& recording) {
  JsonWriter json(out);
  append(json, services, call, recording);
}

void append_recordings(std::string& out, const Services& services, CallId call,
                       std::span<const store::Recording> recordings) {
  JsonWriter json(out);
  json.begin_array();
  for (const store::Recording& recording : recordings) {
    // What its bytes tell by now, of one that is coming in.
    const bool is_coming = recording.state == store::RecordingState::kReceiving;
    const auto opened =
        is_coming ? services.recordings.open(recording) : Result<receive::OpenRecording>(Error{});
    append(json, services, call, opened ? opened->recording : recording);
  }
  json.end_array();
}

}  // namespace callscope::serve
