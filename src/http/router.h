// Which handler answers which method and path.
//
//   router.add("GET", "/api/v1/calls/{id}", [&](Request request, Responder responder) { … });
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/body_sink.h"
#include "http/message.h"
#include "http/responder.h"

namespace callscope::http {

// Where a handler runs: on the connection's I/O thread, which must be quick and never wait, or on
// the worker pool, where it may take its time and is refused with 503 while the queue is full.
enum class Run { kInline, kPool };

enum class TrailingSlash { kStrict, kTolerated };

using Handler = std::function<void(Request, Responder)>;

// Whether bodies are unpacked by their Content-Encoding, or left to the handler as they come.
enum class Unpacking { kByCoding, kNone };

// Looks at a request whose body was not read yet; a response refuses it.
using Admit = std::function<std::optional<Response>(const Request&)>;

// How a route words the errors that are found before its handler runs.
using ErrorWriter = std::function<Response(const Request&, const Error&)>;

struct RouteOptions {
  Run run = Run::kPool;
  TrailingSlash trailing_slash = TrailingSlash::kTolerated;
  size_t body_bytes_max = 1u << 20;      // as it comes over the wire
  size_t unpacked_bytes_max = 4u << 20;  // after its Content-Encoding
  Unpacking unpacking = Unpacking::kByCoding;
  Admit admit = {};
  ErrorWriter errors = {};  // error_response() where empty
};

struct Route {
  std::string method;
  std::string pattern;
  Handler handler;
  RouteOptions options;
  // Of the pattern; "{name}" matches any one that is not empty, "{name...}" all that are left.
  std::vector<std::string> segments;
  OpenBody open = {};  // in place of `handler`, for a body that is streamed

  Response error(const Request& request, const Error& error) const;
};

class Router {
 public:
  // `pattern` is made of literal segments, of "{name}" for any one segment and, at its end, of
  // "{name...}" for one or more. HEAD is answered by the handler of GET, unless it has its own.
  void add(std::string method, std::string pattern, Handler handler, RouteOptions options = {});

  // The same for bodies that are handled while they arrive (body_sink.h). options.run has no say.
  void add_streamed(std::string method, std::string pattern, OpenBody open,
                    RouteOptions options = {});

  // Answers paths that no route has, by any method, in place of 404.
  void set_fallback(Handler handler, RouteOptions options = {});

  struct Match {
    const Route* route = nullptr;  // nullptr: nothing there, or not by this method
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string allow;  // the methods there are, where the path matches and the method does not
  };
  // `raw_path` is the path as sent, without the query. nullopt where its percent-encoding is
  // broken.
  std::optional<Match> find(std::string_view method, std::string_view raw_path) const;

  const std::deque<Route>& routes() const { return routes_; }  // without the fallback

 private:
  Route& add_route(std::string method, std::string pattern, RouteOptions options);

  std::deque<Route> routes_;  // addresses stay put: requests hold pointers
  std::unique_ptr<Route> fallback_;
};

}  // namespace callscope::http
