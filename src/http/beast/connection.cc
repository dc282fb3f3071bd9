#include "http/beast/connection.h"

#include <sys/socket.h>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <algorithm>
#include <type_traits>

#include "base/check.h"
#include "base/log.h"
#include "http/beast/incoming.h"
#include "http/beast/inflow.h"
#include "http/beast/turn.h"
#include "http/body_source.h"
#include "http/exchange.h"
#include "http/head.h"

namespace callscope::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using Parser = beast::http::request_parser<beast::http::string_body>;

constexpr size_t kHeadReadBytes = 16 * 1024;
// A body is read in steps of this size: each is charged to the budget before it is read, and earns
// the sender a second more.
constexpr size_t kStepBytes = 256 * 1024;
// A refused body is read to its end, so that the client gets to see the answer, if it is no longer
// than this or done after kDrainTime.
constexpr size_t kDrainBytesMax = 8u << 20;
constexpr auto kDrainTime = std::chrono::seconds(2);

// Where an answer waits until the connection's coroutine takes it. One for each request, so that an
// answer which comes too late finds nobody.
struct Mailbox {
  explicit Mailbox(asio::io_context& context) : wake(context) {}
  asio::steady_timer wake;  // cancelled when there is news
  std::optional<Answer> answer;
};

// A request's share of the server's budget for bodies.
class BodyCharge {
 public:
  explicit BodyCharge(ServerShared& server) : server_(server) {}
  ~BodyCharge() { server_.body_bytes.fetch_sub(bytes_, std::memory_order_relaxed); }
  BodyCharge(const BodyCharge&) = delete;
  BodyCharge& operator=(const BodyCharge&) = delete;

  bool add(size_t bytes) {
    const size_t before = server_.body_bytes.fetch_add(bytes, std::memory_order_relaxed);
    bytes_ += bytes;
    return before + bytes <= server_.options.body_bytes_in_flight_max;
  }

 private:
  ServerShared& server_;
  size_t bytes_ = 0;
};

// A handler that throws is a bug of ours, which one request shall pay for and not the server.
void call_handler(const Route& route, Request request, Responder responder) {
  try {
    route.handler(std::move(request), responder);
  } catch (const std::exception& error) {
    log_error("handler threw", kv("route", route.pattern), kv("what", error.what()));
    responder.send(
        error_response(500, "internal", "the server failed to answer; its log says why"));
  }
}

// Hands the request to its handler, here or on a worker.
void dispatch(ServerShared& server, const Route& route, Request request, Responder responder) {
  if (route.options.run == Run::kInline)
    return call_handler(route, std::move(request), std::move(responder));
  const auto shared = std::make_shared<Request>(std::move(request));  // std::function wants copies
  const bool taken = server.pool->submit(
      [&route, shared, responder] { call_handler(route, std::move(*shared), responder); });
  if (!taken) {
    responder.send(route.error(
        *shared, {ErrorCode::kUnavailable, "too many requests are waiting for an answer", ""}));
  }
}

// The answer to bytes that are no request; nullopt where nobody is left to read it.
std::optional<Response> answer_to_garbage(const beast::error_code& error) {
  using Http = beast::http::error;
  if (error == Http::header_limit || error == Http::buffer_overflow) {
    return error_response(431, "too_large", "the request's line and headers are too long");
  }
  const bool is_parse_error = error.category() == beast::error_code(Http::bad_method).category();
  if (!is_parse_error || error == Http::end_of_stream || error == Http::partial_message)
    return std::nullopt;
  return error_response(400, "invalid_argument",
                        "the request is not valid HTTP/1.1: " + error.message());
}

