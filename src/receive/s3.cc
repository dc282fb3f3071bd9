#include "receive/s3.h"

#include <fmt/format.h>

#include <charconv>

#include "base/encoding.h"
#include "base/file.h"
#include "base/xml.h"
#include "http/body_source.h"
#include "receive/s3/authorize.h"
#include "receive/s3/complete_request.h"
#include "receive/s3/error.h"
#include "receive/s3/payload.h"
#include "receive/s3/uploads.h"

namespace callscope::receive {
namespace {

using namespace s3;

// The list of ten thousand parts takes 1.5 MB.
constexpr size_t kCompleteBytesMax = 4u << 20;
// Of requests that should have no body.
constexpr size_t kNoBodyBytesMax = 4'096;
constexpr size_t kCopyBytes = 1u << 20;
// What the framing of chunks adds to a body, at most: SDKs make chunks of 64 KiB and more, with
// about 100 bytes each.
constexpr int64_t kFramingFactor = 2;

std::string in_quotes(std::string_view etag) { return fmt::format("\"{}\"", etag); }

// Half of the body's SHA-256, which has been computed for the signature already; S3 promises no
// more of an ETag than that another body has another one.
std::string etag_of(const Payload::Summary& summary) {
  return to_hex(std::string_view(summary.sha256).substr(0, 16));
}

std::string etag_of(const store::Recording& recording) {
  return fmt::format("{:016x}{:016x}-1", recording.id, recording.bytes);
}

http::Response stored(std::string_view etag, const Payload::Summary& summary) {
  http::Response response = http::Response::empty(200);
  response.headers.add("ETag", in_quotes(etag));
  if (!summary.checksum_name.empty()) response.headers.add(summary.checksum_name, summary.checksum);
  return response;
}

RecordingDetails details_of(const UploadGrant& grant, std::string_view content_type) {
  RecordingDetails details;
  details.project = grant.project;
  details.agent = grant.agent;
  details.source = store::RecordingSource::kSdk;
  details.key = grant.key;
  details.raw = raw_format_of(content_type).value_or(kSdkFormat);
  if (details.raw->sample_rate_hz == 0) details.raw->sample_rate_hz = kSdkFormat.sample_rate_hz;
  if (details.raw->channels == 0) details.raw->channels = kSdkFormat.channels;
  if (http::media_type(content_type) == "audio/raw" && details.raw->channels == 2)
    details.agent_channel = kSdkAgentChannel;
  return details;
}

Result<int> part_number(const http::Request& request) {
  const auto text = request.query.find("partNumber").value_or("");
  int number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code == std::errc() && end == text.data() + text.size() && number >= 1 &&
      number <= kPartNumberMax)
    return number;
  return error("InvalidArgument",
               fmt::format("partNumber must be a whole number from 1 to {}", kPartNumberMax));
}

// Takes the body out of its framing and passes it on.
class PayloadSink : public http::BodySink {
 public:
  explicit PayloadSink(Payload payload) : payload_(std::move(payload)) {}

  Result<void> write(std::string_view bytes) final {
    return payload_.write(bytes, [this](std::string_view piece) { return take(piece); });
  }
  Result<void> finish(http::Responder responder) final {
    responder.send(TRY(done(TRY(payload_.finish()))));
    return {};
  }

 protected:
  virtual Result<void> take(std::string_view bytes) = 0;
  virtual Result<http::Response> done(const Payload::Summary& summary) = 0;

 private:
  Payload payload_;
};

class PartSink final : public PayloadSink {
 public:
  PartSink(Payload payload, std::unique_ptr<PartWriter> writer)
      : PayloadSink(std::move(payload)), writer_(std::move(writer)) {}

 private:
  Result<void> take(std::string_view bytes) override { return writer_->write(bytes); }
  Result<http::Response> done(const Payload::Summary& summary) override {
    TRY(writer_->commit(etag_of(summary)));
    return stored(etag_of(summary), summary);
  }

  const std::unique_ptr<PartWriter> writer_;
};

class ObjectSink final : public PayloadSink {
 public:
  ObjectSink(Payload payload, std::unique_ptr<RecordingWriter> writer)
      : PayloadSink(std::move(payload)), writer_(std::move(writer)) {}

 private:
  Result<void> take(std::string_view bytes) override { return writer_->write(bytes); }
  Result<http::Response> done(const Payload::Summary& summary) override {
    return stored(etag_of(TRY(writer_->finish())), summary);
  }

  const std::unique_ptr<RecordingWriter> writer_;
};

// A small body that is looked at as a whole.
class TextSink final : public PayloadSink {
 public:
  using Done = std::function<Result<http::Response>(std::string_view body)>;
  TextSink(Payload payload, Done done) : PayloadSink(std::move(payload)), done_(std::move(done)) {}

 private:
  Result<void> take(std::string_view bytes) override {
    body_ += bytes;
    return {};
  }
  Result<http::Response> done(const Payload::Summary&) override { return done_(body_); }

