#include "main/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>

#include "base/file.h"
#include "base/log.h"
#include "base/metrics.h"
#include "calls/call_book.h"
#include "calls/call_reader.h"
#include "calls/catalog_directory.h"
#include "calls/prices.h"
#include "calls/span_source.h"
#include "http/server.h"
#include "listen/listener.h"
#include "main/local_access.h"
#include "normalise/classify.h"
#include "receive/auth.h"
#include "receive/grpc_server.h"
#include "receive/intake.h"
#include "receive/otlp_http.h"
#include "receive/recording_worker.h"
#include "receive/recordings.h"
#include "receive/s3.h"
#include "receive/upload_credentials.h"
#include "serve/api.h"
#include "serve/settings.h"
#include "serve/static_ui.h"
#include "store/catalog/catalog.h"
#include "store/catalog/key_secret.h"
#include "store/engine.h"
#include "store/objects/objects.h"
#include "store/objects/s3.h"
#include "store/objects/sts.h"

namespace callscope {
namespace {

// How long requests under way may take when the server stops.
constexpr std::chrono::seconds kPatience{10};

// Held as long as the server runs, so that no second one starts on the same data folder.
class FolderLock {
 public:
  static Result<FolderLock> take(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / "lock";
    FolderLock lock;
    lock.fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock.fd_ < 0) return errno_error("create", path, errno);
    if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
      return Error{
          ErrorCode::kConflict,
          fmt::format("another server runs on the data folder {}: stop it, or give another "
                      "folder with --data",
                      folder.string()),
          "data"};
    }
    return lock;
  }
  FolderLock() = default;
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  int fd_ = -1;
};

Result<calls::Prices> load_prices(const std::string& file) {
  if (file.empty()) return calls::Prices::load();
  const std::string text = TRY(read_file(file));
  return calls::Prices::load(text);
}

// The first key may administer. Its secret where one was made or given now; empty where there are
// keys.
Result<std::string> first_key(store::Catalog& catalog, const std::string& wanted) {
  if (!TRY(catalog.valid_keys()).empty()) return std::string();
  const store::NewKey key = TRY(catalog.write(
      [&](store::Transaction& t) {
        return t.create_key(1, "first key", store::Access::kReadWrite, true, wanted);
      },
      store::Durability::kPower));
  return key.secret;
}

}  // namespace

struct Server::State {
  explicit State(ServerOptions options_in, const Clock& clock_in)
      : options(std::move(options_in)), clock(clock_in) {}

  const ServerOptions options;
  const Clock& clock;
  Metrics metrics;
  normalise::Classifier classifier;
  FolderLock lock;
  std::string first_key;
  bool stopped = false;

  // In the order of start; members are destroyed the other way round.
  std::unique_ptr<store::Catalog> catalog;
  std::unique_ptr<store::ObjectStore> objects;
  std::unique_ptr<calls::Prices> prices;
  std::unique_ptr<store::Engine> engine;
  std::unique_ptr<calls::CatalogDirectory> directory;
  std::unique_ptr<calls::CallBook> book;
  std::unique_ptr<calls::CallReader> reader;
  std::unique_ptr<calls::ReportIntake> reports;
  std::unique_ptr<listen::Listener> listener;
  std::unique_ptr<receive::Authenticator> auth;
  std::unique_ptr<receive::Intake> intake;
  std::unique_ptr<receive::Recordings> recordings;
  std::unique_ptr<receive::UploadKeys> upload_keys;
  std::unique_ptr<receive::S3Server> s3;
  std::unique_ptr<receive::RecordingWorker> recording_worker;
  std::shared_ptr<http::Router> router;
  std::unique_ptr<serve::Api> api;
  std::atomic<serve::Api*> saved_to{nullptr};  // `api`, once it is there
  std::unique_ptr<receive::GrpcServer> grpc;
  std::unique_ptr<http::Server> http;

  Result<void> open();
  Result<std::unique_ptr<store::ObjectStore>> open_objects() const;
  Result<void> lend_uploads();
  Result<void> open_recordings();
  Result<void> listen();
  void register_metrics();
  std::string http_url() const;
};

std::string Server::State::http_url() const {
  if (!options.public_url.empty()) return options.public_url;
  if (!http) return "";
  return fmt::format("{}://{}", http->uses_tls() ? "https" : "http", http->address());
}

