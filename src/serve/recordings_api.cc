// Recordings of a call: attaching one, listening, deleting.
#include <charconv>

#include "http/form.h"
#include "http/ranges.h"
#include "serve/endpoint.h"
#include "serve/lookup.h"
#include "serve/play_links.h"
#include "serve/recording_audio.h"
#include "serve/recording_json.h"
#include "serve/routes.h"
#include "serve/withheld_calls.h"

namespace callscope::serve {
namespace {

// What a multipart body has around its file.
constexpr size_t kFormBytesMax = 1u << 20;

enum class Form { kOriginal, kPlayable };

Result<http::Response> send_recording(const Services& services, const http::Request& request,
                                      const store::Recording& saved, Form form) {
  const receive::OpenRecording opened = TRY(services.recordings.open(saved));
  const store::Recording& recording = opened.recording;
  const RecordingAudio audio = form == Form::kOriginal
                                   ? original_audio(recording, opened.bytes)
                                   : TRY(playable_audio(recording, opened.bytes));
  http::Response response = http::Response::streamed(audio.content_type, audio.source);
  response.headers.add("ETag", fmt::format("\"{}-{}{}\"", recording.id, recording.bytes,
                                           audio.is_decoded ? "-wav" : ""));
  // It never changes, but it can be deleted, and then no copy shall be left.
  response.headers.add("Cache-Control", "private, no-cache");
  response.headers.add("X-Content-Type-Options", "nosniff");
  return http::apply_range(request, std::move(response));
}

Result<http::Response> get_recording(const Services& services, Question& question) {
  const bool wants_original = question.params.flag("original").value_or(false);
  TRY(question.params.done());
  return send_recording(services, question.request, TRY(find_recording(services, question)),
                        wants_original ? Form::kOriginal : Form::kPlayable);
}

// Asked with a link in place of a key.
Result<http::Response> play(const Services& services, const http::Request& request) {
  const ProjectId project = TRY(check_play_link(services, request));
  return send_recording(services, request, TRY(find_recording(services, project, request)),
                        Form::kPlayable);
}

Result<http::Response> delete_recording(const Services& services, Question& question) {
  TRY(question.params.done());
  const store::Recording recording = TRY(find_recording(services, question));
  TRY(services.recordings.remove(question.project, recording.id));
  return http::Response::empty(204);
}

// What the query says of the recording that the body brings.
Result<receive::RecordingDetails> details_of(const http::Request& request, Params& params) {
  receive::RecordingDetails details;
  details.raw = receive::raw_format_of(request.headers.get("Content-Type"));
  details.started = params.time("started_at").value_or(TimeNs{});
  const auto number = [&](std::string_view name, int64_t most) -> std::optional<int64_t> {
    const auto text = params.text(name);
    if (!text) return std::nullopt;
    int64_t value = 0;
    const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (code == std::errc() && end == text->data() + text->size() && value >= 0 && value <= most)
      return value;
    params.refuse(name, fmt::format("must be a whole number from 0 to {}", most));
    return std::nullopt;
  };
  details.agent_channel = number("agent_channel", 1);
  const auto rate = number("sample_rate", 768'000);
  const auto channels = number("channels", 64);
  const auto encoding = params.text("encoding");
  if (rate || channels || encoding) {
    if (!details.raw) details.raw.emplace();
    if (rate) details.raw->sample_rate_hz = *rate;
    if (channels) details.raw->channels = *channels;
    if (details.raw->channels == 0) details.raw->channels = 1;
    if (encoding) {
      const auto known = receive::parse_sample_encoding(*encoding);
      if (known) {
        details.raw->encoding = *known;
      } else {
        params.refuse("encoding", "must be u8, s16le, s24le, s32le, f32le, f64le, mulaw or alaw");
      }
    }
  }
  return details;
}

http::Response created(const Services& services, CallId call, const store::Recording& recording) {
  std::string out;
  append_recording(out, services, call, recording);
  http::Response response = answer(201, std::move(out));
  response.headers.add("Location",
                       fmt::format("/api/v1/calls/{}/recordings/{}", call, recording.id));
  return response;
}

// A body that is the file.
class RecordingSink final : public http::BodySink {
 public:
  RecordingSink(const Services& services, CallId call,
                std::unique_ptr<receive::RecordingWriter> writer)
      : services_(services), call_(call), writer_(std::move(writer)) {}
  Result<void> write(std::string_view bytes) override { return writer_->write(bytes); }
  Result<void> finish(http::Responder responder) override {
    responder.send(created(services_, call_, TRY(writer_->finish())));
    return {};
  }

 private:
  const Services& services_;
  const CallId call_;
  const std::unique_ptr<receive::RecordingWriter> writer_;
};

// A form's file.
class RecordingFile final : public http::FileSink {
 public:
  explicit RecordingFile(std::unique_ptr<receive::RecordingWriter> writer)
      : writer_(std::move(writer)) {}
  Result<void> write(std::string_view bytes) override { return writer_->write(bytes); }
  Result<store::Recording> finish() { return writer_->finish(); }

 private:
  const std::unique_ptr<receive::RecordingWriter> writer_;
};

Result<std::unique_ptr<http::BodySink>> form_sink(const Services& services,
                                                  const http::Request& request,
                                                  const receive::RecordingDetails& details) {
  const auto open_file =
      [&services, details](const http::FormPart& part) -> Result<std::unique_ptr<http::FileSink>> {
    if (part.name != "file") {
      return Error{ErrorCode::kInvalidArgument, "the file must be the part named \"file\"",
                   part.name};
    }
    receive::RecordingDetails of_part = details;
    if (!of_part.raw) of_part.raw = receive::raw_format_of(part.content_type);
    auto writer = TRY(services.recordings.begin(std::move(of_part)));
    return std::unique_ptr<http::FileSink>(std::make_unique<RecordingFile>(std::move(writer)));
  };
  const auto done = [&services, call = details.call](http::Form form,
                                                     const http::Responder& responder) {
    if (form.files.size() != 1) {
      return responder.send(
          http::error_response({ErrorCode::kInvalidArgument,
                                "the form must have one part named \"file\", with a file "
                                "name",
                                "file"}));
    }
    auto recording = static_cast<RecordingFile&>(*form.files.front().sink).finish();
    responder.send(recording ? created(services, call, *recording)
                             : http::error_response(recording.error()));
  };
  return http::read_form(request, {.parts_max = 16}, open_file, done);
}

Result<std::unique_ptr<http::BodySink>> add_recording(const Services& services,
                                                      const http::Request& request) {
  const receive::Identity caller = TRY(identify(services, request));
  TRY(require(Needs::kWrite, caller));
  Params params(request.query);
  const ProjectId project = TRY(project_of(params, caller));
  receive::RecordingDetails details = TRY(details_of(request, params));
  TRY(params.done());
  const CallId id = TRY(path_id(request, "id"));
  (void)services.save_calls().has_value();
  const auto call = TRY(shown_call(services, project, id));
  if (!call) return not_found(fmt::format("call {}", id));
  details.project = project;
  details.agent = call->agent;
  details.call = call->id;
  details.source = store::RecordingSource::kApi;
  const std::string type = http::media_type(request.headers.get("Content-Type"));
  if (type == "multipart/form-data") return form_sink(services, request, details);
  auto writer = TRY(services.recordings.begin(std::move(details)));
  return std::unique_ptr<http::BodySink>(
      std::make_unique<RecordingSink>(services, call->id, std::move(writer)));
}

}  // namespace

void add_recording_routes(http::Router& router, const Services& services) {
  constexpr const char* kAll = "/api/v1/calls/{id}/recordings";
  constexpr const char* kOne = "/api/v1/calls/{id}/recordings/{recording_id}";
  constexpr const char* kPlay = "/api/v1/calls/{id}/recordings/{recording_id}/play";
  http::RouteOptions options;
  options.body_bytes_max = services.recording_bytes_max + kFormBytesMax;
  options.unpacked_bytes_max = options.body_bytes_max;
  options.admit = [&services](const http::Request& request) -> std::optional<http::Response> {
    const auto caller = identify(services, request);
    if (!caller) return http::error_response(caller.error());
    if (const auto may = require(Needs::kWrite, *caller); !may)
      return http::error_response(may.error());
    return std::nullopt;
  };
  router.add_streamed(
      "POST", kAll,
      [&services](const http::Request& request) { return add_recording(services, request); },
      options);
  router.add("GET", kPlay, [&services](const http::Request& request, http::Responder responder) {
    auto response = play(services, request);
    responder.send(response ? std::move(*response) : http::error_response(response.error()));
  });
  add_endpoint(router, services, "GET", kOne, Needs::kRead, get_recording);
  add_endpoint(router, services, "DELETE", kOne, Needs::kWrite, delete_recording);
}

}  // namespace callscope::serve
