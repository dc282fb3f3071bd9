// The paths of the hosted service that agents and tools were written for: what their answers have
// in common. docs/compatibility.md lists them; shared shapes are those of Django REST framework.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/router.h"
#include "model/call.h"
#include "serve/agent_names.h"
#include "serve/api.h"
#include "serve/endpoint.h"

namespace callscope::serve::compat {

// {"field": ["message"]} for 400, {"detail": "message"} for the rest.
http::Response error_answer(const Error& error);

// An endpoint whose errors look like that. Unknown parameters are passed over, as there.
void add(http::Router& router, const Services& services, std::string method, std::string pattern,
         Needs needs, Endpoint endpoint);

// The agent that a request speaks of: by number, by its provider's name of it (made where it is
// new), or as the headers said. kInvalidArgument naming `field` where there is none,
// kPermissionDenied for another project's.
Result<AgentId> agent_of(const Services& services, const receive::Identity& caller,
                         std::optional<int64_t> agent, std::string_view assistant,
                         std::string_view field);

// A call as the list and as its own address show it.
void append_list_item(std::string& out, const model::Call& call, const AgentNames& agents);
// `recording_url` is empty where there is none.
void append_detail(std::string& out, const model::Call& call, const AgentNames& agents,
                   const std::string& recording_url);
// "[00:00] Testing Agent: Hi\n…" and the same as a list.
std::string transcript_text(const model::Call& call);
void append_transcript_object(std::string& out, const model::Call& call);

void add_observe_routes(http::Router& router, const Services& services);
void add_livekit_routes(http::Router& router, const Services& services);
void add_call_log_routes(http::Router& router, const Services& services);

}  // namespace callscope::serve::compat
