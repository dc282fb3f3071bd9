// Call logs and the sessions of SDKs, as they are posted.
#include <boost/json.hpp>

#include "calls/describe_reports.h"
#include "http/form.h"
#include "normalise/report.h"
#include "serve/compat/compat.h"
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

// What POST observe answers with: made of the report alone, since the call is derived a moment
// later.
std::string created_text(const Services& services, ProjectId project, AgentId agent,
                         const calls::SavedAs& saved, const model::Report& report) {
  model::Call call;
  call.summary.id = saved.call;
  call.summary.project = project;
  call.summary.agent = agent;
  call.summary.call_id = report.call_id;
  call.summary.trace_ids = report.trace_ids;
  call.summary.started = report.started.is_set() ? report.started : report.zero;
  call.summary.ended = report.ended;
  call.summary.last_activity = services.clock.now();
  call.summary.end_reason = report.end_reason;
  if (!call.summary.started.is_set()) call.summary.started = call.summary.last_activity;
  store::SavedReport row;
  row.kind = report.kind;
  calls::LoadedReport loaded{std::move(row), report};
  calls::describe_reports({&loaded, 1}, call);
  for (const model::CallUtterance& entry : call.transcript)
    call.summary.ended = std::max(call.summary.ended, std::max(entry.start, entry.end));
  std::string out;
  const auto agents = AgentNames::load(services.catalog, project);
  append_list_item(out, call, agents ? *agents : AgentNames());
  return out;
}

struct Posted {
  ReportKind kind = ReportKind::kObserve;
  std::string_view agent_field;  // that names the agent in the body
};

// What is known before the body has come.
struct Sender {
  receive::Identity caller;
  std::optional<int64_t> agent;  // by the query
};

// The recording of a call that was saved: one that came with it, one that an SDK uploaded before,
// or one to be fetched.
Result<void> add_recording(const Services& services, const calls::ReportToSave& report,
                           const calls::SavedAs& saved, receive::RecordingWriter* file) {
  const model::Report& said = report.report;
  std::optional<store::Recording> recording;
  if (file) {
    recording = TRY(file->finish());
  } else if (!said.recording_key.empty()) {
    recording = TRY(services.catalog.recording_of_object(report.project, said.recording_key));
  } else if (!said.recording_url.empty()) {
    for (const store::Recording& known :
         TRY(services.catalog.recordings_of_call(report.project, saved.call))) {
      if (known.url == said.recording_url) return {};
    }
    receive::RecordingDetails details;
    details.project = report.project;
    details.agent = report.agent;
    details.call = saved.call;
    details.source = store::RecordingSource::kUrl;
    details.started = said.recording_started;
    if (said.agent_channel) details.agent_channel = *said.agent_channel;
    TRY(services.recordings.fetch_later(details, said.recording_url));
    return {};
  }
  if (!recording) return {};
  const auto attach = [&](store::Transaction& transaction) -> Result<void> {
    if (said.agent_channel) recording->agent_channel = *said.agent_channel;
    if (said.recording_started.is_set()) recording->started = said.recording_started;
    TRY(transaction.update_recording(*recording));
    return transaction.attach_recording(report.project, recording->id, saved.call);
  };
  TRY(services.catalog.write(attach, store::Durability::kPower));
  services.listener.wake();
  return {};
}

// Reads and saves a report; the answer comes once all of it is on disk.
Result<void> take(const Services& services, const Posted& posted, const Sender& sender,
                  std::string body, std::shared_ptr<receive::RecordingWriter> file,
                  const http::Responder& responder) {
  auto to_save = std::make_shared<calls::ReportToSave>();
  to_save->body = std::move(body);
  to_save->report = TRY(normalise::read_report(posted.kind, to_save->body, services.report_limits));
  const model::Report& report = to_save->report;
  to_save->project = sender.caller.project;
  to_save->agent =
      TRY(agent_of(services, sender.caller, report.agent_id ? report.agent_id : sender.agent,
                   report.assistant_id, posted.agent_field));
  to_save->refuses_known =
      posted.kind == ReportKind::kObserve && services.refuses_known_calls(sender.caller.project);
  return services.reports.save(
      *to_save, [&services, responder, to_save, file](Result<calls::SavedAs> saved) {
        if (!saved) return responder.send(error_answer(saved.error()));
        const auto added = add_recording(services, *to_save, *saved, file.get());
        if (!added) return responder.send(error_answer(added.error()));
        responder.send(answer(201, created_text(services, to_save->project, to_save->agent, *saved,
                                                to_save->report)));
      });
}

class RecordingFile final : public http::FileSink {
 public:
  explicit RecordingFile(std::shared_ptr<receive::RecordingWriter> writer)
      : writer_(std::move(writer)) {}
  Result<void> write(std::string_view bytes) override { return writer_->write(bytes); }
  std::shared_ptr<receive::RecordingWriter> writer() const { return writer_; }

 private:
  const std::shared_ptr<receive::RecordingWriter> writer_;
};

Result<std::unique_ptr<http::BodySink>> read_multipart(const Services& services,
                                                       const Posted& posted, const Sender& sender,
                                                       const http::Request& request) {
  const auto open_file =
      [&services, sender](const http::FormPart& part) -> Result<std::unique_ptr<http::FileSink>> {
    // JSON in a part with a file name is a field all the same.
    if (part.name != "voice_recording") return std::unique_ptr<http::FileSink>();
    receive::RecordingDetails details;
    details.project = sender.caller.project;
    details.source = store::RecordingSource::kObserve;
    details.raw = receive::raw_format_of(part.content_type);
    auto writer = services.recordings.begin(std::move(details));
    if (!writer) {
      writer.error().field = "voice_recording";
      return std::move(writer).error();
    }
    return std::unique_ptr<http::FileSink>(std::make_unique<RecordingFile>(
        std::shared_ptr<receive::RecordingWriter>(std::move(*writer))));
  };
  const auto done = [&services, posted, sender](http::Form form, const http::Responder& responder) {
    std::shared_ptr<receive::RecordingWriter> file;
    if (!form.files.empty()) file = static_cast<RecordingFile&>(*form.files.front().sink).writer();
    auto body = json_of(form.fields);
    const auto taken = body ? take(services, posted, sender, std::move(*body), file, responder)
                            : Result<void>(body.error());
    if (!taken) responder.send(error_answer(taken.error()));
  };
  return http::read_form(request, {.fields_bytes_max = services.report_bytes_max}, open_file, done);
}

Result<std::unique_ptr<http::BodySink>> open_report(const Services& services, const Posted& posted,
                                                    const http::Request& request) {
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
        const auto taken = take(services, posted, sender, std::move(body), nullptr, responder);
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
  const receive::UploadCredentials made = services.upload_keys.make_upload_credentials(
      question.caller.project, agent, {}, services.clock.now());
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
      .member("endpoint_url", services.info().http)
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
