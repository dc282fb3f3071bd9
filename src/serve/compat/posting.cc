#include "serve/compat/posting.h"

#include "calls/describe_reports.h"
#include "normalise/report.h"
#include "serve/compat/compat.h"
#include "serve/json_writer.h"

namespace callscope::serve::compat {
namespace {

using model::ReportKind;

class RecordingFile final : public http::FileSink {
 public:
  explicit RecordingFile(std::shared_ptr<receive::RecordingWriter> writer)
      : writer_(std::move(writer)) {}
  Result<void> write(std::string_view bytes) override { return writer_->write(bytes); }
  std::shared_ptr<receive::RecordingWriter> writer() const { return writer_; }

 private:
  const std::shared_ptr<receive::RecordingWriter> writer_;
};

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

// The recording of a call that was saved: one that came with it, one that an SDK uploaded before,
// or one to be fetched.
Result<void> add_recording(const Services& services, const calls::ReportToSave& report,
                           const calls::SavedAs& saved, receive::RecordingWriter* file) {
  const model::Report& said = report.report;
  std::optional<store::Recording> recording;
  if (file) {
    recording = TRY(file->finish());
  } else if (!said.recording_key.empty()) {
    receive::RecordingDetails details;
    details.project = report.project;
    details.agent = report.agent;
    details.source = store::RecordingSource::kSdk;
    details.key = said.recording_key;
    recording = TRY(services.recordings.find_uploaded(details));
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
  // A sender that tries again sends the file again.
  for (const store::Recording& known :
       TRY(services.catalog.recordings_of_call(report.project, saved.call))) {
    const bool is_same = known.id != recording->id && known.source == recording->source &&
                         known.bytes == recording->bytes && known.format == recording->format;
    if (file && is_same) return services.recordings.remove(report.project, recording->id);
  }
  services.listener.wake();
  return {};
}

}  // namespace

Result<void> take_report(const Services& services, const Posted& posted, const Sender& sender,
                         std::string body, std::shared_ptr<receive::RecordingWriter> file,
                         const http::Responder& responder) {
  auto to_save = std::make_shared<calls::ReportToSave>();
  to_save->body = std::move(body);
  to_save->report = TRY(normalise::read_report(posted.kind, to_save->body, services.report_limits));
  const model::Report& report = to_save->report;
  to_save->project = sender.caller.project;
  to_save->agent = TRY(agent_of(
      services, sender.caller, report.agent_id ? report.agent_id : sender.agent,
      report.assistant_id.empty() ? posted.service_name : std::string_view(report.assistant_id),
      posted.agent_field));
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

Result<std::unique_ptr<http::FileSink>> open_recording(const Services& services,
                                                       const Sender& sender,
                                                       const http::FormPart& part,
                                                       store::RecordingSource source) {
  receive::RecordingDetails details;
  details.project = sender.caller.project;
  details.source = source;
  details.raw = receive::raw_format_of(part.content_type);
  auto writer = services.recordings.begin(std::move(details));
  if (!writer) {
    writer.error().field = part.name;
    return std::move(writer).error();
  }
  return std::unique_ptr<http::FileSink>(std::make_unique<RecordingFile>(
      std::shared_ptr<receive::RecordingWriter>(std::move(*writer))));
}

std::shared_ptr<receive::RecordingWriter> recording_in(const http::Form& form) {
  if (form.files.empty()) return nullptr;
  return static_cast<RecordingFile&>(*form.files.front().sink).writer();
}

}  // namespace callscope::serve::compat
