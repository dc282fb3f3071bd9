#include "http/beast/incoming.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "http/split.h"

namespace callscope::http {
namespace {

Error bad_target(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), ""};
}

// "http://host/path" is as good as "/path" (RFC 9112 section 3.2.2).
std::string_view without_authority(std::string_view target) {
  const size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return target;
  const size_t path = target.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

bool allows_origin(const ServerOptions& options, std::string_view origin) {
  return !origin.empty() &&
         std::any_of(options.cors_origins.begin(), options.cors_origins.end(),
                     [&](const std::string& o) { return o == "*" || o == origin; });
}

// Answers OPTIONS: a browser's question before it sends, or anybody's for the methods there are.
Response options_response(const Request& request, const ServerOptions& options,
                          std::string_view allow) {
  Response response = Response::empty(204);
  response.headers.add("Allow", fmt::format("{}, OPTIONS", allow));
  if (allows_origin(options, request.headers.get("Origin"))) {
    response.headers.add("Access-Control-Allow-Methods", allow);
    response.headers.add("Access-Control-Allow-Headers",
                         request.headers.get("Access-Control-Request-Headers"));
    response.headers.add("Access-Control-Max-Age", "600");
  }
  return response;
}

Response not_here(const Request& request, std::string_view allow) {
  if (allow.empty())
    return error_response(404, "not_found", fmt::format("there is nothing at {}", request.path));
  Response response = error_response(
      405, "method_not_allowed",
      fmt::format("{} does not take {}, only {}", request.path, request.method, allow));
  response.headers.add("Allow", allow);
  return response;
}

// The methods that a path takes, for OPTIONS.
std::string methods_of(const Router& router, std::string_view raw_path) {
  const auto match = router.find("OPTIONS", raw_path);
  return match && !match->allow.empty() ? match->allow : "GET, HEAD";
}

// What speaks against reading the body.
std::optional<Response> refuse(Incoming& in, const BodyHead& body) {
  const Route& route = *in.route;
  if (body.is_present) {
    if (route.options.unpacking == Unpacking::kByCoding) {
      auto coding = parse_coding(in.request.headers.get("Content-Encoding"));
      if (!coding) return route.error(in.request, coding.error());
      in.coding = *coding;
    }
    if (body.length.value_or(0) > route.options.body_bytes_max) {
      return route.error(in.request, {ErrorCode::kTooLarge,
                                      fmt::format("the body has {} bytes, and {} are the limit",
                                                  *body.length, route.options.body_bytes_max),
                                      "Content-Length"});
    }
  }
  return route.options.admit ? route.options.admit(in.request) : std::nullopt;
}

}  // namespace

Incoming examine(const boost::beast::http::request_header<>& head, const BodyHead& body,
                 const Peer& peer, const Router& router, const ServerOptions& options) {
  Incoming in;
  Request& request = in.request;
  request.method = std::string(head.method_string());
  request.peer = peer;
  for (const auto& field : head) request.headers.add(field.name_string(), field.value());

  std::string_view target = without_authority({head.target().data(), head.target().size()});
  const std::string_view raw_path = take_until(target, '?');
  auto path = percent_decode(raw_path, PlusMeans::kPlus);
  auto query = Query::parse(target);
  // Where a body ends is only known of these two framings: guessing lets requests be smuggled.
  const auto transfer_coding = request.headers.find("Transfer-Encoding");
  if (transfer_coding && !equal_ignoring_case(*transfer_coding, "chunked")) {
    in.refusal = error_response(
        {ErrorCode::kInvalidArgument, "Transfer-Encoding must be chunked", "Transfer-Encoding"});
    return in;
  }
  const bool is_asterisk = raw_path == "*" && request.method == "OPTIONS";
  const auto is_text = [](const auto& parameter) {
    return is_utf8(parameter.first) && is_utf8(parameter.second);
  };
  if (path && query && !(is_utf8(*path) && std::all_of(query->begin(), query->end(), is_text))) {
    in.refusal = error_response(bad_target("the address of the request must be UTF-8"));
    return in;
  }
  if (!path || !query || !(raw_path.starts_with('/') || is_asterisk)) {
    in.refusal = error_response(bad_target("the address of the request is not valid"));
    return in;
  }
  request.path = std::move(*path);
  request.query = std::move(*query);

  auto match = router.find(request.method, raw_path);
  if (request.method == "OPTIONS") {
    in.refusal = options_response(request, options, methods_of(router, raw_path));
    return in;
  }
  if (!match || match->route == nullptr) {
    in.refusal = not_here(request, match ? match->allow : "");
    return in;
  }
  in.route = match->route;
  request.parameters = std::move(match->parameters);
  in.refusal = refuse(in, body);
  return in;
}

void add_cors(Response& response, const Headers& request, const ServerOptions& options) {
  if (options.cors_origins.empty()) return;
  response.headers.add("Vary", "Origin");
  const std::string_view origin = request.get("Origin");
  if (allows_origin(options, origin)) response.headers.add("Access-Control-Allow-Origin", origin);
}

bool is_worth_compressing(const Request& request) {
  if (!lists_token(request.headers.get("Accept-Encoding"), "gzip")) return false;
  return !request.peer.is_loopback || request.headers.find("X-Forwarded-For") ||
         request.headers.find("Forwarded");
}

}  // namespace callscope::http
