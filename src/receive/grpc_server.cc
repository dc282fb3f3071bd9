#include "receive/grpc_server.h"

#include <fmt/format.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>

#include <chrono>
#include <thread>
#include <vector>

#include "base/file.h"
#include "http/coding.h"
#include "receive/otlp_answer.h"

namespace callscope::receive {
namespace {

using normalise::Signal;

constexpr std::string_view kExportTraces =
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr std::string_view kExportLogs =
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

// How long stop() lets requests under way finish.
constexpr std::chrono::seconds kDrain{10};

// What a request was compressed with. gRPC would decompress by itself, without a limit, so that is
// off, and the bytes tell: an OTLP request begins with field 1 (0x0a) and is never taken for the
// head of a gzip or zlib stream.
http::Coding sniff_coding(std::string_view bytes) {
  if (bytes.size() < 2) return http::Coding::kIdentity;
  const auto first = static_cast<uint8_t>(bytes[0]);
  const auto second = static_cast<uint8_t>(bytes[1]);
  if (first == 0x1f && second == 0x8b) return http::Coding::kGzip;
  if (first == 0x78 && (first << 8 | second) % 31 == 0) return http::Coding::kDeflate;
  return http::Coding::kIdentity;
}

struct Assembled {
  grpc::Slice slice;  // the whole message in one piece
};

Result<store::wal::Payload> assemble(grpc::ByteBuffer& buffer, size_t unpacked_max) {
  auto whole = std::make_shared<Assembled>();
  if (!buffer.TrySingleSlice(&whole->slice).ok() && !buffer.DumpToSingleSlice(&whole->slice).ok()) {
    return Error{ErrorCode::kInvalidArgument, "the message can't be read", "body"};
  }
  const std::string_view bytes(reinterpret_cast<const char*>(whole->slice.begin()),
                               whole->slice.size());
  const http::Coding coding = sniff_coding(bytes);
  if (coding == http::Coding::kIdentity) return store::wal::Payload{bytes, std::move(whole), 0};
  return store::wal::Payload::of(TRY(http::decode(coding, bytes, unpacked_max)));
}

grpc::Status to_status(const Error& error) {
  return {static_cast<grpc::StatusCode>(grpc_status_code(error.code)), error.message,
          encode_status(error)};
}

grpc::ByteBuffer to_buffer(const std::string& bytes) {
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

struct GrpcServer::State {
  State(const Limits& limits_in, Authenticator& auth_in, Intake& intake_in)
      : limits(limits_in), auth(auth_in), intake(intake_in) {}

  const Limits limits;
  Authenticator& auth;
  Intake& intake;
  grpc::AsyncGenericService service;
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
  std::unique_ptr<grpc::Server> server;
  std::vector<std::thread> threads;
  std::string address;
  bool stopped = false;
};

namespace {

// One call from acceptance to answer; deletes itself at its end. Each step waits for one event of
// the completion queue, so no two threads work on a call at once, save for the answer, which comes
// from the log's thread while nothing else is outstanding.
class ExportCall {
 public:
  ExportCall(grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue,
             const Limits& limits, Authenticator& auth, Intake& intake)
      : service_(service),
        queue_(queue),
        limits_(limits),
        auth_(auth),
        intake_(intake),
        stream_(&context_) {
    service_.RequestCall(&context_, &stream_, &queue_, &queue_, this);
  }

  void proceed(bool ok) {
    switch (step_) {
      case Step::kAccept:
        if (!ok) {  // shutting down
          delete this;
          return;
        }
        new ExportCall(service_, queue_, limits_, auth_, intake_);
        step_ = Step::kRead;
        if (signal_of_method()) {
          stream_.Read(&request_, this);
        } else {
          finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED,
                              "no such method here: " + context_.method()));
        }
        return;
      case Step::kRead:
        if (!ok) {
          finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the call carried no message"));
        } else {
          take();
        }
        return;
      case Step::kFinish:
        delete this;
        return;
    }
  }

 private:
  enum class Step { kAccept, kRead, kFinish };

  bool signal_of_method() {
    if (context_.method() == kExportTraces) return true;
    signal_ = Signal::kLogs;
    return context_.method() == kExportLogs;
  }

  Result<Sender> authenticate() {
    const auto& metadata = context_.client_metadata();
    const Identity identity =
        TRY(auth_.authenticate([&](std::string_view name) -> std::optional<std::string_view> {
          const auto it = metadata.find(grpc::string_ref(name.data(), name.size()));
          if (it == metadata.end()) return std::nullopt;
          return std::string_view(it->second.data(), it->second.size());
        }));
    TRY(require_write(identity));
    return Sender{identity.project, identity.agent};
  }

  void take() {
    const Result<Sender> sender = authenticate();
    if (!sender) return finish(to_status(sender.error()));
    auto payload = assemble(request_, static_cast<size_t>(limits_.decompressed_bytes_max));
    request_.Clear();
    if (!payload) return finish(to_status(payload.error()));
    intake_.submit(signal_, *sender, std::move(*payload), [this](Result<Accepted> accepted) {
      if (!accepted) return finish(to_status(accepted.error()));
      step_ = Step::kFinish;
      stream_.WriteAndFinish(to_buffer(encode_accepted(*accepted)), grpc::WriteOptions(),
                             grpc::Status::OK, this);
    });
  }

  void finish(const grpc::Status& status) {
    step_ = Step::kFinish;
    stream_.Finish(status, this);
  }

  grpc::AsyncGenericService& service_;
  grpc::ServerCompletionQueue& queue_;
  const Limits& limits_;
  Authenticator& auth_;
  Intake& intake_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_;
  grpc::ByteBuffer request_;
  Signal signal_ = Signal::kTraces;
  Step step_ = Step::kAccept;
};

void serve(grpc::ServerCompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) static_cast<ExportCall*>(tag)->proceed(ok);
}

Result<std::shared_ptr<grpc::ServerCredentials>> credentials(const GrpcServerOptions& options) {
  if (options.tls_certificate_file.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back(
      {TRY(read_file(options.tls_key_file)), TRY(read_file(options.tls_certificate_file))});
  return grpc::SslServerCredentials(tls);
}

}  // namespace

GrpcServer::GrpcServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
GrpcServer::~GrpcServer() { stop(); }
std::string GrpcServer::address() const { return state_->address; }

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(GrpcServerOptions options,
                                                      const Limits& limits, Authenticator& auth,
                                                      Intake& intake) {
  auto state = std::make_unique<State>(limits, auth, intake);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(options.address, TRY(credentials(options)), &port);
  builder.RegisterAsyncGenericService(&state->service);
  builder.SetMaxReceiveMessageSize(static_cast<int>(limits.message_bytes_max));
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, 1 << 20);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 256);
  grpc::ResourceQuota quota("receive");
  quota.Resize(static_cast<size_t>(limits.inflight_bytes_max) +
               static_cast<size_t>(limits.message_bytes_max));
  builder.SetResourceQuota(quota);
  for (int i = 0; i < options.threads; ++i) state->queues.push_back(builder.AddCompletionQueue());
  state->server = builder.BuildAndStart();
  if (!state->server || port == 0) {
    for (auto& queue : state->queues) queue->Shutdown();
    return Error{
        ErrorCode::kUnavailable,
        fmt::format("cannot listen for gRPC on {}: is the port taken? Give another with --grpc",
                    options.address)};
  }
  state->address =
      fmt::format("{}:{}", options.address.substr(0, options.address.rfind(':')), port);
  for (auto& queue : state->queues) {
    for (int i = 0; i < 8; ++i) {
      new ExportCall(state->service, *queue, state->limits, auth, intake);
    }
    state->threads.emplace_back([&queue] { serve(*queue); });
  }
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(state)));
}

void GrpcServer::stop() {
  if (std::exchange(state_->stopped, true)) return;
  state_->server->Shutdown(std::chrono::system_clock::now() + kDrain);
  for (auto& queue : state_->queues) queue->Shutdown();
  for (std::thread& thread : state_->threads) thread.join();
}

}  // namespace callscope::receive
