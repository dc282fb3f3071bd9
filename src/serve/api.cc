#include "serve/api.h"

#include "serve/call_removal.h"
#include "serve/compat/compat.h"
#include "serve/live_calls.h"
#include "serve/routes.h"
#include "serve/settings.h"
#include "serve/sign_ins.h"
#include "serve/webhooks.h"
#include "serve/withheld_calls.h"

namespace callscope::serve {

namespace {

Services with_settings(Services services) {
  services.refuses_known_calls = [&catalog = services.catalog](ProjectId project) {
    const auto choice = duplicate_call_ids(catalog, project);
    return choice && *choice == DuplicateCallIds::kRefuse;
  };
  return services;
}

}  // namespace

Api::Api(http::Router& router, Services services)
    : services_(with_settings(std::move(services))),
      live_(std::make_unique<LiveCalls>(services_)),
      webhooks_(std::make_unique<Webhooks>(services_)),
      sign_ins_(std::make_unique<SignIns>(services_.catalog, services_.clock)) {
  add_call_routes(router, services_, *live_);
  add_recording_routes(router, services_);
  add_call_write_routes(router, services_);
  add_listening_routes(router, services_);
  add_trace_routes(router, services_);
  add_stats_routes(router, services_);
  add_admin_routes(router, services_);
  add_agent_routes(router, services_);
  add_webhook_routes(router, services_, *webhooks_);
  add_view_routes(router, services_);
  add_price_routes(router, services_);
  add_user_routes(router, services_);
  add_session_routes(router, services_, *sign_ins_);
  add_server_routes(router, services_);
  add_jaeger_routes(router, services_);
  compat::add_observe_routes(router, services_);
  compat::add_livekit_routes(router, services_);
  compat::add_call_log_routes(router, services_);
}

Api::~Api() = default;

void Api::start() { webhooks_->start(); }

void Api::stop() {
  live_->stop();
  webhooks_->stop();
}

void Api::note_saved(std::span<const model::CallSummary> calls) { webhooks_->note_saved(calls); }

Result<void> Api::remove_old() {
  TRY(remove_unclaimed_calls(services_));
  return remove_expired_calls(services_);
}

}  // namespace callscope::serve
