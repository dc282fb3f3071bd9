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

bool takes_rest(const Route& route) { return route.segments.back().ends_with("...}"); }

bool matches(const Route& route, const std::vector<std::string>& segments) {
  size_t count = segments.size();
  size_t wanted = route.segments.size();
  if (takes_rest(route)) {
    if (count < wanted || segments[wanted - 1].empty()) return false;
    count = wanted;
  }
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

std::vector<std::pair<std::string, std::string>> parameters_of(
    const Route& route, const std::vector<std::string>& segments) {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (size_t i = 0; i < route.segments.size(); ++i) {
    std::string_view name = route.segments[i];
    if (!is_parameter(name)) continue;
    name = name.substr(1, name.size() - 2);
    std::string value = segments[i];
    if (name.ends_with("...")) {
      name.remove_suffix(3);
      for (size_t rest = i + 1; rest < segments.size(); ++rest) value += "/" + segments[rest];
    }
    parameters.emplace_back(name, std::move(value));
  }
  return parameters;
}

}  // namespace

Response Route::error(const Request& request, const Error& error) const {
  return options.errors ? options.errors(request, error) : error_response(error);
}

Route& Router::add_route(std::string method, std::string pattern, RouteOptions options) {
  CHECK(!pattern.empty() && pattern[0] == '/', "a pattern starts with a slash");
  Route& route = routes_.emplace_back();
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.options = std::move(options);
  for (std::string_view segment : split(route.pattern)) route.segments.emplace_back(segment);
  return route;
}

void Router::add(std::string method, std::string pattern, Handler handler, RouteOptions options) {
  add_route(std::move(method), std::move(pattern), std::move(options)).handler = std::move(handler);
}

void Router::add_streamed(std::string method, std::string pattern, OpenBody open,
                          RouteOptions options) {
  add_route(std::move(method), std::move(pattern), std::move(options)).open = std::move(open);
}

void Router::set_fallback(Handler handler, RouteOptions options) {
  fallback_ = std::make_unique<Route>();
  fallback_->method = fallback_->pattern = "*";
  fallback_->handler = std::move(handler);
  fallback_->options = std::move(options);
}

std::optional<Router::Match> Router::find(std::string_view method,
                                          std::string_view raw_path) const {
  std::vector<std::string> segments;
  for (std::string_view raw : split(raw_path)) {
    auto segment = percent_decode(raw, PlusMeans::kPlus);
    if (!segment) return std::nullopt;
    segments.push_back(std::move(*segment));
  }
  Match match;
  const auto take = [&](const Route& route) {
    match.route = &route;
    match.allow.clear();
    match.parameters = parameters_of(route, segments);
  };
  for (const Route& route : routes_) {
    if (!matches(route, segments)) continue;
    if (route.method == method) {
      take(route);
      return match;
    }
    if (method == "HEAD" && route.method == "GET" && match.route == nullptr) take(route);
    if (match.route != nullptr) continue;
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  if (match.route == nullptr && match.allow.empty()) match.route = fallback_.get();
  return match;
}

}  // namespace callscope::http