  const Done done_;
  std::string body_;
};

}  // namespace

struct S3Server::State {
  S3Options options;
  const UploadKeys& keys;
  Recordings& recordings;
  store::Catalog& catalog;
  const Clock& clock;
  std::unique_ptr<Uploads> uploads;

  Result<Authorized> authorize(const http::Request& request) const {
    return s3::authorize(request, keys, options.public_url, clock.now());
  }

  using Sink = std::unique_ptr<http::BodySink>;
  Result<Sink> open_put(const http::Request& request);
  Result<Sink> open_post(const http::Request& request);
  Result<http::Response> create(const http::Request& request, const UploadGrant& grant);
  Result<http::Response> complete(const http::Request& request, const UploadGrant& grant,
                                  std::string_view body);
  Result<store::Recording> join_parts(const Upload& upload, std::string_view body);
  Result<std::optional<store::Recording>> find(const UploadGrant& grant) const;
  Result<http::Response> abort(const http::Request& request) const;
  Result<http::Response> head(const http::Request& request) const;
};

Result<S3Server::State::Sink> S3Server::State::open_put(const http::Request& request) {
  Authorized authorized = TRY(authorize(request));
  const UploadGrant grant = authorized.grant;
  auto bytes_max = static_cast<uint64_t>(options.limits.recording_bytes_max);
  if (!request.query.find("partNumber") && !request.query.find("uploadId")) {
    Payload payload = TRY(Payload::open(request, std::move(authorized), bytes_max));
    auto writer = TRY(recordings.begin(details_of(grant, request.headers.get("Content-Type"))));
    return Sink(std::make_unique<ObjectSink>(std::move(payload), std::move(writer)));
  }
  const int number = TRY(part_number(request));
  const Upload upload = TRY(uploads->find(request.query.find("uploadId").value_or(""), grant));
  for (const Part& part : TRY(uploads->parts(upload))) {
    if (part.number != number) bytes_max -= std::min(bytes_max, part.bytes);
  }
  Payload payload = TRY(Payload::open(request, std::move(authorized), bytes_max));
  auto writer = TRY(uploads->begin_part(upload, number));
  return Sink(std::make_unique<PartSink>(std::move(payload), std::move(writer)));
}

Result<S3Server::State::Sink> S3Server::State::open_post(const http::Request& request) {
  Authorized authorized = TRY(authorize(request));
  const UploadGrant grant = authorized.grant;
  Payload payload = TRY(Payload::open(request, std::move(authorized), kCompleteBytesMax));
  TextSink::Done done;
  if (request.query.find("uploads")) {
    done = [this, &request, grant](std::string_view) { return create(request, grant); };
  } else if (request.query.find("uploadId")) {
    done = [this, &request, grant](std::string_view body) {
      return complete(request, grant, body);
    };
  } else {
    return error("NotImplemented", "POST begins (?uploads) or completes (?uploadId=) an upload");
  }
  return Sink(std::make_unique<TextSink>(std::move(payload), std::move(done)));
}

Result<http::Response> S3Server::State::create(const http::Request& request,
                                               const UploadGrant& grant) {
  const Upload upload = TRY(uploads->create(grant, request.headers.get("Content-Type")));
  return xml_response(200, "InitiateMultipartUploadResult",
                      fmt::format("<Bucket>{}</Bucket><Key>{}</Key><UploadId>{}</UploadId>",
                                  UploadKeys::kBucket, xml_escape(grant.key), upload.id));
}

Result<std::optional<store::Recording>> S3Server::State::find(const UploadGrant& grant) const {
  auto found = TRY(catalog.recording_of_object(grant.project, grant.key));
  if (found && found->state != store::RecordingState::kComplete) found.reset();
  return found;
}

Result<http::Response> S3Server::State::complete(const http::Request& request,
                                                 const UploadGrant& grant, std::string_view body) {
  const auto upload = uploads->find(request.query.find("uploadId").value_or(""), grant);
  std::optional<store::Recording> recording;
  if (upload) {
    recording = TRY(join_parts(*upload, body));
  } else {
    // Completed before, and the client did not get to see the answer.
    recording = TRY(find(grant));
    if (!recording) return upload.error();
  }
  return xml_response(200, "CompleteMultipartUploadResult",
                      fmt::format("<Location>/{0}/{1}</Location><Bucket>{0}</Bucket><Key>{1}</Key>"
                                  "<ETag>&quot;{2}&quot;</ETag>",
                                  UploadKeys::kBucket, xml_escape(grant.key), etag_of(*recording)));
}

