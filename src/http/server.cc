#include "http/server.h"

#include <charconv>

#include "base/log.h"
#include "http/beast/connection.h"
#include "http/beast/io_thread.h"

namespace callscope::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// After an abort connections only have to unwind.
constexpr auto kUnwindTime = std::chrono::seconds(5);
// The pause after a failed accept, which most often means that file descriptors have run out.
constexpr auto kAcceptPause = std::chrono::milliseconds(50);

Error bad_address(std::string_view address) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("not an address of the form host:port: {}", address), "http"};
}

// "127.0.0.1:4318", "localhost:0", "[::1]:4318", ":4318" for every interface.
Result<tcp::endpoint> resolve(asio::io_context& context, const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return bad_address(address);
  std::string host = address.substr(0, colon);
  if (host.size() > 1 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  uint16_t port = 0;
  const char* end = address.data() + address.size();
  const auto parsed = std::from_chars(address.data() + colon + 1, end, port);
  if (parsed.ec != std::errc() || parsed.ptr != end) return bad_address(address);
  if (host.empty()) host = "0.0.0.0";
  boost::system::error_code error;
  tcp::resolver resolver(context);
  const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive, error);
  if (error || found.empty()) return bad_address(address);
  return found.begin()->endpoint();
}

Result<tcp::acceptor> listen(asio::io_context& context, const tcp::endpoint& endpoint) {
  boost::system::error_code error;
  tcp::acceptor acceptor(context);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return Error{ErrorCode::kUnavailable,
                 fmt::format("cannot listen on {}:{}: {}", endpoint.address().to_string(),
                             endpoint.port(), error.message()),
                 "http"};
  }
  return acceptor;
}

Result<asio::ssl::context> load_tls(const ServerOptions& options) {
  asio::ssl::context tls(asio::ssl::context::tls_server);
  boost::system::error_code error;
  tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                      asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1,
                  error);
  if (!error) tls.use_certificate_chain_file(options.tls_certificate_file, error);
  if (error) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("cannot use the TLS certificate {}: {}", options.tls_certificate_file,
                             error.message()),
                 "tls_certificate"};
  }
  tls.use_private_key_file(options.tls_key_file, asio::ssl::context::pem, error);
  if (error || SSL_CTX_check_private_key(tls.native_handle()) != 1) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("cannot use the TLS key {}: {}", options.tls_key_file,
                             error ? error.message() : "it does not belong to the certificate"),
                 "tls_key"};
  }
  return tls;
}

// Takes one more connection in, unless there are too many.
bool count_in(ServerShared& server) {
  std::lock_guard lock(server.mutex);
  if (server.connections >= server.options.connections_max) return false;
  ++server.connections;
  return true;
}

