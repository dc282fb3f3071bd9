#include "receive/otlp_http.h"

#include <fmt/format.h>

#include <optional>

#include "base/encoding.h"
#include "normalise/otlp_json.h"
#include "receive/otlp_answer.h"

namespace callscope::receive {
namespace {

using normalise::Signal;

enum class Format { kProtobuf, kJson };

std::optional<Format> format_of(const http::Request& request) {
  const std::string type = http::media_type(request.headers.get("Content-Type"));
  if (type == "application/x-protobuf" || type == "application/protobuf") return Format::kProtobuf;
  if (type == "application/json") return Format::kJson;
  return std::nullopt;
}

http::Response respond(int status, Format format, std::string body) {
  const std::string_view type =
      format == Format::kJson ? "application/json" : "application/x-protobuf";
  return {status, {{"Content-Type", std::string(type)}}, std::move(body)};
}

std::string accepted_json(Signal signal, const Accepted& accepted) {
  if (accepted.rejected == 0) return "{}";
  // 64-bit numbers are strings in protobuf's JSON.
  std::string out = fmt::format(R"({{"partialSuccess":{{"{}":"{}","errorMessage":)",
                                signal == Signal::kTraces ? "rejectedSpans" : "rejectedLogRecords",
                                accepted.rejected);
  append_json_string(out, accepted.reason);
  return out + "}}";
}

std::string status_json(const Error& error) {
  std::string out = fmt::format(R"({{"code":{},"message":)", grpc_status_code(error.code));
  append_json_string(out, error.message);
  if (is_retryable(error.code)) {
    out += fmt::format(
        R"(,"details":[{{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"{}s"}}])",
        kRetryAfterSeconds);
  }
  return out + "}";
}

// A google.rpc.Status in the format of the request; JSON where that has none we know.
http::Response respond_error(const std::optional<Format>& format, const Error& error) {
  const bool is_json = format.value_or(Format::kJson) == Format::kJson;
  http::Response response =
      respond(http::status_of(error.code), is_json ? Format::kJson : Format::kProtobuf,
              is_json ? status_json(error) : encode_status(error));
  if (is_retryable(error.code))
    response.headers.add("Retry-After", std::to_string(kRetryAfterSeconds));
  return response;
}

Result<Sender> sender_of(Authenticator& auth, const http::Request& request) {
  const Identity identity =
      TRY(auth.authenticate([&](std::string_view name) { return request.headers.find(name); }));
  TRY(require_write(identity));
  return Sender{identity.project, identity.agent};
}

std::optional<http::Response> admit(Authenticator& auth, const http::Request& request) {
  const auto format = format_of(request);
  const auto sender = sender_of(auth, request);
  if (!sender) return respond_error(format, sender.error());
  if (format) return std::nullopt;
  return respond_error(
      format, {ErrorCode::kUnsupported,
               "Content-Type must be application/x-protobuf or application/json", "Content-Type"});
}

Result<std::string> to_protobuf(Signal signal, Format format, std::string body) {
  if (format == Format::kProtobuf) return body;
  return signal == Signal::kTraces ? normalise::traces_json_to_protobuf(body)
                                   : normalise::logs_json_to_protobuf(body);
}

void take(Signal signal, Authenticator& auth, const Submit& submit, http::Request request,
          const http::Responder& responder) {
  const Format format =
      format_of(request).value_or(Format::kProtobuf);  // admit() let only known ones pass
  const auto sender = sender_of(auth, request);
  if (!sender) return responder.send(respond_error(format, sender.error()));
  auto payload = to_protobuf(signal, format, std::move(request.body));
  if (!payload) return responder.send(respond_error(format, payload.error()));
  submit(signal, *sender, store::wal::Payload::of(std::move(*payload)),
         [signal, format, responder](Result<Accepted> accepted) {
           if (!accepted) return responder.send(respond_error(format, accepted.error()));
           responder.send(respond(200, format,
                                  format == Format::kJson ? accepted_json(signal, *accepted)
                                                          : encode_accepted(*accepted)));
         });
}

}  // namespace

void register_otlp_http(http::Router& router, Authenticator& auth, Intake& intake,
                        const Limits& limits) {
  const Submit submit = [&intake](Signal signal, const Sender& sender, store::wal::Payload payload,
                                  std::function<void(Result<Accepted>)> done) {
    intake.submit(signal, sender, std::move(payload), std::move(done));
  };
  register_otlp_http(router, auth, submit, limits);
}

void register_otlp_http(http::Router& router, Authenticator& auth, Submit submit,
                        const Limits& limits) {
  const http::RouteOptions options{
      .run = http::Run::kInline,
      .body_bytes_max = static_cast<size_t>(limits.message_bytes_max),
      .unpacked_bytes_max = static_cast<size_t>(limits.decompressed_bytes_max),
      .admit = [&auth](const http::Request& request) { return admit(auth, request); },
      .errors = [](const http::Request& request,
                   const Error& error) { return respond_error(format_of(request), error); }};
  for (const auto& [path, signal] :
       {std::pair("/v1/traces", Signal::kTraces),
        {"/v1/logs", Signal::kLogs},
        // Where LiveKit's agents send to, below LIVEKIT_OBSERVABILITY_URL.
        {"/observability/traces/otlp/v0", Signal::kTraces},
        {"/observability/logs/otlp/v0", Signal::kLogs}}) {
    router.add(
        "POST", path,
        [signal, &auth, submit](http::Request request, http::Responder responder) {
          take(signal, auth, submit, std::move(request), responder);
        },
        options);
  }
  // We keep no metrics: what LiveKit's say is in its spans too.
  router.add(
      "POST", "/observability/metrics/otlp/v0",
      [](const http::Request& request, const http::Responder& responder) {
        responder.send(respond(200, format_of(request).value_or(Format::kProtobuf), ""));
      },
      options);
}

}  // namespace callscope::receive
