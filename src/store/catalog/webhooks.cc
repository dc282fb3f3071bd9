#include "store/catalog/webhooks.h"

#include <array>

#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"
#include "store/catalog/columns.h"

namespace callscope::store {

void columns(auto&& visit, AnyOf<Webhook> auto& row) {
  visit("id", row.id);
  visit("project_id", row.project);
  visit("url", row.url);
  visit("secret", row.secret);
  visit("created_ns", row.created);
}

void columns(auto&& visit, AnyOf<Delivery> auto& row) {
  visit("id", row.id);
  visit("webhook_id", row.webhook);
  visit("project_id", row.project);
  visit("call_id", row.call);
  visit("state", row.state);
  visit("attempts", row.attempts);
  visit("last_status", row.last_status);
  visit("error", row.error);
  visit("created_ns", row.created);
  visit("next_attempt_ns", row.next_attempt);
  visit("last_attempt_ns", row.last_attempt);
}

void columns(auto&& visit, AnyOf<CallToDeliver> auto& row) {
  visit("calls.project_id", row.project);
  visit("calls.id", row.call);
}

std::string_view to_string(DeliveryState state) {
  constexpr std::array<std::string_view, 3> kNames = {"pending", "delivered", "failed"};
  return kNames[static_cast<size_t>(state)];
}

Result<Webhook> add_webhook(Transaction& transaction, Webhook webhook) {
  Session& session = CatalogAccess::session(transaction);
  webhook.id = TRY(next_id(session, "webhooks"));
  webhook.created = CatalogAccess::now(transaction);
  TRY(session.run_row(insert_sql<Webhook>("webhooks"), webhook));
  return webhook;
}

Result<void> delete_webhook(Transaction& transaction, ProjectId project, WebhookId id) {
  Session& session = CatalogAccess::session(transaction);
  const int64_t changed = TRY(
      session.run("DELETE FROM webhooks WHERE id = :id AND project_id = :project", id, project));
  if (changed == 0) return Error{ErrorCode::kNotFound, fmt::format("there is no webhook {}", id)};
  TRY(session.run("DELETE FROM webhook_deliveries WHERE webhook_id = :id", id));
  return {};
}

Result<int64_t> add_deliveries(Transaction& transaction, ProjectId project, CallId call,
                               TimeNs due) {
  Session& session = CatalogAccess::session(transaction);
  const auto lacking = TRY(session.all<WebhookId>(
      "SELECT id FROM webhooks WHERE project_id = :project AND NOT EXISTS (SELECT 1 FROM"
      " webhook_deliveries WHERE call_id = :call AND webhook_id = webhooks.id) ORDER BY id",
      project, call));
  for (const WebhookId webhook : lacking) {
    Delivery delivery;
    delivery.id = TRY(next_id(session, "webhook_deliveries"));
    delivery.webhook = webhook;
    delivery.project = project;
    delivery.call = call;
    delivery.created = CatalogAccess::now(transaction);
    delivery.next_attempt = due;
    TRY(session.run_row(insert_sql<Delivery>("webhook_deliveries"), delivery));
  }
  return static_cast<int64_t>(lacking.size());
}

Result<void> update_delivery(Transaction& transaction, const Delivery& delivery) {
  TRY(CatalogAccess::session(transaction)
          .run("UPDATE webhook_deliveries SET state = :state, attempts = :attempts,"
               " last_status = :status, error = :error, next_attempt_ns = :next,"
               " last_attempt_ns = :last WHERE id = :id",
               delivery.state, delivery.attempts, delivery.last_status, delivery.error,
               delivery.next_attempt, delivery.last_attempt, delivery.id));
  return {};
}

Result<void> merge_deliveries(Transaction& transaction, CallId from, CallId into) {
  Session& session = CatalogAccess::session(transaction);
  // Of two to the same webhook the one that was attempted stays, else that of `into`.
  const auto drop_where_other = [&](CallId loser, CallId winner, std::string_view condition) {
    return session.run(
        fmt::format("DELETE FROM webhook_deliveries WHERE call_id = :loser AND EXISTS (SELECT 1"
                    " FROM webhook_deliveries other WHERE other.call_id = :winner"
                    " AND other.webhook_id = webhook_deliveries.webhook_id{})",
                    condition),
        loser, winner);
  };
  TRY(drop_where_other(into, from, " AND other.attempts > webhook_deliveries.attempts"));
  TRY(drop_where_other(from, into, ""));
  TRY(session.run("UPDATE webhook_deliveries SET call_id = :into WHERE call_id = :from", into,
                  from));
  return {};
}

Result<void> delete_deliveries(Transaction& transaction, CallId call) {
  TRY(CatalogAccess::session(transaction)
          .run("DELETE FROM webhook_deliveries WHERE call_id = :call", call));
  return {};
}

Result<std::vector<Webhook>> webhooks(const Catalog& catalog, ProjectId project) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return reader->all<Webhook>("FROM webhooks WHERE project_id = :project ORDER BY id", project);
}