// Says so to a client that is one too many, as far as its socket takes it at once.
void turn_away(tcp::socket socket) {
  static constexpr std::string_view kAnswer =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: "
      "close\r\n\r\n";
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(kAnswer), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

ServerMetrics::ServerMetrics(Metrics* metrics) : metrics_(metrics) {
  if (metrics_ == nullptr) return;
  connections_ = &metrics_->gauge("callscope_http_connections", "Open HTTP connections.");
  refused_ = &metrics_->counter("callscope_http_connections_refused_total",
                                "HTTP connections turned away as there were too many.");
}

void ServerMetrics::on_connection(int by) const {
  if (connections_ != nullptr) connections_->add(by);
}

void ServerMetrics::on_refused_connection() const {
  if (refused_ != nullptr) refused_->add();
}

void ServerMetrics::on_answer(const Route* route, const std::string& method, int status,
                              double seconds) const {
  if (metrics_ == nullptr) return;
  // What matches no route has one name together: a peer must not be able to make up series.
  const bool known = route != nullptr && route->pattern != "*";
  const std::string pattern = known ? route->pattern : "other";
  const std::string verb = known ? method : "other";
  metrics_
      ->counter("callscope_http_requests_total", "HTTP requests answered.",
                {{"method", verb}, {"route", pattern}, {"status", std::to_string(status)}})
      .add();
  metrics_
      ->histogram("callscope_http_request_seconds",
                  "Time from a request's first byte to its answer.", latency_buckets_s(),
                  {{"route", pattern}})
      .observe(seconds);
}

struct Server::State {
  std::shared_ptr<ServerShared> shared;
  std::vector<std::shared_ptr<IoThread>> threads;  // the first one accepts
  std::unique_ptr<tcp::acceptor> acceptor;         // touched on the first thread once it runs
  tcp::endpoint local;
  bool is_stopped = false;

  asio::awaitable<void> accept() {
    asio::steady_timer pause(acceptor->get_executor());
    for (size_t next = 0; acceptor->is_open(); ++next) {
      const std::shared_ptr<IoThread>& io = threads[next % threads.size()];
      auto [error, socket] =
          co_await acceptor->async_accept(io->context, asio::as_tuple(asio::use_awaitable));
      if (!acceptor->is_open()) co_return;
      if (error) {
        pause.expires_after(kAcceptPause);
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
        continue;
      }
      if (!count_in(*shared)) {
        shared->metrics.on_refused_connection();
        turn_away(std::move(socket));
        continue;
      }
      asio::post(io->context,
                 [io, s = std::move(socket)]() mutable { Connection::start(io, std::move(s)); });
    }
  }

  void on_every_connection(void (Connection::*action)()) {
    for (const auto& io : threads) {
      asio::post(io->context, [io, action] {
        const std::vector<Connection*> all(io->connections.begin(), io->connections.end());
        for (Connection* connection : all) (connection->*action)();
      });
    }
  }

  bool wait_until_idle(std::chrono::milliseconds patience) {
    std::unique_lock lock(shared->mutex);
    return shared->idle.wait_for(lock, patience, [&] { return shared->connections == 0; });
  }
};

Result<std::unique_ptr<Server>> Server::start(ServerOptions options,
                                              std::shared_ptr<const Router> router) {
  auto state = std::make_unique<State>();
  const size_t thread_count = std::max<size_t>(options.threads, 1);
  Metrics* const metrics = options.metrics;
  state->shared =
      std::shared_ptr<ServerShared>(new ServerShared{.options = std::move(options),
                                                     .router = std::move(router),
                                                     .pool = {},
                                                     .body_pool = {},
                                                     .tls = {},
                                                     .metrics = ServerMetrics(metrics)});
  ServerShared& shared = *state->shared;
  if (!shared.options.tls_certificate_file.empty() || !shared.options.tls_key_file.empty()) {
    shared.tls.emplace(TRY(load_tls(shared.options)));
  }
  shared.pool = std::make_unique<WorkerPool>(std::max<size_t>(shared.options.workers, 1),
                                             shared.options.queue_max);
  shared.body_pool = std::make_unique<WorkerPool>(std::max<size_t>(shared.options.body_workers, 1),
                                                  shared.options.connections_max);
  for (size_t i = 0; i < thread_count; ++i)
    state->threads.push_back(std::make_shared<IoThread>(state->shared));

  asio::io_context& first = state->threads.front()->context;
  const tcp::endpoint endpoint = TRY(resolve(first, shared.options.address));
  state->acceptor = std::make_unique<tcp::acceptor>(TRY(listen(first, endpoint)));
  boost::system::error_code error;
  state->local = state->acceptor->local_endpoint(error);
  asio::co_spawn(first, state->accept(), asio::detached);
  for (const auto& io : state->threads) {
    io->thread = std::thread([io = io.get()] { io->context.run(); });
  }
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

uint16_t Server::port() const { return state_->local.port(); }

std::string Server::address() const {
  const auto address = state_->local.address();
  return fmt::format(fmt::runtime(address.is_v6() ? "[{}]:{}" : "{}:{}"), address.to_string(),
                     port());
}

bool Server::uses_tls() const { return state_->shared->tls.has_value(); }

void Server::stop(std::chrono::milliseconds patience) {
  if (std::exchange(state_->is_stopped, true)) return;
  state_->shared->stopping = true;
  asio::post(state_->threads.front()->context, [acceptor = state_->acceptor.get()] {
    boost::system::error_code ignored;
    acceptor->close(ignored);
  });
  state_->on_every_connection(&Connection::drain);
  if (!state_->wait_until_idle(patience)) {
    state_->on_every_connection(&Connection::abort);
    if (!state_->wait_until_idle(kUnwindTime)) log_warning("HTTP connections left open at the end");
  }
  state_->shared->pool.reset();  // runs what is queued; its answers find nobody
  state_->shared->body_pool.reset();
  for (const auto& io : state_->threads) {
    io->work.reset();
    io->context.stop();
    if (io->thread.joinable()) io->thread.join();
  }
  // What was handed over after the loops ended holds them alive, and would for ever.
  for (const auto& io : state_->threads) {
    io->context.restart();
    io->context.poll();
  }
}

}  // namespace callscope::http
