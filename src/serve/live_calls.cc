#include "serve/live_calls.h"

#include <algorithm>
#include <unordered_map>

#include "serve/call_json.h"
#include "serve/endpoint.h"
#include "serve/span_json.h"
#include "serve/withheld_calls.h"

namespace callscope::serve {
namespace {

// A comment now and then keeps proxies from closing a quiet stream, and finds clients that went.
constexpr auto kHeartbeat = std::chrono::seconds(15);
// Spans in one event: about 300 kB.
constexpr size_t kSpansPerEvent = 500;
// A client with so much unread gets no more until it has caught up.
constexpr size_t kUnsentBytesMax = 1u << 20;

std::string event(std::string_view name, std::string_view data) {
  return fmt::format("event: {}\ndata: {}\n\n", name, data);
}

}  // namespace

// One open stream. Used by the looking thread only, once it has arrived.
class LiveCalls::Follower {
 public:
  Follower(const Services& services, ProjectId project, CallId call, http::ResponseStream stream)
      : services_(services),
        project_(project),
        call_(call),
        stream_(std::move(stream)),
        spoke_(services.clock.steady()) {}

  // Sends what is new. False where the stream is over.
  bool look() {
    if (!stream_.is_open()) return false;
    if (stream_.unsent_bytes() > kUnsentBytesMax) return true;
    auto found = shown_call(services_, project_, call_);
    if (!found) return true;       // the catalog is in trouble; the next look may do better
    if (!*found) return finish();  // deleted
    const model::CallSummary& call = **found;
    const TimeNs now = services_.clock.now();
    const model::CallState state = model::call_state(call.root_ended, call.last_activity, now);
    if (!summary_ || *summary_ != call || state_ != state) {
      send_summary(call, now);
      has_unsent_spans_ = true;
    }
    if (has_unsent_spans_) has_unsent_spans_ = !send_spans(call);
    if (state == model::CallState::kEnded && !has_unsent_spans_) return finish();
    summary_ = call;
    state_ = state;
    beat();
    return stream_.is_open();
  }

 private:
  bool finish() {
    send(event("end", "{}"));
    stream_.end();
    return false;
  }

  void send(std::string_view text) {
    // In this order: whoever has read it may look at the clock.
    spoke_ = services_.clock.steady();
    stream_.write(text);
  }

  void beat() {
    if (services_.clock.steady() - spoke_ >= kHeartbeat) send(": still here\n\n");
  }

  void send_summary(const model::CallSummary& call, TimeNs now) {
    const auto agents = AgentNames::load(services_.catalog, project_);
    const auto heard = heard_of(services_, project_, {&call, 1});
    std::string data;
    append_call_summary(data, call, agents ? *agents : AgentNames(), now,
                        heard ? heard_latency(*heard, call.id) : HeardLatency());
    send(event("call", data));
  }

  // Sends the spans that the client does not have in this version. False where some are left for
  // the next look.
  bool send_spans(const model::CallSummary& call) {
    const auto found = services_.calls.spans(call);
    if (!found) return true;
    SpanJson json(services_.classifier, services_.prices);
    for (size_t i = 0; i < found->spans.size();) {
      if (stream_.unsent_bytes() > kUnsentBytesMax) return false;
      std::string data = R"({"items":[)";
      size_t count = 0;
      for (; i < found->spans.size() && count < kSpansPerEvent; ++i) {
        const model::Span& span = *found->spans[i].span;
        TimeNs& sent = sent_[span.span_id];
        if (sent == span.received && sent.is_set()) continue;
        sent = span.received;
        if (count++ > 0) data += ',';
        json.append(data, span, SpanForm::kLight);
      }
      if (count > 0) send(event("spans", data + "]}"));
    }
    return true;
  }

  const Services& services_;
  const ProjectId project_;
  const CallId call_;
  const http::ResponseStream stream_;
  std::chrono::steady_clock::time_point spoke_;  // when the stream last carried something
  std::optional<model::CallSummary> summary_;    // as sent
  model::CallState state_ = model::CallState::kRunning;
  bool has_unsent_spans_ = false;
  // When each span that was sent had been received: a later version comes later.
  std::unordered_map<SpanId, TimeNs, SpanIdHash> sent_;
};

LiveCalls::LiveCalls(const Services& services)
    : services_(services),
      streams_(services.metrics.gauge("callscope_event_streams", "Open streams of live events.")),
      thread_([this] { run(); }) {}

LiveCalls::~LiveCalls() {
  stop();
  thread_.join();
}

void LiveCalls::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

Result<void> LiveCalls::follow(const http::Request& request, const http::Responder& responder) {
  const receive::Identity caller = TRY(identify(services_, request));
  Params params(request.query);
  const ProjectId project = TRY(project_of(params, caller));
  TRY(params.done());
  const CallId id = TRY(path_id(request, "id"));
  (void)services_.save_calls().has_value();
  const auto call = TRY(shown_call(services_, project, id));
  if (!call) return not_found(fmt::format("call {}", id));

  std::lock_guard lock(mutex_);
  if (stopping_) return Error{ErrorCode::kUnavailable, "the server is stopping", ""};
  if (followers_ >= services_.event_streams_max) {
    return Error{ErrorCode::kUnavailable,
                 "too many event streams are open; ask for the call instead", ""};
  }
  auto stream = responder.stream({200,
                                  {{"Content-Type", "text/event-stream"},
                                   {"Cache-Control", "no-store"},
                                   {"X-Accel-Buffering", "no"}},
                                  {}});
  if (!stream) return {};  // answered already: the client waited too long
  arrived_.push_back(std::make_unique<Follower>(services_, project, call->id, std::move(*stream)));
  streams_.set(static_cast<double>(++followers_));
  wake_.notify_all();
  return {};
}

void LiveCalls::run() {
  std::vector<std::unique_ptr<Follower>> followers;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      const auto has_news = [this] { return stopping_ || !arrived_.empty(); };
      if (followers.empty()) {
        wake_.wait(lock, has_news);
      } else {
        wake_.wait_for(lock, services_.event_interval, has_news);
      }
      if (stopping_) {
        arrived_.clear();
        return;  // the streams end with their followers
      }
      std::move(arrived_.begin(), arrived_.end(), std::back_inserter(followers));
      arrived_.clear();
    }
    (void)services_.save_calls().has_value();
    std::erase_if(followers, [](const auto& follower) { return !follower->look(); });
    std::lock_guard lock(mutex_);
    followers_ = followers.size() + arrived_.size();
    streams_.set(static_cast<double>(followers_));
  }
}

}  // namespace callscope::serve
