#include "http/responder.h"

#include <utility>

#include "http/coding.h"
#include "http/exchange.h"

namespace callscope::http {
namespace {

// Below this a packet more or less does not show.
constexpr size_t kCompressBytesMin = 1024;

bool is_compressible(std::string_view content_type) {
  const std::string type = media_type(content_type);
  return type.starts_with("text/") || type == "application/json" ||
         type == "application/javascript" || type == "image/svg+xml";
}

void compress(Response& response) {
  if (response.body.size() < kCompressBytesMin) return;
  if (response.headers.find("Content-Encoding")) return;
  if (!is_compressible(response.headers.get("Content-Type"))) return;
  response.body = Body(gzip(response.body.view()));
  response.headers.add("Content-Encoding", "gzip");
  response.headers.add("Vary", "Accept-Encoding");
}

}  // namespace

bool StreamState::write(std::string_view bytes) {
  if (!is_open()) return false;
  {
    std::lock_guard lock(mutex_);
    if (ended_) return false;
    if (unsent_.size() + bytes.size() > ResponseStream::kUnsentBytesMax) {
      close();
    } else {
      unsent_.append(bytes);
    }
  }
  wake_();
  return is_open();
}

void StreamState::end() {
  {
    std::lock_guard lock(mutex_);
    if (ended_) return;
    ended_ = true;
  }
  wake_();
}

size_t StreamState::unsent_bytes() const {
  std::lock_guard lock(mutex_);
  return unsent_.size();
}

StreamState::News StreamState::take() {
  std::lock_guard lock(mutex_);
  return {std::exchange(unsent_, {}), ended_};
}

Exchange::~Exchange() {
  send(error_response(500, "internal", "the request was dropped without an answer"));
}

void Exchange::send(Response response) {
  if (answered_.exchange(true)) return;
  if (connection_.takes_gzip) compress(response);
  connection_.deliver({std::move(response), nullptr});
}

std::shared_ptr<StreamState> Exchange::stream(Response head) {
  if (answered_.exchange(true)) return nullptr;
  auto state = std::make_shared<StreamState>(connection_.wake);
  connection_.deliver({std::move(head), state});
  return state;
}

// Ends the stream when the last ResponseStream goes.
class ResponseStream::Handle {
 public:
  explicit Handle(std::shared_ptr<StreamState> of) : state(std::move(of)) {}
  ~Handle() { state->end(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  const std::shared_ptr<StreamState> state;
};

ResponseStream::ResponseStream(std::shared_ptr<StreamState> state)
    : handle_(std::make_shared<Handle>(std::move(state))) {}

bool ResponseStream::write(std::string_view bytes) const { return handle_->state->write(bytes); }
bool ResponseStream::is_open() const { return handle_->state->is_open(); }
size_t ResponseStream::unsent_bytes() const { return handle_->state->unsent_bytes(); }
void ResponseStream::end() const { handle_->state->end(); }

void Responder::send(Response response) const { exchange_->send(std::move(response)); }

std::optional<ResponseStream> Responder::stream(Response head) const {
  auto state = exchange_->stream(std::move(head));
  if (!state) return std::nullopt;
  return ResponseStream(std::move(state));
}

}  // namespace callscope::http
