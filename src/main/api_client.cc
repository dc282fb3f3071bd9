#include "main/api_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include "main/json_view.h"

namespace callscope {
namespace {

namespace json = boost::json;

// A page of this size is the largest that the server gives by default.
constexpr size_t kPageItems = 1'000;

size_t append_body(char* bytes, size_t size, size_t count, void* out) {
  static_cast<std::string*>(out)->append(bytes, size * count);
  return size * count;
}

ErrorCode parse_code(std::string_view name) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    if (to_string(static_cast<ErrorCode>(code)) == name) return static_cast<ErrorCode>(code);
  }
  return ErrorCode::kInternal;
}

// The error that the server tells in its body, or what can be said without.
Error to_error(long status, std::string_view body) {
  boost::system::error_code failed;
  const json::value parsed = json::parse(body, failed);
  const JsonView error = failed ? JsonView() : JsonView(parsed)["error"];
  if (const std::string message = error["message"].text(); !message.empty()) {
    return {parse_code(error["code"].text()), message, error["field"].text()};
  }
  return {ErrorCode::kInternal,
          fmt::format("the server answered {}; is it a Callscope server, and is its URL right?",
                      status)};
}

Result<json::value> parse_json(std::string_view body) {
  boost::system::error_code failed;
  json::value parsed = json::parse(body, failed);
  if (failed)
    return Error{ErrorCode::kInternal, "the server's answer is not JSON; is its URL right?"};
  return parsed;
}

}  // namespace

struct ApiClient::Connection {
  CURL* handle = curl_easy_init();
  ~Connection() { curl_easy_cleanup(handle); }

  std::string escaped(const std::string& text) const {
    char* const quoted = curl_easy_escape(handle, text.data(), static_cast<int>(text.size()));
    std::string out = quoted ? quoted : "";
    curl_free(quoted);
    return out;
  }
};

ApiClient::ApiClient(ServerTarget server, ProjectId project)
    : server_(std::move(server)), project_(project), connection_(std::make_unique<Connection>()) {}
ApiClient::~ApiClient() = default;

Result<std::string> ApiClient::get(std::string_view path, const Parameters& parameters) {
  return ask("GET", path, parameters, {});
}

Result<std::string> ApiClient::post(std::string_view path, std::string_view json) {
  return ask("POST", path, {}, json);
}

Result<std::string> ApiClient::patch(std::string_view path, std::string_view json) {
  return ask("PATCH", path, {}, json);
}

Result<std::string> ApiClient::remove(std::string_view path) { return ask("DELETE", path, {}, {}); }

Result<json::value> ApiClient::get_json(std::string_view path, const Parameters& parameters) {
  return parse_json(TRY(get(path, parameters)));
}

Result<json::array> ApiClient::get_list(std::string_view path, Parameters parameters,
                                        size_t limit) {
  json::array items;
  const size_t fixed = parameters.size();
  for (;;) {
    parameters.emplace_back("limit", std::to_string(std::min(limit - items.size(), kPageItems)));
    const json::value page = TRY(get_json(path, parameters));
    const json::array& some = JsonView(page)["items"].items();
    items.insert(items.end(), some.begin(), some.end());
    const std::string next = JsonView(page)["next"].text();
    if (next.empty() || some.empty() || items.size() >= limit) return items;
    parameters.resize(fixed);
    parameters.emplace_back("cursor", next);
  }
}

Result<std::string> ApiClient::ask(std::string_view method, std::string_view path,
                                   const Parameters& parameters, std::string_view body) {
  CURL* const curl = connection_->handle;
  if (curl == nullptr) return Error{ErrorCode::kInternal, "libcurl does not start"};

  std::string url = fmt::format("{}/api/v1/{}", server_.url, path);
  char separator = '?';
  const auto add = [&](const std::string& name, const std::string& value) {
    url += fmt::format("{}{}={}", std::exchange(separator, '&'), connection_->escaped(name),
                       connection_->escaped(value));
  };
  if (project_ != 0) add("project_id", std::to_string(project_));
  for (const auto& [name, value] : parameters) add(name, value);

  const std::string key_header = "x-callscope-api-key: " + server_.key;
  curl_slist* headers = curl_slist_append(nullptr, key_header.c_str());
  if (!body.empty()) headers = curl_slist_append(headers, "Content-Type: application/json");
  std::string answer;

  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, std::string(method).c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  if (!body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  }
  if (!server_.certificate_file.empty()) {
    // The server on this machine is known by its certificate, whatever name that is for.
    curl_easy_setopt(curl, CURLOPT_CAINFO, server_.certificate_file.c_str());
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  const CURLcode result = curl_easy_perform(curl);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_slist_free_all(headers);

  if (result != CURLE_OK) {
    return Error{ErrorCode::kUnavailable,
                 fmt::format("no answer from {}: {}", server_.url, curl_easy_strerror(result))};
  }
  if (status >= 300) return to_error(status, answer);
  return answer;
}

}  // namespace callscope
