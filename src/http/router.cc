#include "http/router.h"

#include "base/check.h"
#include "http/split.h"

namespace callscope::http {
namespace {

// "/a//b/" is "a", "", "b", "".
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  take_until(path, '/');
  for (bool more = true; more;) {
    more = path.find('/') != std::string_view::npos;
    segments.push_back(take_until(path, '/'));
  }
  return segments;
}

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{'; }

bool matches(const Route& route, const std::vector<std::string>& segments) {
  size_t count = segments.size();
  size_t wanted = route.segments.size();
  if (route.options.trailing_slash == TrailingSlash::kTolerated) {
    if (count > 1 && segments.back().empty()) --count;
    if (wanted > 1 && route.segments.back().empty()) --wanted;
  }
  if (count != wanted) return false;
  for (size_t i = 0; i < count; ++i) {
    const std::string& pattern = route.segments[i];
    if (is_parameter(pattern) ? segments[i].empty() : segments[i] != pattern) return false;
  }
  return true;
}

}  // namespace

Response Route::error(const Request& request, const Error& error) const {
  return options.errors ? options.errors(request, error) : error_response(error);
}

void Router::add(std::string method, std::string pattern, Handler handler, RouteOptions options) {
  CHECK(!pattern.empty() && pattern[0] == '/', "a pattern starts with a slash");
  Route route{std::move(method), std::move(pattern), std::move(handler), std::move(options), {}};
  for (std::string_view segment : split(route.pattern)) route.segments.emplace_back(segment);
  routes_.push_back(std::move(route));
}

void Router::set_fallback(Handler handler, RouteOptions options) {
  fallback_ = std::make_unique<Route>(Route{"*", "*", std::move(handler), std::move(options), {}});
}

std::optional<Router::Match> Router::find(std::string_view method,
                                          std::string_view raw_path) const {
  std::vector<std::string> segments;
  for (std::string_view raw : split(raw_path)) {
    auto segment = percent_decode(raw, PlusMeans::kPlus);
    if (!segment) return std::nullopt;
    segments.push_back(std::move(*segment));
  }
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  Match match;
  for (const Route& route : routes_) {
    if (!matches(route, segments)) continue;
    if (route.method == wanted) {
      match.route = &route;
      match.allow.clear();
      for (size_t i = 0; i < route.segments.size(); ++i) {
        const std::string& name = route.segments[i];
        if (is_parameter(name))
          match.parameters.emplace_back(name.substr(1, name.size() - 2), segments[i]);
      }
      return match;
    }
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  if (match.allow.empty()) match.route = fallback_.get();
  return match;
}

}  // namespace callscope::http
