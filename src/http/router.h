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

#include "http/message.h"
#include "http/responder.h"

namespace callscope::http {

// Where a handler runs: on the connection's I/O thread, which must be quick and never wait, or on
// the worker pool, where it may take its time and is refused with 503 while the queue is full.
enum class Run { kInline, kPool };

enum class TrailingSlash { kStrict, kTolerated };

using Handler = std::function<void(Request, Responder)>;

// Looks at a request whose body was not read yet; a response refuses it.
using Admit = std::function<std::optional<Response>(const Request&)>;

// How a route words the errors that are found before its handler runs.
using ErrorWriter = std::function<Response(const Request&, const Error&)>;

struct RouteOptions {
  Run run = Run::kPool;
  TrailingSlash trailing_slash = TrailingSlash::kTolerated;
  size_t body_bytes_max = 1u << 20;      // as it comes over the wire
  size_t unpacked_bytes_max = 4u << 20;  // after its Content-Encoding
  Admit admit = {};
  ErrorWriter errors = {};  // error_response() where empty
};

struct Route {
  std::string method;
  std::string pattern;
  Handler handler;
  RouteOptions options;
  std::vector<std::string> segments;  // of the pattern; "{name}" matches any one that is not empty

  Response error(const Request& request, const Error& error) const;
};

class Router {
 public:
  // `pattern` is made of literal segments and of "{name}" for any one segment. HEAD is answered by
  // the handler of GET.
  void add(std::string method, std::string pattern, Handler handler, RouteOptions options = {});

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
  std::deque<Route> routes_;  // addresses stay put: requests hold pointers
  std::unique_ptr<Route> fallback_;
};

}  // namespace callscope::http
