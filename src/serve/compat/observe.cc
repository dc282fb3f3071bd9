// Call logs and the sessions of SDKs, as they are posted.
#include <boost/json.hpp>

#include "calls/describe_reports.h"
#include "http/form.h"
#include "normalise/report.h"
#include "serve/compat/compat.h"
#include "serve/compat/posting.h"
#include "serve/compat/provider_webhooks.h"
#include "serve/json_writer.h"

namespace callscope::serve::compat {
namespace {

namespace json = boost::json;
using model::ReportKind;

bool is_json_in_forms(std::string_view name) {
  return name == "transcript_json" || name == "metadata" || name == "dynamic_variables" ||
         name == "redact_fields";
}
bool is_number_in_forms(std::string_view name) {
  return name == "agent" || name == "main_agent_channel_index";
}

// A field of a form as the JSON body would have it. Empty ones were not filled in.
Result<void> add_form_field(json::object& body, std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  if (!is_json_in_forms(name) && !is_number_in_forms(name)) {
    body[name] = value;
    return {};
  }
  boost::system::error_code error;
  json::value parsed = json::parse(value, error, {}, {.max_depth = 200});
  if (!error) {
    body[name] = std::move(parsed);
  } else if (is_number_in_forms(name)) {
    body[name] = value;  // refused by whoever reads it
  } else {
    return Error{ErrorCode::kInvalidArgument, "Value must be valid JSON.", std::string(name)};
  }
  return {};
}

// The fields of a form as the JSON body would have them.
Result<std::string> json_of(const http::FormFields& fields) {
  json::object body;
  for (const auto& [name, value] : fields) TRY(add_form_field(body, name, value));
  return json::serialize(body);
}

Result<std::unique_ptr<http::BodySink>> read_multipart(const Services& services,
                                                       const Posted& posted, const Sender& sender,
                                                       const http::Request& request) {
  const auto open_file =
      [&services, sender](const http::FormPart& part) -> Result<std::unique_ptr<http::FileSink>> {
    // JSON in a part with a file name is a field all the same.
    if (part.name != "voice_recording") return std::unique_ptr<http::FileSink>();
    return open_recording(services, sender, part, store::RecordingSource::kObserve);
  };
  const auto done = [&services, posted, sender](http::Form form, const http::Responder& responder) {
    auto body = json_of(form.fields);
    const auto taken = body ? take_report(services, posted, sender, std::move(*body),
                                          recording_in(form), responder)
                            : Result<void>(body.error());
    if (!taken) responder.send(error_answer(taken.error()));
  };
  return http::read_form(request, {.fields_bytes_max = services.report_bytes_max}, open_file, done);
}

Result<void> take_provider_report(const Services& services, const Posted& posted,
                                  const ProviderSender& from, std::string body,
                                  const http::Responder& responder) {
  TRY(check_signature(services, provider_of(posted.kind), from, body));
  if (is_passed_over(posted.kind, body)) {
    responder.send(answer("{}"));
    return {};
  }
  std::shared_ptr<receive::RecordingWriter> audio;
  if (posted.kind == ReportKind::kElevenLabs)
    audio = TRY(take_audio(services, from.sender.caller.project, body));
  return take_report(services, posted, from.sender, std::move(body), std::move(audio), responder);
}

// What providers post is JSON, whatever they call it, and signed as it comes.
Result<std::unique_ptr<http::BodySink>> open_provider_report(const Services& services,
                                                             const Posted& posted,
                                                             const http::Request& request) {
  const ProviderSender from = TRY(identify_provider(services, provider_of(posted.kind), request));
  return http::keep_body(
      services.report_bytes_max,
      [&services, posted, from](std::string body, const http::Responder& responder) {
        const auto taken = take_provider_report(services, posted, from, std::move(body), responder);
        if (!taken) responder.send(error_answer(taken.error()));
      });
}

Result<std::unique_ptr<http::BodySink>> open_report(const Services& services, const Posted& posted,
                                                    const http::Request& request) {
  if (!provider_of(posted.kind).empty()) return open_provider_report(services, posted, request);
  Sender sender{.caller = TRY(identify(services, request)), .agent = {}};
  TRY(require(Needs::kWrite, sender.caller));
  Params params(request.query);
  sender.agent = params.id("agent_id");
  const std::string type = http::media_type(request.headers.get("Content-Type"));
  if (type == "multipart/form-data" || type == "application/x-www-form-urlencoded")
    return read_multipart(services, posted, sender, request);
  if (!type.empty() && type != "application/json" && !type.ends_with("+json")) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("Unsupported media type \"{}\" in request; send application/json, "
                             "application/x-www-form-urlencoded or multipart/form-data.",
                             type),
                 "Content-Type"};
  }
  return http::keep_body(
      services.report_bytes_max,
      [&services, posted, sender](std::string body, const http::Responder& responder) {
        const auto taken =
            take_report(services, posted, sender, std::move(body), nullptr, responder);
        if (!taken) responder.send(error_answer(taken.error()));
      });
}

