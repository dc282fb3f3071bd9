// Where calls are reported to once they are complete, and what became of each report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace callscope::store {

class Catalog;
class Transaction;

using WebhookId = int64_t;
using DeliveryId = int64_t;

struct Webhook {
  WebhookId id = 0;  // given by the catalog
  ProjectId project = 0;
  std::string url;
  std::string secret;  // in the clear, since bodies are signed with it
  TimeNs created;      // given by the catalog
};

enum class DeliveryState : uint8_t { kPending, kDelivered, kFailed };
std::string_view to_string(DeliveryState state);  // "pending", "delivered", "failed"

// There is one for a call and a webhook, and it goes with either.
struct Delivery {
  DeliveryId id = 0;
  WebhookId webhook = 0;
  ProjectId project = 0;
  CallId call = 0;
  DeliveryState state = DeliveryState::kPending;
  int64_t attempts = 0;
  int64_t last_status = 0;  // of HTTP; 0 where no answer came
  std::string error;        // of the last attempt
  TimeNs created;
  TimeNs next_attempt;  // set while it is pending
  TimeNs last_attempt;
};

Result<Webhook> add_webhook(Transaction& transaction, Webhook webhook);
// kNotFound where the project has no such webhook.
Result<void> delete_webhook(Transaction& transaction, ProjectId project, WebhookId id);
// A delivery to each webhook of the project that has none of this call. Returns how many.
Result<int64_t> add_deliveries(Transaction& transaction, ProjectId project, CallId call,
                               TimeNs due);
// Replaces what an attempt changes. Nothing where the delivery is gone.
Result<void> update_delivery(Transaction& transaction, const Delivery& delivery);

// Called as calls are merged and deleted: a call that was delivered stays so.
Result<void> merge_deliveries(Transaction& transaction, CallId from, CallId into);
Result<void> delete_deliveries(Transaction& transaction, CallId call);

Result<std::vector<Webhook>> webhooks(const Catalog& catalog, ProjectId project);
Result<std::vector<ProjectId>> projects_with_webhooks(const Catalog& catalog);
// nullopt where the project has no such.
Result<std::optional<Webhook>> webhook(const Catalog& catalog, ProjectId project, WebhookId id);
Result<std::optional<Delivery>> delivery(const Catalog& catalog, ProjectId project, DeliveryId id);
// Newest first.
Result<std::vector<Delivery>> deliveries(const Catalog& catalog, WebhookId webhook, size_t limit);
// Of all projects: the oldest of each webhook among those that are due.
Result<std::vector<Delivery>> due_deliveries(const Catalog& catalog, TimeNs due);

struct CallToDeliver {
  ProjectId project = 0;
  CallId call = 0;
};
// Calls that lack a delivery and have been active since `since` and since the webhook was made:
// those whose end nobody reported and that were quiet from `quiet` on.
Result<std::vector<CallToDeliver>> quiet_calls_to_deliver(const Catalog& catalog, TimeNs since,
                                                          TimeNs quiet, size_t limit);
// The same, of those that ended: what a stop of the server came between.
Result<std::vector<CallToDeliver>> ended_calls_to_deliver(const Catalog& catalog, TimeNs since,
                                                          size_t limit);

}  // namespace callscope::store
