// LiveKit's own upload, which its agents send with LIVEKIT_OBSERVABILITY_URL set to this server and
// no code of ours: a form with a header, the chat history and the recording. Its traces and logs
// come as OTLP (receive/otlp_http.h).
#include "http/form.h"
#include "normalise/report.h"
#include "serve/compat/compat.h"
#include "serve/compat/posting.h"
#include "serve/json_writer.h"

namespace callscope::serve::compat {
namespace {

// What {"header", "chat_history"} reads as; LiveKit leaves a part out where its recording option is
// off.
Result<std::string> body_of(const http::Form& form) {
  const auto header = form.find("header");
  if (!header) {
    return Error{ErrorCode::kInvalidArgument,
                 "the form must have a part named \"header\", a MetricsRecordingHeader", "header"};
  }
  auto header_json = normalise::livekit_header_to_json(*header);
  if (!header_json) {
    header_json.error().field = "header";
    return std::move(header_json).error();
  }
  std::string body = R"({"header":)" + *header_json;
  const auto history = form.find("chat_history");
  if (history && !history->empty()) body.append(R"(,"chat_history":)").append(*history);
  return body += '}';
}

Result<std::unique_ptr<http::BodySink>> open_upload(const Services& services,
                                                    const http::Request& request) {
  Sender sender{.caller = TRY(identify(services, request)), .agent = {}};
  TRY(require(Needs::kWrite, sender.caller));
  const auto open_file =
      [&services, sender](const http::FormPart& part) -> Result<std::unique_ptr<http::FileSink>> {
    if (part.name != "audio") return std::unique_ptr<http::FileSink>();
    return open_recording(services, sender, part, store::RecordingSource::kLivekit);
  };
  const auto done = [&services, sender](http::Form form, const http::Responder& responder) {
    auto body = body_of(form);
    const Posted posted{.kind = model::ReportKind::kLivekitUpload,
                        .agent_field = "agent_id",
                        .service_name = "livekit-agents"};
    const auto taken = body ? take_report(services, posted, sender, std::move(*body),
                                          recording_in(form), responder)
                            : Result<void>(body.error());
    if (!taken) responder.send(http::error_response(taken.error()));
  };
  return http::read_form(request, {.fields_bytes_max = services.report_bytes_max}, open_file, done);
}

}  // namespace

void add_livekit_routes(http::Router& router, const Services& services) {
  const size_t most = services.report_bytes_max + services.recording_bytes_max;
  router.add_streamed(
      "POST", "/observability/recordings/v0",
      [&services](const http::Request& request) { return open_upload(services, request); },
      {.body_bytes_max = most, .unpacked_bytes_max = most});
}

}  // namespace callscope::serve::compat
