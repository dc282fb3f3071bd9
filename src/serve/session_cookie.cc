#include "serve/session_cookie.h"

#include <fmt/format.h>

namespace callscope::serve {
namespace {

constexpr std::string_view kCookie = "callscope_session";
constexpr std::string_view kPageHeader = "x-callscope-page";

std::string cookie(std::string_view value, std::chrono::seconds lifetime, Transport transport) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", kCookie, value,
                     lifetime.count(), transport == Transport::kTls ? "; Secure" : "");
}

}  // namespace

std::optional<std::string_view> session_token(const http::Request& request) {
  std::string_view left = request.headers.get("cookie");
  while (!left.empty()) {
    const size_t end = left.find(';');
    std::string_view pair = left.substr(0, end);
    left = end == std::string_view::npos ? std::string_view() : left.substr(end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (!pair.starts_with(kCookie) || pair.substr(kCookie.size(), 1) != "=") continue;
    const std::string_view token = pair.substr(kCookie.size() + 1);
    if (!token.empty()) return token;
  }
  return std::nullopt;
}

Result<void> expect_page_of_ours(const http::Request& request) {
  if (request.method == "GET" || request.method == "HEAD") return {};
  if (request.headers.find(kPageHeader)) return {};
  return Error{ErrorCode::kPermissionDenied,
               fmt::format("a change by session needs the header {}: 1", kPageHeader),
               std::string(kPageHeader)};
}

std::string begin_session_cookie(std::string_view token, Transport transport) {
  return cookie(token, kSessionLifetime, transport);
}

std::string end_session_cookie(Transport transport) {
  return cookie("", std::chrono::seconds(0), transport);
}

}  // namespace callscope::serve