Result<void> Server::State::open() {
  TRY(callscope::create_directories(options.data));
  lock = TRY(FolderLock::take(options.data));
  catalog = TRY(store::Catalog::open({.path = options.data / "catalog.db"}, clock));
  first_key = TRY(callscope::first_key(*catalog, options.bootstrap_key));
  prices = std::make_unique<calls::Prices>(TRY(load_prices(options.prices_file)));
  TRY(serve::load_own_prices(*catalog, *prices));
  engine = TRY(store::Engine::open({.directory = options.data,
                                    .limits = options.limits,
                                    .catalog = *catalog,
                                    .classifier = classifier,
                                    .clock = clock}));
  directory = std::make_unique<calls::CatalogDirectory>(*catalog);
  const calls::SpanSource source = calls::read_from(*engine, *catalog, classifier);
  calls::CallBookOptions book_options;
  book_options.bytes_max = static_cast<size_t>(options.limits.callbook_bytes_max);
  book_options.on_saved = [this](std::span<const model::CallSummary> calls) {
    if (serve::Api* const listening = saved_to.load()) listening->note_saved(calls);
  };
  book = std::make_unique<calls::CallBook>(*directory, source, *prices, book_options);
  reader = std::make_unique<calls::CallReader>(source, *prices);
  TRY(engine->start(*book));
  reports = std::make_unique<calls::ReportIntake>(*catalog, *book, *prices, clock);
  return reports->start();
}

Result<std::unique_ptr<store::ObjectStore>> Server::State::open_objects() const {
  if (options.objects.empty()) {
    return store::open_object_folder(options.data / "objects", options.limits.disk_free_bytes_min);
  }
  const store::S3Location location = TRY(store::parse_s3_url(options.objects));
  return store::open_s3_objects(
      location,
      {options.objects_access_key, options.objects_secret_key, options.objects_session_token},
      clock);
}

// The longest that a role may be taken on for.
constexpr int64_t kRoleSecondsMax = 12 * 3600;

// Agents upload to the bucket by themselves, each with credentials for one object.
Result<void> Server::State::lend_uploads() {
  if (options.objects.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "upload_role is about a bucket: give one with --objects", "upload_role"};
  }
  const store::S3Location location = TRY(store::parse_s3_url(options.objects));
  const std::string sts = options.sts.empty()
                              ? fmt::format("https://sts.{}.amazonaws.com", location.region)
                              : options.sts;
  upload_keys->lend_by([this, location, sts](
                           std::string_view key,
                           DurationNs lifetime) -> Result<receive::UploadCredentials> {
    const std::string full = location.prefix + std::string(key);
    const int64_t seconds = std::min(lifetime.ns / 1'000'000'000, kRoleSecondsMax);
    store::TemporaryCredentials made = TRY(store::assume_role(
        sts, location.region,
        {options.objects_access_key, options.objects_secret_key, options.objects_session_token},
        options.upload_role, "callscope-upload", store::upload_policy(location.bucket, full),
        seconds, clock));
    return receive::UploadCredentials{.access_key = std::move(made.credentials.access_key),
                                      .secret_key = std::move(made.credentials.secret_key),
                                      .session_token = std::move(made.credentials.session_token),
                                      .bucket = location.bucket,
                                      .key = full,
                                      .region = location.region,
                                      .expires_at = made.expires_at,
                                      .endpoint = location.endpoint};
  });
  return {};
}

Result<void> Server::State::open_recordings() {
  const Limits& limits = options.limits;
  objects = TRY(open_objects());
  listener =
      std::make_unique<listen::Listener>(*catalog, *objects, clock, listen::ListenerOptions());
  listener->start();
  recordings = std::make_unique<receive::Recordings>(
      *catalog, *objects, clock, limits, [this](const store::Recording&) { listener->wake(); });
  upload_keys = std::make_unique<receive::UploadKeys>(
      TRY(receive::UploadKeys::open(*catalog, DurationNs::from_s(limits.upload_lifetime_s))));
  if (!options.upload_role.empty()) TRY(lend_uploads());
  s3 = TRY(receive::S3Server::open(
      {.folder = options.data / "uploads", .public_url = options.public_url, .limits = limits},
      *upload_keys, *recordings, *catalog, clock));
  receive::RecordingWorkerOptions worker;
  worker.addresses = TRY(receive::AddressRules::parse(options.fetch_allow));
  worker.limits = limits;
  worker.sweep = [this]() -> Result<void> {
    TRY(s3->sweep());
    return api->remove_old();
  };
  recording_worker =
      std::make_unique<receive::RecordingWorker>(*catalog, *recordings, clock, std::move(worker));
  return {};
}