void add_report_route(http::Router& router, const Services& services, std::string pattern,
                      Posted posted) {
  const size_t most = services.report_bytes_max + services.recording_bytes_max;
  const http::RouteOptions options{
      .body_bytes_max = most,
      .unpacked_bytes_max = most,
      .errors = [](const http::Request&, const Error& error) { return error_answer(error); }};
  router.add_streamed(
      "POST", std::move(pattern),
      [&services, posted](const http::Request& request) {
        return open_report(services, posted, request);
      },
      options);
}

// Where the Pipecat SDK may upload the recording of a call that has begun: to this server, or to
// whatever store is behind it.
Result<http::Response> egress_credentials(const Services& services, Question& question) {
  const AgentId agent =
      TRY(agent_of(services, question.caller, question.params.id("agent_id"), {}, "agent_id"));
  const receive::UploadCredentials made =
      TRY(services.upload_keys.lend(question.caller.project, agent, services.clock.now()));
  std::string out;
  JsonWriter(out)
      .begin_object()
      .member("access_key", made.access_key)
      .member("secret_key", made.secret_key)
      .member("session_token", made.session_token)
      .member("bucket", made.bucket)
      .member("key", made.key)
      .member("region", made.region)
      .time_member("expires_at", made.expires_at)
      .member("endpoint_url", made.endpoint.empty() ? services.info().http : made.endpoint)
      .end_object();
  return answer(std::move(out));
}

// LiveKit's egress uploads to Amazon only, so its SDK is told to go on without a recording;
// LiveKit's own upload brings one.
Result<http::Response> livekit_credentials(const Services&, Question&) {
  return Error{ErrorCode::kNotFound,
               "LiveKit egress can't upload here. Set LIVEKIT_OBSERVABILITY_URL to this server and "
               "the recording comes with LiveKit's own report.",
               ""};
}

}  // namespace

void add_observe_routes(http::Router& router, const Services& services) {
  const auto add_report = [&](std::string_view pattern, ReportKind kind,
                              std::string_view agent_field) {
    add_report_route(router, services, std::string(pattern), {kind, agent_field});
  };
  add(router, services, "GET", "/observability/v1/pipecat/egress-credentials", Needs::kWrite,
      egress_credentials);
  add(router, services, "GET", "/observability/v1/livekit/egress-credentials", Needs::kWrite,
      livekit_credentials);
  add_report("/observability/v1/observe/", ReportKind::kObserve, "agent");
  add_report("/observability/v1/pipecat/observe/", ReportKind::kPipecatSession, "agent_id");
  add_report("/test_framework/v1/pipecat/webhook/", ReportKind::kPipecatSimulation, "agent_id");
  add_report("/observability/v1/livekit/observe/", ReportKind::kLivekitSession, "agent_id");
  add_report("/test_framework/v1/livekit-webhook/", ReportKind::kLivekitSimulation, "agent_id");
  add_report("/observability/v1/vapi/observe/", ReportKind::kVapi, "agent_id");
  add_report("/observability/v1/retell/observe/", ReportKind::kRetell, "agent_id");
  add_report("/observability/v1/elevenlabs/observe/", ReportKind::kElevenLabs, "agent_id");
}

}  // namespace callscope::serve::compat