Result<std::vector<ProjectId>> projects_with_webhooks(const Catalog& catalog) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return reader->all<ProjectId>("SELECT DISTINCT project_id FROM webhooks ORDER BY project_id");
}

Result<std::optional<Webhook>> webhook(const Catalog& catalog, ProjectId project, WebhookId id) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return reader->one<Webhook>("FROM webhooks WHERE id = :id AND project_id = :project", id,
                              project);
}

Result<std::optional<Delivery>> delivery(const Catalog& catalog, ProjectId project, DeliveryId id) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return reader->one<Delivery>("FROM webhook_deliveries WHERE id = :id AND project_id = :project",
                               id, project);
}

Result<std::vector<Delivery>> deliveries(const Catalog& catalog, WebhookId webhook, size_t limit) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return reader->all<Delivery>(
      "FROM webhook_deliveries WHERE webhook_id = :webhook ORDER BY id DESC LIMIT :limit", webhook,
      limit);
}

Result<std::vector<Delivery>> due_deliveries(const Catalog& catalog, TimeNs due) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return reader->all<Delivery>(
      "FROM webhook_deliveries WHERE id IN (SELECT MIN(id) FROM webhook_deliveries"
      " WHERE state = 0 AND next_attempt_ns <= :due GROUP BY webhook_id) ORDER BY next_attempt_ns",
      due);
}

namespace {

// Calls of spans alone whose agent says that they wait to be claimed are nobody's business yet.
constexpr std::string_view kLacksDelivery =
    " AND calls.last_activity_ns >= webhooks.created_ns"
    " AND NOT (calls.sources < 4 AND EXISTS (SELECT 1 FROM withheld_agents WHERE"
    " agent_id = calls.agent_id AND since_ns <= calls.started_ns))"
    " AND NOT EXISTS (SELECT 1 FROM"
    " webhook_deliveries WHERE call_id = calls.id AND webhook_id = webhooks.id) LIMIT :limit";

}  // namespace

Result<std::vector<CallToDeliver>> quiet_calls_to_deliver(const Catalog& catalog, TimeNs since,
                                                          TimeNs quiet, size_t limit) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return reader->all<CallToDeliver>(
      fmt::format("FROM webhooks JOIN calls ON calls.project_id = webhooks.project_id"
                  " WHERE calls.root_ended = 0 AND calls.last_activity_ns > :since"
                  " AND calls.last_activity_ns <= :quiet{}",
                  kLacksDelivery),
      since, quiet, limit);
}

Result<std::vector<CallToDeliver>> ended_calls_to_deliver(const Catalog& catalog, TimeNs since,
                                                          size_t limit) {
  const auto reader = TRY(CatalogAccess::reader(catalog));
  return reader->all<CallToDeliver>(
      fmt::format("FROM webhooks JOIN calls ON calls.project_id = webhooks.project_id"
                  " WHERE calls.root_ended <> 0 AND calls.started_ns > :since{}",
                  kLacksDelivery),
      since, limit);
}

}  // namespace callscope::store