template <typename Stream>
class ConnectionOf final : public Connection,
                           public std::enable_shared_from_this<ConnectionOf<Stream>> {
 public:
  ConnectionOf(const std::shared_ptr<IoThread>& io, Stream stream, Peer peer)
      : io_(*io),
        weak_io_(io),
        server_(*io->server),
        stream_(std::move(stream)),
        peer_(std::move(peer)),
        buffer_(server_.options.header_bytes_max + kStepBytes) {
    io_.connections.insert(this);
    server_.metrics.on_connection(1);
  }

  ~ConnectionOf() override {
    io_.connections.erase(this);
    server_.metrics.on_connection(-1);
    std::lock_guard lock(server_.mutex);
    --server_.connections;
    server_.idle.notify_all();
  }

  static asio::awaitable<void> run(std::shared_ptr<ConnectionOf> self) {
    if constexpr (kIsTls) {
      self->lowest().expires_after(self->options().request_timeout);
      auto [error] = co_await self->stream_.async_handshake(asio::ssl::stream_base::server, kTuple);
      if (error) co_return;
    }
    bool more = true;
    while (more) more = co_await self->serve_one();
    co_await self->close();
  }

  void drain() override {
    if (is_idle_) return abort();
    if (stream_state_) {
      stream_state_->close();
      mailbox_->wake.cancel();
    }
  }

  void abort() override {
    is_aborted_ = true;
    lowest().close();
    if (mailbox_) mailbox_->wake.cancel();
  }

 private:
  static constexpr bool kIsTls = std::is_same_v<Stream, TlsStream>;

  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }
  const ServerOptions& options() const { return server_.options; }
  bool is_stopping() const { return server_.stopping.load(std::memory_order_relaxed); }

  // Reads one request and answers it. False where the connection is to be closed.
  asio::awaitable<bool> serve_one() {
    if (buffer_.size() == 0) {
      if (is_stopping() || is_aborted_) co_return false;
      is_idle_ = true;
      lowest().expires_after(options().idle_timeout);
      auto [error, n] = co_await stream_.async_read_some(buffer_.prepare(kHeadReadBytes), kTuple);
      is_idle_ = false;
      if (error) co_return false;
      buffer_.commit(n);
    }
    started_ = Clock::now();
    lowest().expires_at(started_ + options().request_timeout);
    Parser parser;
    parser.header_limit(static_cast<uint32_t>(options().header_bytes_max));
    parser.body_limit(boost::none);  // the routes have limits of their own
    auto [error, n] = co_await beast::http::async_read_header(stream_, buffer_, parser, kTuple);
    http_1_1_ = !parser.is_header_done() || parser.get().version() >= 11;
    if (error) {
      auto response = answer_to_garbage(error);
      if (response) {
        co_await write(std::move(*response), nullptr, Persistence::kClose);
        co_await discard_input(kDrainBytesMax);
      }
      co_return false;
    }
    co_return co_await serve_request(parser);
  }

  asio::awaitable<bool> serve_request(Parser& parser) {
    const BodyHead body_head = head_of_body(parser);
    Incoming in = examine(parser.get().base(), body_head, peer_, *server_.router, options());
    is_head_request_ = in.request.method == "HEAD";
    const bool wants_more = parser.keep_alive() && !is_stopping();
    BodyCharge charge(server_);
    bool is_body_read = !body_head.is_present;
    const std::string method = in.request.method;
    const Headers cors = options().cors_origins.empty() ? Headers() : in.request.headers;
    std::optional<Answer> answer;
    if (!in.refusal && in.route->open) {
      const Reading outcome = co_await take_streamed(parser, in, body_head, charge, answer);
      if (outcome == Reading::kLost) co_return false;
      is_body_read = outcome == Reading::kComplete;
    } else if (body_head.is_present && !in.refusal) {
      const Reading outcome = co_await read_body(parser, in, body_head, charge);
      if (outcome == Reading::kLost) co_return false;
      is_body_read = outcome == Reading::kComplete;
    }

    if (in.refusal) {
      answer.emplace(Answer{std::move(*in.refusal), nullptr});
    } else if (!answer) {
      const Route& route = *in.route;
      const bool takes_gzip = is_worth_compressing(in.request);
      answer = co_await ask(takes_gzip, [&](Responder responder) {
        dispatch(server_, route, std::move(in.request), std::move(responder));
      });
      if (!answer) co_return false;
    }
    add_cors(answer->response, cors, options());
    const int status = answer->response.status;
    const bool closes = !wants_more || !is_body_read || is_stopping() || answer->stream;
    const std::shared_ptr<BodySource> source = answer->response.source;
    const uint64_t source_begin = answer->response.source_begin;
    const uint64_t source_end = source_begin + answer->response.body_bytes();
    bool written = co_await write(std::move(answer->response), answer->stream.get(),
                                  closes ? Persistence::kClose : Persistence::kKeepAlive);
    if (written && source && may_have_body(status))
      written = co_await send_source(*source, source_begin, source_end);
    const std::chrono::duration<double> taken = Clock::now() - started_;
    server_.metrics.on_answer(in.route, method, status, taken.count());
    if (written && answer->stream) co_await pump(answer->stream);
    if (written && !is_body_read) co_await discard_input(kDrainBytesMax);
    co_return written && !closes;
  }

  static BodyHead head_of_body(Parser& parser) {
    BodyHead head;
    if (parser.get().find(beast::http::field::transfer_encoding) != parser.get().end()) {
      head.is_present = true;
    } else if (const auto length = parser.content_length(); length && *length > 0) {
      head.is_present = true;
      head.length = *length;
    }
    return head;
  }

  enum class Reading { kComplete, kRefused, kLost };

  // Reads and unpacks the body into in.request, or sets in.refusal.
  asio::awaitable<Reading> read_body(Parser& parser, Incoming& in, const BodyHead& head,
                                     BodyCharge& charge) {
    if (!co_await send_continue(in.request)) co_return Reading::kLost;
    deadline_ = Clock::now() + options().request_timeout;
    const Reading outcome = head.length
                                ? co_await read_sized(in, static_cast<size_t>(*head.length), charge)
                                : co_await read_chunked(parser, in, charge);
    if (outcome != Reading::kComplete || in.coding == Coding::kIdentity) co_return outcome;
    auto unpacked = decode(in.coding, in.request.body, in.route->options.unpacked_bytes_max);
    if (!unpacked) {
      in.refusal = in.route->error(in.request, unpacked.error());
    } else {
      in.request.body = std::move(*unpacked);
      if (!charge.add(in.request.body.size())) refuse_as_full(in);
    }
    co_return Reading::kComplete;
  }

  // Tells a client that waits for it to send the body. False where it is gone.
  asio::awaitable<bool> send_continue(const Request& request) {
    const bool waits = lists_token(request.headers.get("Expect"), "100-continue") && http_1_1_ &&
                       buffer_.size() == 0;
    if (!waits) co_return true;
    co_return co_await write_all("HTTP/1.1 100 Continue\r\n\r\n", {});
  }

  // Passes the body on to the route's sink, and waits for its answer or sets in.refusal.
  asio::awaitable<Reading> take_streamed(Parser& parser, Incoming& in, const BodyHead& head,
                                         BodyCharge& charge, std::optional<Answer>& answer) {
    const auto flow = std::make_shared<Inflow>(*in.route, in.request, in.coding);
    if (head.is_present && !charge.add(2 * kStepBytes)) co_return refuse_as_full(in);
    lowest().expires_never();
    co_await Turn(io_, weak_io_, [&] { flow->open(); }).wait();
    Reading outcome = Reading::kComplete;
    if (!flow->error() && head.is_present) {
      flow->expect_body();
      lowest().expires_after(options().request_timeout);
      outcome = co_await send_continue(in.request) ? co_await pass_body(parser, in, head, *flow)
                                                   : Reading::kLost;
    } else if (head.is_present) {
      outcome = Reading::kRefused;
    }
    lowest().expires_never();
    if (outcome == Reading::kComplete && !flow->error() && !is_aborted_) {
      bool is_answered = true;
      std::optional<Turn> turn;
      answer = co_await ask(is_worth_compressing(in.request), [&](Responder responder) {
        turn.emplace(io_, weak_io_, [&flow, &is_answered, responder = std::move(responder)] {
          flow->finish(responder);
          is_answered = !flow->error();
          if (!is_answered) responder.send(Response::empty(500));  // only to end the waiting
        });
      });
      co_await turn->wait();
      if (!answer) outcome = Reading::kLost;
      if (!is_answered) answer.reset();
    }
    co_await Turn(io_, weak_io_, [&] { flow->drop(); }).wait();
    if (is_aborted_) co_return Reading::kLost;
    if (flow->error() && outcome != Reading::kLost)
      in.refusal = in.route->error(in.request, *flow->error());
    co_return outcome;
  }

  // Reads the body in pieces; while one is written the next one is read.
  asio::awaitable<Reading> pass_body(Parser& parser, Incoming& in, const BodyHead& head,
                                     Inflow& flow) {
    uint64_t left = head.length.value_or(0);
    parser.body_limit(in.route->options.body_bytes_max);
    parser.eager(true);
    std::string reading, writing;
    std::optional<Turn> turn;
    Reading outcome = Reading::kComplete;
    for (bool more = true; more && outcome == Reading::kComplete;) {
      lowest().expires_after(options().request_timeout);
      outcome = head.length ? co_await read_piece(reading, left)
                            : co_await read_chunked_piece(parser, in, reading);
      more = head.length ? left > 0 : !parser.is_done();
      if (turn) co_await turn->wait();
      if (flow.error()) co_return more ? Reading::kRefused : outcome;
      if (outcome != Reading::kComplete || reading.empty()) continue;
      std::swap(reading, writing);
      turn.emplace(io_, weak_io_, [&] { flow.write(writing); });
    }
    if (turn) co_await turn->wait();
    co_return outcome;
  }

  asio::awaitable<Reading> read_piece(std::string& piece, uint64_t& left) {
    piece.resize(static_cast<size_t>(std::min<uint64_t>(left, kStepBytes)));
    size_t have = std::min(piece.size(), buffer_.size());
    std::memcpy(piece.data(), buffer_.data().data(), have);
    buffer_.consume(have);
    while (have < piece.size()) {
      auto [error, n] = co_await stream_.async_read_some(
          asio::buffer(piece.data() + have, piece.size() - have), kTuple);
      if (error) co_return Reading::kLost;
      have += n;
    }
    left -= have;
    co_return Reading::kComplete;
  }

  asio::awaitable<Reading> read_chunked_piece(Parser& parser, Incoming& in, std::string& piece) {
    std::string& body = parser.get().body();
    body.clear();
    while (!parser.is_done() && body.size() < kStepBytes) {
      auto [error, n] = co_await beast::http::async_read_some(stream_, buffer_, parser, kTuple);
      if (!error) continue;
      co_return refuse_chunked(error, in);
    }
    std::swap(body, piece);
    co_return Reading::kComplete;
  }

  // What an error while a chunked body is read means.
  Reading refuse_chunked(const beast::error_code& error, Incoming& in) {
    if (error == beast::http::error::body_limit) {
      in.refusal = in.route->error(
          in.request,
          {ErrorCode::kTooLarge,
           fmt::format("the body has more than {} bytes", in.route->options.body_bytes_max), ""});
      return Reading::kRefused;
    }
    in.refusal = answer_to_garbage(error);
    return in.refusal ? Reading::kRefused : Reading::kLost;
  }

  // The parser is passed by: the bytes go from the socket to their place in the body.
  asio::awaitable<Reading> read_sized(Incoming& in, size_t length, BodyCharge& charge) {
    std::string& body = in.request.body;
    body.reserve(length);
    const size_t buffered = std::min(length, buffer_.size());
    body.append(static_cast<const char*>(buffer_.data().data()), buffered);
    buffer_.consume(buffered);
    size_t have = buffered;
    while (have < length) {
      const size_t step_end = std::min(length, have + kStepBytes);
      if (!charge.add(step_end - have)) co_return refuse_as_full(in);
      body.resize(step_end);
      extend_deadline();
      while (have < step_end) {
        auto [error, n] = co_await stream_.async_read_some(
            asio::buffer(body.data() + have, step_end - have), kTuple);
        if (error) co_return Reading::kLost;
        have += n;
      }
    }
    co_return Reading::kComplete;
  }

  asio::awaitable<Reading> read_chunked(Parser& parser, Incoming& in, BodyCharge& charge) {
    parser.body_limit(in.route->options.body_bytes_max);
    parser.eager(true);
    size_t charged = 0;
    while (!parser.is_done()) {
      if (parser.get().body().size() + kStepBytes > charged) {
        charged += kStepBytes;
        if (!charge.add(kStepBytes)) co_return refuse_as_full(in);
        extend_deadline();
      }
      auto [error, n] = co_await beast::http::async_read_some(stream_, buffer_, parser, kTuple);
      if (error) co_return refuse_chunked(error, in);
    }
    in.request.body = std::move(parser.get().body());
    co_return Reading::kComplete;
  }

  Reading refuse_as_full(Incoming& in) {
    in.refusal = in.route->error(
        in.request,
        {ErrorCode::kResourceExhausted, "too many bytes of other requests are in flight", ""});
    return Reading::kRefused;
  }

  void extend_deadline() {
    deadline_ += std::chrono::seconds(1);
    lowest().expires_at(deadline_);
  }

  // Lets `start` have the request answered and waits for that. nullopt where the connection was
  // aborted meanwhile.
  template <typename Start>
  asio::awaitable<std::optional<Answer>> ask(bool takes_gzip, Start start) {
    mailbox_ = std::make_shared<Mailbox>(io_.context);
    const std::weak_ptr<Mailbox> weak = mailbox_;
    Exchange::Connection link;
    link.takes_gzip = takes_gzip;
    link.deliver = [io = weak_io_, weak](Answer answer) {
      run_on(io, [weak, answer = std::move(answer)]() mutable {
        if (const auto mailbox = weak.lock()) {
          mailbox->answer = std::move(answer);
          mailbox->wake.cancel();
        }
      });
    };
    link.wake = [io = weak_io_, weak] {
      run_on(io, [weak] {
        if (const auto mailbox = weak.lock()) mailbox->wake.cancel();
      });
    };
    lowest().expires_never();
    start(Responder(std::make_shared<Exchange>(std::move(link))));

    mailbox_->wake.expires_after(options().handler_timeout);
    while (!mailbox_->answer) {
      auto [error] = co_await mailbox_->wake.async_wait(kTuple);
      if (is_aborted_) co_return std::nullopt;
      if (!error && !mailbox_->answer) {
        co_return Answer{error_response(504, "unavailable", "the answer takes too long"), nullptr};
      }
    }
    co_return std::move(mailbox_->answer);
  }

  // Writes head and body, or the head alone where `stream` brings the body. False where the client
  // is gone.
  asio::awaitable<bool> write(Response response, const StreamState* stream,
                              Persistence persistence) {
    Framing framing{
        .http_1_1 = http_1_1_, .persistence = persistence, .content_length = response.body_bytes()};
    if (stream != nullptr) framing.content_length.reset();
    std::string head;
    append_head(head, response, framing);
    deadline_ = Clock::now() + options().request_timeout +
                std::chrono::seconds(response.body.size() / kStepBytes);
    lowest().expires_at(deadline_);
    const bool has_body = stream == nullptr && may_have_body(response.status);
    co_return co_await write_all(head, has_body ? response.body.view() : std::string_view());
  }

  bool may_have_body(int status) const {
    return !is_head_request_ && status != 204 && status != 304;
  }

  // Reads a piece while the one before it is sent. False where the client is gone or the source
  // failed: the connection is then closed before the answer's end, which the client notices.
  asio::awaitable<bool> send_source(BodySource& source, uint64_t at, uint64_t end) {
    std::string reading, sending;
    bool is_read = true;
    const auto start_reading = [&]() -> std::optional<Turn> {
      if (at == end) return std::nullopt;
      reading.resize(static_cast<size_t>(std::min<uint64_t>(end - at, kStepBytes)));
      const uint64_t offset = at;
      at += reading.size();
      return Turn(io_, weak_io_, [&, offset] { is_read = read_source(source, offset, reading); });
    };
    std::optional<Turn> turn = start_reading();
    bool is_sent = true;
    while (turn && is_sent) {
      co_await turn->wait();
      if (!is_read || is_aborted_) co_return false;
      std::swap(reading, sending);
      turn = start_reading();
      lowest().expires_after(options().request_timeout);
      is_sent = co_await write_all(sending, {});
    }
    if (turn) co_await turn->wait();
    co_return is_sent;
  }

  static bool read_source(BodySource& source, uint64_t offset, std::string& out) {
    try {
      const auto read = source.read(offset, std::span(out.data(), out.size()));
      if (!read) log_error("an answer is cut off", kv("error", read.error().message));
      return read.has_value();
    } catch (const std::exception& error) {
      log_error("the source of an answer threw", kv("what", error.what()));
      return false;
    }
  }

  asio::awaitable<bool> write_all(std::string_view first, std::string_view second) {
    while (!first.empty() || !second.empty()) {
      // Beast's TLS stream writes nothing at all of a sequence that starts with an empty buffer.
      if (first.empty()) std::swap(first, second);
      const std::array<asio::const_buffer, 2> both = {asio::buffer(first), asio::buffer(second)};
      auto [error, n] = co_await stream_.async_write_some(both, kTuple);
      if (error) co_return false;
      const size_t of_first = std::min(n, first.size());
      first.remove_prefix(of_first);
      second.remove_prefix(n - of_first);
    }
    co_return true;
  }

  // Passes on what the handler writes until it ends the stream or the client goes.
  asio::awaitable<void> pump(std::shared_ptr<StreamState> state) {
    stream_state_ = state;
    watch_for_close(state);
    std::string chunk;
    while (!is_aborted_) {
      StreamState::News news = state->take();
      if (!news.bytes.empty() && !is_head_request_) {
        chunk = http_1_1_ ? fmt::format("{:x}\r\n{}\r\n", news.bytes.size(), news.bytes)
                          : std::move(news.bytes);
        lowest().expires_after(options().request_timeout);
        if (!co_await write_all(chunk, {})) break;
        lowest().expires_never();
        continue;
      }
      if (news.ended || !state->is_open() || is_stopping() || is_head_request_) {
        if (http_1_1_ && !is_head_request_) co_await write_all("0\r\n\r\n", {});
        break;
      }
      mailbox_->wake.expires_at(Clock::time_point::max());
      co_await mailbox_->wake.async_wait(kTuple);
    }
    state->close();
    stream_state_.reset();
  }

  // A client that listens sends nothing. When the socket becomes readable it has most likely
  // closed; a TLS peer is found out by the next write instead.
  void watch_for_close(std::shared_ptr<StreamState> state) {
    auto self = this->shared_from_this();
    lowest().socket().async_wait(tcp::socket::wait_read, [self, state](beast::error_code error) {
      char byte;
      const bool has_data = !error && recv(self->lowest().socket().native_handle(), &byte, 1,
                                           MSG_PEEK | MSG_DONTWAIT) > 0;
      if (has_data) return;
      state->close();
      if (self->mailbox_) self->mailbox_->wake.cancel();
    });
  }

  // Reads what the client still sends, so that closing does not reset the connection under the
  // answer that it has not read yet.
  asio::awaitable<void> discard_input(size_t bytes_max) {
    if constexpr (!kIsTls) {
      beast::error_code ignored;
      lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
    }
    lowest().expires_after(kDrainTime);
    buffer_.clear();
    for (size_t total = 0; total < bytes_max && !is_aborted_;) {
      auto [error, n] = co_await stream_.async_read_some(buffer_.prepare(kStepBytes), kTuple);
      if (error) break;
      total += n;
    }
  }

  asio::awaitable<void> close() {
    if constexpr (kIsTls) {
      lowest().expires_after(kDrainTime);
      co_await stream_.async_shutdown(kTuple);
    }
    beast::error_code ignored;
    lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
    lowest().close();
    co_return;
  }

  IoThread& io_;
  const std::weak_ptr<IoThread> weak_io_;
  ServerShared& server_;
  Stream stream_;
  const Peer peer_;
  beast::flat_buffer buffer_;
  bool is_idle_ = false;  // between two requests
  bool is_aborted_ = false;

  // Of the request under way.
  bool http_1_1_ = true;
  bool is_head_request_ = false;
  Clock::time_point started_;
  Clock::time_point deadline_;
  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<StreamState> stream_state_;
};

template <typename Stream>
void start_on(const std::shared_ptr<IoThread>& io, Stream stream, Peer peer) {
  auto connection = std::make_shared<ConnectionOf<Stream>>(io, std::move(stream), std::move(peer));
  asio::co_spawn(io->context, ConnectionOf<Stream>::run(std::move(connection)), asio::detached);
}

}  // namespace

void Connection::start(const std::shared_ptr<IoThread>& io, tcp::socket socket) {
  beast::error_code error;
  const tcp::endpoint remote = socket.remote_endpoint(error);
  socket.set_option(tcp::no_delay(true), error);
  asio::ip::address address = remote.address();
  // A socket that speaks both families names IPv4 peers "::ffff:127.0.0.1".
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  Peer peer{address.to_string(), remote.port(), address.is_loopback()};
  if (io->server->tls) {
    start_on(io, TlsStream(PlainStream(std::move(socket)), *io->server->tls), std::move(peer));
  } else {
    start_on(io, PlainStream(std::move(socket)), std::move(peer));
  }
}

}  // namespace callscope::http
