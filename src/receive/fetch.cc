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

// What is connected to, and whether it may be.
struct Connection {
  const AddressRules& addresses;
  const std::atomic<bool>& stopping;
  bool is_host_allowed = false;
  std::string refused_address;
};

struct Transfer {
  const FetchOptions& options;
  const std::function<Result<void>(std::string_view)>& out;
  CURL* curl = nullptr;
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
  auto& connection = *static_cast<Connection*>(user);
  if (!connection.is_host_allowed && !connection.addresses.allows(address->addr)) {
    connection.refused_address = text_of(address->addr);
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

Error too_large(const FetchOptions& options) {
  return {ErrorCode::kTooLarge, fmt::format("the file has more than {} bytes", options.bytes_max)};
}

size_t take(char* data, size_t, size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  long status = 0;
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return size;  // the text of an error, or of a redirect
  transfer.bytes += static_cast<int64_t>(size);
  if (transfer.bytes > transfer.options.bytes_max) {
    transfer.error = too_large(transfer.options);
    return 0;
  }
  if (auto taken = transfer.out({data, size}); !taken) {
    transfer.error = std::move(taken).error();
    return 0;
  }
  return size;
}

int progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Connection*>(user)->stopping.load() ? 1 : 0;
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

Error failure(const Connection& connection, CURLcode code, const char* detail) {
  if (!connection.refused_address.empty()) {
    return {ErrorCode::kPermissionDenied,
            fmt::format("the address {} is not on the public internet: allow it with fetch_allow",
                        connection.refused_address)};
  }
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return {ErrorCode::kInvalidArgument, "the address is not valid for http or https"};
    default:
      return {ErrorCode::kUnavailable,
              *detail != '\0' ? std::string(detail) : curl_easy_strerror(code)};
  }
}

using Handle = std::unique_ptr<CURL, void (*)(CURL*)>;

// `detail` has room for CURL_ERROR_SIZE characters. All that is borrowed outlives the transfer.
Result<Handle> open_handle(const std::string& url, Connection& connection, long ms_max,
                           char* detail) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  Handle curl(ready == CURLE_OK ? curl_easy_init() : nullptr, curl_easy_cleanup);
  if (!curl) return Error{ErrorCode::kInternal, "libcurl does not start"};
  connection.is_host_allowed = connection.addresses.allows_host(host_of(url));
  CURL* const c = curl.get();
  curl_easy_setopt(c, CURLOPT_URL, url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  // A proxy would connect in our place, to what we can't check.
  curl_easy_setopt(c, CURLOPT_PROXY, "");
  curl_easy_setopt(c, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_USERAGENT, "callscope");
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, detail);
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, std::max<long>(ms_max, 1));
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, &connection);
  curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, progress);
  curl_easy_setopt(c, CURLOPT_XFERINFODATA, &connection);
  curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
  return curl;
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
  const auto deadline = SteadyClock::now() + std::chrono::milliseconds(options.ms_max);
  std::string at = url;
  for (int hop = 0; hop <= kRedirectsMax; ++hop) {
    Connection connection{.addresses = options.addresses, .stopping = options.stopping};
    Transfer transfer{.options = options, .out = out};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
    char detail[CURL_ERROR_SIZE] = "";
    const Handle curl = TRY(open_handle(at, connection, static_cast<long>(left.count()), detail));
    CURL* const c = curl.get();
    transfer.curl = c;
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, kStalledS);
    curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options.bytes_max));
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &transfer);
    const CURLcode code = curl_easy_perform(c);
    if (code == CURLE_FILESIZE_EXCEEDED) return too_large(options);
    if (code != CURLE_OK) {
      return transfer.error ? *std::move(transfer.error) : failure(connection, code, detail);
    }
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

Result<int> post(const std::string& url,
                 const std::vector<std::pair<std::string, std::string>>& headers,
                 std::string_view body, const PostOptions& options) {
  Connection connection{.addresses = options.addresses, .stopping = options.stopping};
  char detail[CURL_ERROR_SIZE] = "";
  const Handle curl = TRY(open_handle(url, connection, static_cast<long>(options.ms_max), detail));
  CURL* const c = curl.get();
  curl_slist* lines = nullptr;
  for (const auto& [name, value] : headers)
    lines = curl_slist_append(lines, (name + ": " + value).c_str());
  lines = curl_slist_append(lines, "Expect:");  // the body comes at once
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> owned(lines, curl_slist_free_all);
  const auto pass_over = [](char*, size_t, size_t size, void*) { return size; };
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, lines);
  curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION,
                   static_cast<size_t (*)(char*, size_t, size_t, void*)>(pass_over));
  const CURLcode code = curl_easy_perform(c);
  if (code != CURLE_OK) return failure(connection, code, detail);
  long status = 0;
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

}  // namespace callscope::receive
