// Webhooks: who is told of calls, and what became of it.
#include "store/catalog/webhooks.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "serve/endpoint.h"
#include "serve/json_body.h"
#include "serve/json_writer.h"
#include "serve/routes.h"
#include "serve/webhooks.h"
#include "store/catalog/key_secret.h"

namespace callscope::serve {
namespace {

constexpr std::string_view kEvent = "call.completed";
constexpr size_t kUrlBytesMax = 2'000;
constexpr size_t kSecretBytesMax = 500;
// The newest of a webhook that a list may reach.
constexpr size_t kDeliveriesMax = 10'000;

// The secret is shown once, as it is made.
void append(std::string& out, const store::Webhook& webhook, bool with_secret = false) {
  JsonWriter json(out);
  json.begin_object()
      .member("id", webhook.id)
      .member("project_id", webhook.project)
      .member("url", webhook.url)
      .key("events")
      .begin_array()
      .value(kEvent)
      .end_array();
  if (with_secret) json.member("secret", webhook.secret);
  json.time_member("created_at", webhook.created).end_object();
}

void append(std::string& out, const store::Delivery& delivery) {
  JsonWriter json(out);
  json.begin_object()
      .member("id", delivery.id)
      .member("call_id", delivery.call)
      .member("event", kEvent)
      .member("state", store::to_string(delivery.state))
      .member("attempts", delivery.attempts)
      .key("last_status");
  if (delivery.last_status == 0) {
    json.null();
  } else {
    json.value(delivery.last_status);
  }
  json.member_unless_empty("error", delivery.error)
      .time_member("created_at", delivery.created)
      .time_member("last_attempt_at", delivery.last_attempt)
      .time_member("next_attempt_at", delivery.next_attempt)
      .end_object();
}

constexpr auto kAppend = [](std::string& out, const auto& item) { append(out, item); };

// Whether http or https with a host, and without a name and password, which would be shown.
bool is_sound_url(const std::string& url) {
  if (url.size() > kUrlBytesMax || !(url.starts_with("http://") || url.starts_with("https://")))
    return false;
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return false;
  char* user = nullptr;
  const bool has_user = curl_url_get(parsed.get(), CURLUPART_USER, &user, 0) == CURLUE_OK;
  curl_free(user);
  return !has_user;
}

bool is_sound_secret(std::string_view secret) {
  return !secret.empty() && secret.size() <= kSecretBytesMax &&
         std::all_of(secret.begin(), secret.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

Result<store::Webhook> webhook_in_path(const Services& services, const Question& question) {
  const store::WebhookId id = TRY(path_id(question.request, "id"));
  auto found = TRY(store::webhook(services.catalog, question.project, id));
  if (!found) return not_found(fmt::format("webhook {}", id));
  return *std::move(found);
}

Result<http::Response> create_webhook(const Services& services, Question& question,
                                      Webhooks& webhooks) {
  TRY(question.params.done());
  JsonBody body = TRY(JsonBody::parse(question.request));
  store::Webhook webhook;
  webhook.url = body.text("url").value_or("");
  if (!is_sound_url(webhook.url))
    body.refuse("url", "must be an http or https URL without a user name");
  webhook.secret = body.text("secret").value_or(store::make_key_secret());
  if (!is_sound_secret(webhook.secret)) {
    body.refuse("secret", fmt::format("must be 1 to {} visible ASCII characters without spaces",
                                      kSecretBytesMax));
  }
  const auto events = body.texts("events");
  for (const std::string& event : events.value_or(std::vector<std::string>())) {
    if (event != kEvent) body.refuse("events", R"(must be ["call.completed"])");
  }
  if (events && events->empty()) body.refuse("events", R"(must be ["call.completed"])");
  webhook.project = TRY(project_in_body(services, question, body));
  webhook = TRY(
      services.catalog.write([&](store::Transaction& t) { return store::add_webhook(t, webhook); },
                             store::Durability::kPower));
  webhooks.read_projects();
  std::string out;
  append(out, webhook, true);
  return answer(201, std::move(out));
}

Result<http::Response> list_webhooks(const Services& services, Question& question) {
  const Paging paging(question.params, services.list_limit);
  TRY(question.params.done());
  return page_of(TRY(store::webhooks(services.catalog, question.project)), paging, kAppend);
}

Result<http::Response> get_webhook(const Services& services, Question& question) {
  TRY(question.params.done());
  std::string out;
  append(out, TRY(webhook_in_path(services, question)));
  return answer(std::move(out));
}

Result<http::Response> delete_webhook(const Services& services, Question& question,
                                      Webhooks& webhooks) {
  TRY(question.params.done());
  const store::Webhook webhook = TRY(webhook_in_path(services, question));
  TRY(services.catalog.write(
      [&](store::Transaction& t) { return store::delete_webhook(t, webhook.project, webhook.id); },
      store::Durability::kPower));
  webhooks.read_projects();
  return http::Response::empty(204);
}

Result<http::Response> list_deliveries(const Services& services, Question& question) {
  const Paging paging(question.params, services.list_limit);
  TRY(question.params.done());
  const store::Webhook webhook = TRY(webhook_in_path(services, question));
  return page_of(TRY(store::deliveries(services.catalog, webhook.id, kDeliveriesMax)), paging,
                 kAppend);
}

Result<http::Response> replay(const Services& services, Question& question, Webhooks& webhooks) {
  TRY(question.params.done());
  const store::Webhook webhook = TRY(webhook_in_path(services, question));
  const auto id = TRY(path_id(question.request, "delivery_id"));
  std::string out;
  append(out, TRY(webhooks.replay(webhook.project, webhook.id, id)));
  return answer(202, std::move(out));
}

}  // namespace

void add_webhook_routes(http::Router& router, const Services& services, Webhooks& webhooks) {
  const auto with = [&webhooks](auto endpoint) {
    return [&webhooks, endpoint](const Services& s, Question& question) {
      return endpoint(s, question, webhooks);
    };
  };
  constexpr const char* kOne = "/api/v1/webhooks/{id}";
  add_endpoint(router, services, "GET", "/api/v1/webhooks", Needs::kRead, list_webhooks);
  add_endpoint(router, services, "POST", "/api/v1/webhooks", Needs::kWrite, with(create_webhook));
  add_endpoint(router, services, "GET", kOne, Needs::kRead, get_webhook);
  add_endpoint(router, services, "DELETE", kOne, Needs::kWrite, with(delete_webhook));
  add_endpoint(router, services, "GET", "/api/v1/webhooks/{id}/deliveries", Needs::kRead,
               list_deliveries);
  add_endpoint(router, services, "POST", "/api/v1/webhooks/{id}/deliveries/{delivery_id}/replay",
               Needs::kWrite, with(replay));
}

}  // namespace callscope::serve
