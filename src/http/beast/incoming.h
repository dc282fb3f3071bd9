// What can be said of a request once its head is there: what it asks for, and whether its body is
// worth reading.
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

#include <optional>

#include "http/coding.h"
#include "http/router.h"
#include "http/server.h"

namespace callscope::http {

struct BodyHead {
  bool is_present = false;
  std::optional<uint64_t> length;  // absent: chunked
};

struct Incoming {
  Request request;
  const Route* route = nullptr;  // nullptr only where there is a refusal
  Coding coding = Coding::kIdentity;
  std::optional<Response> refusal;  // the answer, without the body being read
};

Incoming examine(const boost::beast::http::request_header<>& head, const BodyHead& body,
                 const Peer& peer, const Router& router, const ServerOptions& options);

// Lets a browser page of an allowed origin read the response.
void add_cors(Response& response, const Headers& request, const ServerOptions& options);

// Whether compressing an answer saves the client anything: not on the same machine, unless a proxy
// sits there and says so.
bool is_worth_compressing(const Request& request);

}  // namespace callscope::http