Result<store::Recording> S3Server::State::join_parts(const Upload& upload, std::string_view body) {
  const std::vector<CompletedPart> wanted = TRY(parse_complete_request(body));
  const auto turn = uploads->take(upload);
  if (!turn) return error("OperationAborted", "the upload is being completed already");
  const std::vector<Part> parts = TRY(uploads->parts(upload));
  std::vector<const Part*> chosen;
  for (const CompletedPart& part : wanted) {
    const auto found = std::find_if(parts.begin(), parts.end(),
                                    [&](const Part& p) { return p.number == part.number; });
    if (found == parts.end() || found->etag != part.etag) {
      return error("InvalidPart",
                   fmt::format("part {} was not uploaded, or has another ETag", part.number));
    }
    chosen.push_back(&*found);
  }
  auto writer = TRY(recordings.begin(details_of(upload.grant, upload.content_type)));
  std::string piece;
  for (const Part* part : chosen) {
    const File file = TRY(File::open(part->path, File::Mode::kRead));
    for (uint64_t at = 0; at < part->bytes; at += piece.size()) {
      piece.resize(static_cast<size_t>(std::min<uint64_t>(part->bytes - at, kCopyBytes)));
      TRY(file.read_at(at, piece.data(), piece.size()));
      TRY(writer->write(piece));
    }
  }
  const store::Recording recording = TRY(writer->finish());
  TRY(uploads->remove(upload));
  return recording;
}

Result<http::Response> S3Server::State::abort(const http::Request& request) const {
  const Authorized authorized = TRY(authorize(request));
  const auto id = request.query.find("uploadId");
  if (!id) return error("AccessDenied", "the credentials do not allow objects to be deleted");
  const Upload upload = TRY(uploads->find(*id, authorized.grant));
  const auto turn = uploads->take(upload);
  if (!turn) return error("OperationAborted", "the upload is being completed");
  TRY(uploads->remove(upload));
  return http::Response::empty(204);
}

Result<http::Response> S3Server::State::head(const http::Request& request) const {
  const Authorized authorized = TRY(authorize(request));
  const auto recording = TRY(find(authorized.grant));
  if (!recording) return error("NoSuchKey", "the object was not uploaded yet");
  // Only its size is told: the body of an answer to HEAD is never sent.
  class Sized final : public http::BodySource {
   public:
    explicit Sized(uint64_t size) : size_(size) {}
    uint64_t size() const override { return size_; }
    Result<void> read(uint64_t, std::span<char>) override {
      return Error{ErrorCode::kInternal, "an answer to HEAD has no body"};
    }

   private:
    const uint64_t size_;
  };
  http::Response response = http::Response::streamed(
      recording->content_type,
      std::make_shared<Sized>(static_cast<uint64_t>(std::max<int64_t>(recording->bytes, 0))));
  response.headers.add("ETag", in_quotes(etag_of(*recording)));
  return response;
}

S3Server::S3Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
S3Server::~S3Server() = default;

Result<std::unique_ptr<S3Server>> S3Server::open(S3Options options, const UploadKeys& keys,
                                                 Recordings& recordings, store::Catalog& catalog,
                                                 const Clock& clock) {
  auto uploads = TRY(Uploads::open(options.folder, options.limits.disk_free_bytes_min));
  auto state = std::unique_ptr<State>(new State{.options = std::move(options),
                                                .keys = keys,
                                                .recordings = recordings,
                                                .catalog = catalog,
                                                .clock = clock,
                                                .uploads = std::move(uploads)});
  return std::unique_ptr<S3Server>(new S3Server(std::move(state)));
}

void S3Server::register_routes(http::Router& router) {
  State* const state = state_.get();
  http::RouteOptions options;
  options.trailing_slash = http::TrailingSlash::kStrict;
  options.unpacking = http::Unpacking::kNone;
  options.admit = [state](const http::Request& request) -> std::optional<http::Response> {
    if (const auto authorized = state->authorize(request); !authorized)
      return error_response(request, authorized.error());
    return std::nullopt;
  };
  options.errors = error_response;
  const auto answer = [](auto ask) {
    return [ask](const http::Request& request, const http::Responder& responder) {
      auto response = ask(request);
      responder.send(response ? *std::move(response) : error_response(request, response.error()));
    };
  };
  for (const std::string_view prefix : {"", "/s3"}) {
    const std::string pattern = fmt::format("{}/{}/{{key...}}", prefix, UploadKeys::kBucket);
    options.body_bytes_max =
        static_cast<size_t>(state->options.limits.recording_bytes_max * kFramingFactor);
    router.add_streamed(
        "PUT", pattern, [state](const http::Request& request) { return state->open_put(request); },
        options);
    options.body_bytes_max = kCompleteBytesMax;
    router.add_streamed(
        "POST", pattern,
        [state](const http::Request& request) { return state->open_post(request); }, options);
    options.body_bytes_max = kNoBodyBytesMax;
    router.add("DELETE", pattern,
               answer([state](const http::Request& request) { return state->abort(request); }),
               options);
    router.add("HEAD", pattern,
               answer([state](const http::Request& request) { return state->head(request); }),
               options);
  }
}

Result<void> S3Server::sweep() {
  TRY(state_->uploads->sweep(state_->clock.now()));
  return {};
}

}  // namespace callscope::receive
