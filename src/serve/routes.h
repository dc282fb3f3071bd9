// The parts of the API, a file each. `services` outlives the router.
#pragma once

#include "serve/api.h"

namespace callscope::serve {

class LiveCalls;
class SignIns;
class Webhooks;

void add_call_routes(http::Router& router, const Services& services, LiveCalls& live);
void add_recording_routes(http::Router& router, const Services& services);
void add_call_write_routes(http::Router& router, const Services& services);
void add_listening_routes(http::Router& router, const Services& services);
void add_trace_routes(http::Router& router, const Services& services);
void add_stats_routes(http::Router& router, const Services& services);
void add_admin_routes(http::Router& router, const Services& services);
void add_agent_routes(http::Router& router, const Services& services);
void add_webhook_routes(http::Router& router, const Services& services, Webhooks& webhooks);
void add_view_routes(http::Router& router, const Services& services);
void add_price_routes(http::Router& router, const Services& services);
void add_user_routes(http::Router& router, const Services& services);
void add_session_routes(http::Router& router, const Services& services, SignIns& sign_ins);
void add_server_routes(http::Router& router, const Services& services);
void add_jaeger_routes(http::Router& router, const Services& services);

}  // namespace callscope::serve
