#include "store/objects/s3_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/xml.h"

namespace callscope::store {
namespace {

// A part of 8 MiB at 100 KB/s takes 80 s.
constexpr long kTimeoutMs = 120'000;
constexpr long kConnectMs = 10'000;
constexpr long kStalledS = 30;
// Services answer 503 for a moment when they are asked a lot.
constexpr int kAttempts = 4;
constexpr auto kFirstPause = std::chrono::milliseconds(100);
constexpr size_t kAnswerBytesMax = 64u << 20;

using Curl = std::unique_ptr<CURL, void (*)(CURL*)>;

size_t take_body(char* data, size_t, size_t size, void* user) {
  auto& body = static_cast<S3Answer*>(user)->body;
  if (body.size() + size > kAnswerBytesMax) return 0;
  body.append(data, size);
  return size;
}

size_t take_header(char* data, size_t, size_t size, void* user) {
  auto& answer = *static_cast<S3Answer*>(user);
  std::string_view line(data, size);
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == '\r' || value.back() == '\n')) value.remove_suffix(1);
  if (name == "etag") answer.etag = value;
  if (name == "content-length")
    answer.content_length = std::strtoull(std::string(value).c_str(), nullptr, 10);
  return size;
}

Error error_of(const S3Request& request, const S3Answer& answer) {
  const std::string message =
      fmt::format("the object store answered {} to {} {}: {} {}", answer.status, request.method,
                  request.key, element(answer.body, "Code"), element(answer.body, "Message"));
  if (answer.status == 404) return {ErrorCode::kNotFound, message};
  if (answer.status == 401 || answer.status == 403) return {ErrorCode::kPermissionDenied, message};
  if (answer.status == 408 || answer.status == 429 || answer.status >= 500)
    return {ErrorCode::kUnavailable, message};
  return {ErrorCode::kInternal, message};
}

// Host and path of "http://host:9000/path".
std::pair<std::string, std::string> split_endpoint(std::string_view endpoint) {
  const bool is_tls = endpoint.starts_with("https://");
  endpoint.remove_prefix(
      std::min(endpoint.size(), std::string_view(is_tls ? "https://" : "http://").size()));
  const size_t slash = endpoint.find('/');
  std::string host(endpoint.substr(0, slash));
  // A port that goes without saying is not in the Host header.
  const std::string_view usual = is_tls ? ":443" : ":80";
  if (host.ends_with(usual)) host.resize(host.size() - usual.size());
  return {host,
          slash == std::string_view::npos ? std::string() : std::string(endpoint.substr(slash))};
}

}  // namespace

S3Client::S3Client(S3Location location, S3Credentials credentials, const Clock& clock,
                   std::string service)
    : location_(std::move(location)),
      credentials_(std::move(credentials)),
      clock_(clock),
      service_(std::move(service)) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)ready;
  std::tie(host_, path_prefix_) = split_endpoint(location_.endpoint);
}

Result<S3Answer> S3Client::send(const S3Request& request) const {
  auto pause = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    auto answer = send_once(request);
    if (answer || answer.error().code != ErrorCode::kUnavailable || attempt == kAttempts)
      return answer;
    std::this_thread::sleep_for(pause);
    pause *= 4;
  }
}

Result<S3Answer> S3Client::send_once(const S3Request& request) const {
  sigv4::SignedRequest to_sign;
  to_sign.method = request.method;
  to_sign.path = path_prefix_ + "/" + location_.bucket;
  if (!request.key.empty()) to_sign.path += "/" + request.key;
  to_sign.query = request.query;
  to_sign.headers = request.headers;
  to_sign.time = sigv4::to_time(clock_.now());
  to_sign.scope = {
      .date = to_sign.time.substr(0, 8), .region = location_.region, .service = service_};
  to_sign.payload_hash = to_hex(sha256(request.body));
  to_sign.headers.emplace_back("host", host_);
  to_sign.headers.emplace_back("x-amz-content-sha256", to_sign.payload_hash);
  to_sign.headers.emplace_back("x-amz-date", to_sign.time);
  if (!credentials_.session_token.empty())
    to_sign.headers.emplace_back("x-amz-security-token", credentials_.session_token);
  std::sort(to_sign.headers.begin(), to_sign.headers.end());
  const std::string signature =
      sigv4::signature(sigv4::signing_key(credentials_.secret_key, to_sign.scope), to_sign);

  std::string url = location_.endpoint.substr(0, location_.endpoint.size() - path_prefix_.size()) +
                    sigv4::encode(to_sign.path, sigv4::Slashes::kStay);
  char separator = '?';
  for (const auto& [name, value] : request.query) {
    url += separator + sigv4::encode(name, sigv4::Slashes::kEncoded) + "=" +
           sigv4::encode(value, sigv4::Slashes::kEncoded);
    separator = '&';
  }

  const Curl curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return Error{ErrorCode::kInternal, "libcurl does not start"};
  CURL* const c = curl.get();
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(nullptr, curl_slist_free_all);
  const auto add = [&](const std::string& line) {
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
  };
  for (const auto& [name, value] : to_sign.headers) add(name + ": " + value);
  add(fmt::format(
      "Authorization: AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
      credentials_.access_key, to_sign.scope.text(), sigv4::signed_names(to_sign), signature));
  add("Expect:");  // it would cost a round trip for each part
  const bool has_type =
      std::any_of(request.headers.begin(), request.headers.end(),
                  [](const auto& header) { return header.first == "content-type"; });
  if (!has_type) add("Content-Type:");  // libcurl would say that it is a form

  S3Answer answer;
  char detail[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(c, CURLOPT_URL, url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(c, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, detail);
  curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, kTimeoutMs);
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, kStalledS);
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(c, CURLOPT_HEADERDATA, &answer);
  if (request.method == "HEAD") curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
  if (request.method == "PUT" || request.method == "POST") {
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
  }
  const CURLcode code = curl_easy_perform(c);
  if (code != CURLE_OK) {
    return Error{ErrorCode::kUnavailable,
                 fmt::format("the object store at {} does not answer: {}", location_.endpoint,
                             *detail != '\0' ? detail : curl_easy_strerror(code))};
  }
  long status = 0;
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  // Completing an upload may fail after its 200 was sent.
  const bool failed_late = answer.status == 200 && request.method == "POST" &&
                           answer.body.find("<Error>") != std::string::npos;
  if (failed_late) answer.status = 500;
  if (answer.status < 200 || answer.status > 299) return error_of(request, answer);
  return answer;
}

}  // namespace callscope::store
