// OTLP over HTTP: POST /v1/traces and /v1/logs, as protobuf and as JSON.
#pragma once

#include <functional>

#include "base/limits.h"
#include "http/router.h"
#include "receive/auth.h"
#include "receive/intake.h"

namespace callscope::receive {

// A request is answered in the format it was sent in, once it is safe on disk. Its key is checked
// before its body is read. `auth` and `intake` outlive the router.
void register_otlp_http(http::Router& router, Authenticator& auth, Intake& intake,
                        const Limits& limits);

// The same with something else in the place of Intake::submit.
using Submit =
    std::function<void(normalise::Signal signal, const Sender& sender, store::wal::Payload payload,
                       std::function<void(Result<Accepted>)> done)>;
void register_otlp_http(http::Router& router, Authenticator& auth, Submit submit,
                        const Limits& limits);

}  // namespace callscope::receive
