#include "serve/webhooks.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "normalise/signatures.h"
#include "receive/fetch.h"
#include "serve/whole_call.h"

namespace callscope::serve {
namespace {

// Deliveries at a time, each to another webhook: one that hangs keeps one of them.
constexpr size_t kThreads = 4;
constexpr std::chrono::milliseconds kRound{500};
constexpr DurationNs kQuietRound = DurationNs::from_s(5);
// Looks for calls that are quiet overlap by this much: a call may be saved a little late.
constexpr DurationNs kOverlap = DurationNs::from_s(60);
// How far the first look after a start goes back.
constexpr DurationNs kLookBack = DurationNs::from_s(24 * 3600);
constexpr size_t kBatch = 500;

constexpr DurationNs kFirstPause = DurationNs::from_s(15);
constexpr int64_t kGrowthsMax = 7;

DurationNs pause_after(int64_t attempts) {
  return {kFirstPause.ns << 2 * std::clamp<int64_t>(attempts - 1, 0, kGrowthsMax)};
}

bool may_help(ErrorCode code) {
  return code != ErrorCode::kPermissionDenied && code != ErrorCode::kInvalidArgument;
}

}  // namespace

Webhooks::Webhooks(const Services& services) : services_(services) { read_projects(); }

Webhooks::~Webhooks() { stop(); }

void Webhooks::start() {
  for (size_t i = 0; i < kThreads; ++i) threads_.emplace_back([this, i] { run(i == 0); });
}

void Webhooks::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Webhooks::read_projects() {
  const auto projects = store::projects_with_webhooks(services_.catalog);
  if (!projects) {
    log_error("cannot read webhooks", kv("error", projects.error().message));
    return;
  }
  const std::lock_guard lock(mutex_);
  projects_ = {projects->begin(), projects->end()};
}

void Webhooks::note_saved(std::span<const model::CallSummary> calls) {
  {
    const std::lock_guard lock(mutex_);
    const size_t before = ended_.size();
    for (const model::CallSummary& call : calls) {
      if (call.root_ended && projects_.contains(call.project))
        ended_.emplace(call.project, call.id);
    }
    if (ended_.size() == before) return;
    ++wakes_;
  }
  changed_.notify_all();
}

Result<store::Delivery> Webhooks::replay(ProjectId project, store::WebhookId webhook,
                                         store::DeliveryId id) {
  auto delivery = TRY(store::delivery(services_.catalog, project, id));
  if (!delivery || delivery->webhook != webhook)
    return Error{ErrorCode::kNotFound, fmt::format("there is no delivery {}", id)};
  delivery->state = store::DeliveryState::kPending;
  delivery->attempts = 0;
  delivery->next_attempt = services_.clock.now();
  TRY(services_.catalog.write(
      [&](store::Transaction& t) { return store::update_delivery(t, *delivery); }));
  {
    const std::lock_guard lock(mutex_);
    ++wakes_;
  }
  changed_.notify_all();
  return *std::move(delivery);
}

void Webhooks::run(bool schedules) {
  while (!stopping_) {
    uint64_t seen = 0;
    bool has_webhooks = false;
    {
      const std::lock_guard lock(mutex_);
      seen = wakes_;
      has_webhooks = !projects_.empty();
    }
    if (schedules && has_webhooks) {
      // A call that is made of reports alone is otherwise saved when somebody looks.
      (void)services_.save_calls().has_value();
      if (const auto scheduled = schedule(); !scheduled)
        log_warning("calls for webhooks could not be noted",
                    kv("error", scheduled.error().message));
    }
    while (!stopping_) {
      const auto delivered = deliver_one();
      if (!delivered)
        log_warning("looking for deliveries failed", kv("error", delivered.error().message));
      if (!delivered || !*delivered) break;
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kRound, [&] { return stopping_.load() || wakes_ != seen; });
  }
}

Result<void> Webhooks::schedule_calls(const std::vector<store::CallToDeliver>& calls) {
  if (calls.empty()) return {};
  const TimeNs due =
      services_.clock.now() + DurationNs::from_ms(services_.webhook_limits.settle_ms);
  return services_.catalog.write([&](store::Transaction& t) -> Result<void> {
    for (const store::CallToDeliver& each : calls)
      TRY(store::add_deliveries(t, each.project, each.call, due));
    return {};
  });
}

Result<void> Webhooks::schedule() {
  std::set<std::pair<ProjectId, CallId>> ended;
  bool has_webhooks = false;
  {
    const std::lock_guard lock(mutex_);
    ended.swap(ended_);
    has_webhooks = !projects_.empty();
  }
  if (!has_webhooks) return {};
  std::vector<store::CallToDeliver> calls;
  for (const auto& [project, call] : ended) calls.push_back({project, call});
  if (auto scheduled = schedule_calls(calls); !scheduled) {
    const std::lock_guard lock(mutex_);
    ended_.merge(ended);
    return scheduled;
  }
  const TimeNs now = services_.clock.now();
  if (!has_looked_back_) {
    const auto missed =
        TRY(store::ended_calls_to_deliver(services_.catalog, now - kLookBack, kBatch));
    TRY(schedule_calls(missed));
    has_looked_back_ = missed.size() < kBatch;
  }
  if (looked_for_quiet_.is_set() && now - looked_for_quiet_ < kQuietRound) return {};
  const TimeNs quiet = now - model::kEndedAfter;
  const TimeNs since = looked_for_quiet_.is_set()
                           ? looked_for_quiet_ - model::kEndedAfter - kOverlap
                           : now - kLookBack;
  const auto found = TRY(store::quiet_calls_to_deliver(services_.catalog, since, quiet, kBatch));
  TRY(schedule_calls(found));
  if (found.size() < kBatch) looked_for_quiet_ = now;
  return {};
}

Result<size_t> Webhooks::deliver_due() {
  size_t count = 0;
  while (TRY(deliver_one())) ++count;
  return count;
}

Result<bool> Webhooks::deliver_one() {
  for (const store::Delivery& due :
       TRY(store::due_deliveries(services_.catalog, services_.clock.now()))) {
    const store::WebhookId webhook = due.webhook;
    {
      const std::lock_guard lock(mutex_);
      if (!busy_.insert(webhook).second) continue;
    }
    // Another thread may have been done with it since it was listed.
    const auto current = store::delivery(services_.catalog, due.project, due.id);
    const bool is_due = current && *current &&
                        (*current)->state == store::DeliveryState::kPending &&
                        (*current)->next_attempt == due.next_attempt;
    const Result<void> done = is_due ? deliver(due) : Result<void>();
    {
      const std::lock_guard lock(mutex_);
      busy_.erase(webhook);
    }
    if (!done) return done.error();
    if (is_due) return true;
  }
  return false;
}

// The status of the answer.
Result<int> Webhooks::post(const store::Delivery& delivery) {
  const auto webhook = TRY(store::webhook(services_.catalog, delivery.project, delivery.webhook));
  (void)services_.save_calls().has_value();
  const auto call = TRY(services_.catalog.call(delivery.project, delivery.call));
  // Both go with their deliveries, so this one is gone too.
  if (!webhook || !call) return Error{ErrorCode::kInvalidArgument, "the call was deleted"};
  const std::string body = fmt::format(R"({{"event":"call.completed","id":{},"call":{}}})",
                                       delivery.id, TRY(whole_call(services_, *call)));
  const std::string id = std::to_string(delivery.id);
  return receive::post(webhook->url,
                       {{"Content-Type", "application/json"},
                        {"X-Callscope-Delivery", id},
                        {"X-Callscope-Signature",
                         normalise::sign_webhook(body, webhook->secret, services_.clock.now())},
                        {"X-CEKURA-SECRET", webhook->secret},
                        {"X-CEKURA-IDEMPOTENCY-KEY", id}},
                       body,
                       {.addresses = services_.addresses,
                        .ms_max = services_.webhook_limits.attempt_ms_max,
                        .stopping = stopping_});
}

Result<void> Webhooks::deliver(const store::Delivery& due) {
  const auto save = [&](const store::Delivery& delivery) {
    return services_.catalog.write(
        [&](store::Transaction& t) { return store::update_delivery(t, delivery); });
  };
  store::Delivery delivery = due;
  ++delivery.attempts;
  delivery.last_attempt = services_.clock.now();
  delivery.next_attempt = delivery.last_attempt + pause_after(delivery.attempts);
  // First, so that nobody is asked again and again while the catalog can't be written.
  TRY(save(delivery));
  const Result<int> status = post(delivery);
  if (!status && stopping_) return save(due);
  delivery.last_status = status ? *status : 0;
  if (status && *status >= 200 && *status < 300) {
    delivery.state = store::DeliveryState::kDelivered;
    delivery.next_attempt = {};
    delivery.error.clear();
    return save(delivery);
  }
  delivery.error = status ? fmt::format("the server answered {}", *status) : status.error().message;
  const bool tries_again = (status || may_help(status.error().code)) &&
                           delivery.attempts < services_.webhook_limits.attempts_max;
  if (!tries_again) {
    delivery.state = store::DeliveryState::kFailed;
    delivery.next_attempt = {};
  }
  log_info("a webhook was not taken", kv("webhook", delivery.webhook), kv("delivery", delivery.id),
           kv("attempt", delivery.attempts), kv("error", delivery.error));
  return save(delivery);
}

}  // namespace callscope::serve
