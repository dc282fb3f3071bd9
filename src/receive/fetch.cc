#include "receive/fetch.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

namespace callscope::receive {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kRedirectsMax = 5;
constexpr long kConnectMs = 10'000;
constexpr long kStalledS = 30;  // without a byte

struct Transfer {
  const FetchOptions& options;
  const std::function<Result<void>(std::string_view)>& out;
  CURL* curl = nullptr;
  bool is_host_allowed = false;
  std::string refused_address;
  int64_t bytes = 0;
  std::optional<Error> error;
};

std::string text_of(const sockaddr& address) {
  char text[NI_MAXHOST] = "";
  const socklen_t size = address.sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  ::getnameinfo(&address, size, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  return text;
}

// Called with the address that is about to be connected to, so that no later answer of a name
// server can change it.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (!transfer.is_host_allowed && !transfer.options.addresses.allows(address->addr)) {
    transfer.refused_address = text_of(address->addr);
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

size_t take(char* data, size_t, size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  long status = 0;
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return size;  // the text of an error, or of a redirect
  transfer.bytes += static_cast<int64_t>(size);
  if (transfer.bytes > transfer.options.bytes_max) {
    transfer.error = Error{ErrorCode::kTooLarge, fmt::format("the file has more than {} bytes",
                                                             transfer.options.bytes_max)};
    return 0;
  }
  if (auto taken = transfer.out({data, size}); !taken) {
    transfer.error = std::move(taken).error();
    return 0;
  }
  return size;
}

int progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->options.stopping.load() ? 1 : 0;
}

std::string host_of(const std::string& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  char* host = nullptr;
  std::string out;
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK &&
      curl_url_get(parsed.get(), CURLUPART_HOST, &host, 0) == CURLUE_OK)
    out = host;
  curl_free(host);
  return out;
}

Error failure(const Transfer& transfer, CURLcode code, const char* detail) {
  if (transfer.error) return *transfer.error;
  if (!transfer.refused_address.empty()) {
    return {ErrorCode::kPermissionDenied,
            fmt::format("the address {} is not on the public internet: allow it with fetch_allow, "
                        "or send the recording itself",
                        transfer.refused_address)};
  }
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return {ErrorCode::kInvalidArgument, "the address is not valid for http or https"};
    case CURLE_FILESIZE_EXCEEDED:
      return {ErrorCode::kTooLarge,
              fmt::format("the file has more than {} bytes", transfer.options.bytes_max)};
    default:
      return {ErrorCode::kUnavailable,
              *detail != '\0' ? std::string(detail) : curl_easy_strerror(code)};
  }
}

Error bad_status(long status) {
  // Recordings are often named before they are there, and signed addresses expire.
  const bool may_come = status == 403 || status == 404 || status == 408 || status == 409 ||
                        status == 425 || status == 429 || status >= 500;
  return {may_come ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument,
          fmt::format("the server answered {}", status)};
}

}  // namespace

Result<void> fetch(const std::string& url, const FetchOptions& options,
                   const std::function<Result<void>(std::string_view bytes)>& out) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) return Error{ErrorCode::kInternal, "libcurl does not start"};
  const auto deadline = SteadyClock::now() + std::chrono::milliseconds(options.ms_max);
  std::string at = url;
  for (int hop = 0; hop <= kRedirectsMax; ++hop) {
    const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
    if (!curl) return Error{ErrorCode::kInternal, "libcurl does not start"};
    Transfer transfer{.options = options, .out = out, .curl = curl.get()};
    transfer.is_host_allowed = options.addresses.allows_host(host_of(at));
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
    char detail[CURL_ERROR_SIZE] = "";
    CURL* const c = curl.get();
    curl_easy_setopt(c, CURLOPT_URL, at.c_str());
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    // A proxy would connect in our place, to what we can't check.
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "callscope");
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, std::max<long>(static_cast<long>(left.count()), 1));
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, kStalledS);
    curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options.bytes_max));
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, &transfer);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, progress);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, &transfer);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    const CURLcode code = curl_easy_perform(c);
    if (code != CURLE_OK) return failure(transfer, code, detail);
    long status = 0;
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200) return {};
    char* target = nullptr;
    curl_easy_getinfo(c, CURLINFO_REDIRECT_URL, &target);
    if (target == nullptr || status < 300 || status > 399) return bad_status(status);
    at = target;
  }
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("the address redirects more than {} times", kRedirectsMax)};
}

}  // namespace callscope::receive
