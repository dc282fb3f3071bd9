// The cookie by which a browser stays signed in. Scripts never see it, other sites' pages never
// send it, and a request by it that changes something has to carry a header that a page of another
// origin may not add.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace callscope::serve {

// How long a session holds, from its beginning.
inline constexpr std::chrono::hours kSessionLifetime{7 * 24};

// The token in the request's cookie.
std::optional<std::string_view> session_token(const http::Request& request);

// kPermissionDenied where the request would change something and lacks the header.
Result<void> expect_page_of_ours(const http::Request& request);

enum class Transport { kPlain, kTls };

// Values of Set-Cookie. Over TLS the cookie is never sent in the clear.
std::string begin_session_cookie(std::string_view token, Transport transport);
std::string end_session_cookie(Transport transport);

}  // namespace callscope::serve