Result<void> Server::State::listen() {
  auth = std::make_unique<receive::Authenticator>(*catalog, clock);
  intake = std::make_unique<receive::Intake>(*engine, options.limits, clock, metrics);
  router = std::make_shared<http::Router>();
  TRY(open_recordings());
  const Limits& limits = options.limits;
  api = std::make_unique<serve::Api>(
      *router, serve::Services{
                   .spans = *engine,
                   .catalog = *catalog,
                   .auth = *auth,
                   .recordings = *recordings,
                   .upload_keys = *upload_keys,
                   .calls = *reader,
                   .reports = *reports,
                   .listener = *listener,
                   .objects = *objects,
                   .book = *book,
                   .prices = *prices,
                   .classifier = classifier,
                   .clock = clock,
                   .metrics = metrics,
                   .save_calls = [this] { return book->save(); },
                   .forget_trace = [this](ProjectId project,
                                          const TraceId& trace) { book->forget(project, trace); },
                   .info =
                       [this] {
                         return serve::ServerInfo{CALLSCOPE_VERSION, grpc ? grpc->address() : "",
                                                  http_url()};
                       },
                   .ready = [this]() -> Result<void> {
                     if (!engine->status().flush_failing) return {};
                     return Error{ErrorCode::kUnavailable,
                                  "spans can't be moved to the lake; the log says why"};
                   },
                   .recording_bytes_max = static_cast<size_t>(limits.recording_bytes_max),
                   .list_limit = {limits.list_limit_default, limits.list_limit_max},
                   .event_streams_max = static_cast<size_t>(limits.event_streams_max),
                   .addresses = TRY(receive::AddressRules::parse(options.fetch_allow)),
                   .webhook_limits = options.webhook_limits});
  receive::register_otlp_http(*router, *auth, *intake, limits);
  s3->register_routes(*router);
  serve::register_static_ui(*router, serve::embedded_ui());
  register_metrics();

  grpc = TRY(receive::GrpcServer::start({.address = options.grpc,
                                         .tls_certificate_file = options.tls_certificate_file,
                                         .tls_key_file = options.tls_key_file},
                                        limits, *auth, *intake));
  http::ServerOptions http_options;
  http_options.address = options.http;
  http_options.tls_certificate_file = options.tls_certificate_file;
  http_options.tls_key_file = options.tls_key_file;
  http_options.connections_max = static_cast<size_t>(limits.http_connections_max);
  http_options.header_bytes_max = static_cast<size_t>(limits.http_header_bytes_max);
  http_options.body_bytes_in_flight_max = static_cast<size_t>(limits.inflight_bytes_max);
  http_options.idle_timeout = std::chrono::milliseconds(limits.http_idle_ms_max);
  http_options.request_timeout = std::chrono::milliseconds(limits.http_request_ms_max);
  http_options.metrics = &metrics;
  http = TRY(http::Server::start(http_options, router));
  saved_to = api.get();
  api->start();
  recording_worker->start();

  // Commands on this machine that are given the data folder find the server, and a key, in it.
  LocalAccess local;
  local.url = fmt::format("{}://{}", http->uses_tls() ? "https" : "http", http->address());
  local.key = store::make_key_secret();
  local.certificate_file = options.tls_certificate_file;
  auth->accept_local_key(local.key);
  return write_local_access(options.data, local);
}

void Server::State::register_metrics() {
  const auto gauge = [&](std::string_view name, std::string_view help, auto read) {
    metrics.sampled(name, help, Metrics::kGauge,
                    [this, read] { return static_cast<double>(read(engine->status())); });
  };
  using Status = const store::EngineStatus&;
  gauge("callscope_hot_spans", "Spans in memory and not in the lake yet.",
        [](Status s) { return s.hot_spans; });
  gauge("callscope_hot_bytes", "Bytes that hot spans and log lines take.",
        [](Status s) { return s.hot_bytes; });
  gauge("callscope_wal_backlog_bytes", "Bytes acknowledged and not indexed yet.",
        [](Status s) { return s.wal_backlog_bytes; });
  gauge("callscope_wal_bytes", "Bytes of the write-ahead log on disk.",
        [](Status s) { return s.wal_bytes; });
  gauge("callscope_segments", "Live segments of the lake.", [](Status s) { return s.segments; });
  gauge("callscope_lake_rows", "Spans in the lake.", [](Status s) { return s.lake_rows; });
  gauge("callscope_lake_bytes", "Bytes of live segments.", [](Status s) { return s.lake_bytes; });
  gauge("callscope_flush_failing", "1 while spans can't be moved to the lake.",
        [](Status s) { return s.flush_failing ? 1 : 0; });
  metrics.sampled("callscope_calls_in_memory", "Traces whose facts are in memory.", Metrics::kGauge,
                  [this] { return static_cast<double>(book->numbers().traces); });
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() { stop(); }

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, const Clock& clock) {
  auto server =
      std::unique_ptr<Server>(new Server(std::make_unique<State>(std::move(options), clock)));
  TRY(server->state_->open());
  TRY(server->state_->listen());
  return server;
}

std::string Server::grpc_address() const { return state_->grpc->address(); }
std::string Server::http_url() const { return state_->http_url(); }
const std::string& Server::first_key() const { return state_->first_key; }

void Server::stop() {
  if (std::exchange(state_->stopped, true)) return;
  remove_local_access(state_->options.data);
  if (state_->api) state_->api->stop();
  if (state_->grpc) state_->grpc->stop();
  if (state_->http) state_->http->stop(kPatience);
  if (state_->recording_worker) state_->recording_worker->stop();
  state_->reports.reset();
  state_->listener.reset();
  if (state_->engine) state_->engine->stop();
  if (state_->book) {
    if (const auto saved = state_->book->save(); !saved) {
      log_error(
          "the last changes of calls were not saved; they are derived again at the next start",
          kv("error", saved.error().message));
    }
  }
}

}  // namespace callscope
