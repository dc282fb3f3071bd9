#include "receive/s3/authorize.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/text.h"
#include "http/split.h"
#include "receive/s3/error.h"

namespace callscope::receive::s3 {
namespace {

namespace sigv4 = store::sigv4;

constexpr DurationNs kSkewMax = DurationNs::from_s(15 * 60);

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == ',')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == ',')) text.remove_suffix(1);
  return text;
}

struct Credential {
  std::string_view access_key;
  sigv4::Scope scope;
  std::vector<std::string_view> signed_names;
  std::string_view signature;
};

// "AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/s3/aws4_request, SignedHeaders=a;b, Signature=hex".
Result<Credential> parse(std::string_view header) {
  constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256 ";
  const Error malformed = error("AuthorizationHeaderMalformed",
                                "the Authorization header is not one of AWS4-HMAC-SHA256");
  if (!header.starts_with(kAlgorithm)) return malformed;
  header.remove_prefix(kAlgorithm.size());
  Credential out;
  while (!header.empty()) {
    std::string_view field = trimmed(http::take_until(header, ','));
    const std::string_view name = http::take_until(field, '=');
    if (name == "Credential") {
      out.access_key = http::take_until(field, '/');
      out.scope.date = http::take_until(field, '/');
      out.scope.region = http::take_until(field, '/');
      out.scope.service = http::take_until(field, '/');
      if (field != "aws4_request" || out.scope.service != "s3") return malformed;
    } else if (name == "SignedHeaders") {
      while (!field.empty()) out.signed_names.push_back(http::take_until(field, ';'));
    } else if (name == "Signature") {
      out.signature = field;
    }
  }
  if (out.access_key.empty() || out.scope.date.size() != 8 || out.signed_names.empty() ||
      out.signature.size() != 64)
    return malformed;
  return out;
}

// "20261121T150000Z".
std::optional<TimeNs> parse_amz_time(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  return parse_time(fmt::format("{}-{}-{}T{}:{}:{}Z", text.substr(0, 4), text.substr(4, 2),
                                text.substr(6, 2), text.substr(9, 2), text.substr(11, 2),
                                text.substr(13, 2)));
}

Result<void> check_time(const http::Request& request, const Credential& credential, TimeNs now) {
  const std::string_view text = request.headers.get("x-amz-date");
  const auto time = parse_amz_time(text);
  if (!time || !text.starts_with(credential.scope.date))
    return error("AccessDenied",
                 "x-amz-date must be the time of signing, such as 20261121T150000Z");
  const DurationNs skew = *time < now ? now - *time : *time - now;
  if (skew <= kSkewMax) return {};
  return error("RequestTimeTooSkewed",
               fmt::format("the request was signed at {} and the server's time is {}: they may be "
                           "15 minutes apart",
                           text, sigv4::to_time(now)));
}

// What a header not signed could be changed to by anybody on the way.
Result<void> check_signed_names(const http::Request& request, const Credential& credential) {
  const auto is_signed = [&](std::string_view name) {
    return std::find(credential.signed_names.begin(), credential.signed_names.end(), name) !=
           credential.signed_names.end();
  };
  if (!is_signed("host")) return error("AccessDenied", "the Host header must be signed");
  for (const auto& [name, value] : request.headers) {
    const std::string low = lower_case(name);
    if (low.starts_with("x-amz-") && !is_signed(low))
      return error("AccessDenied", fmt::format("the header {} must be signed", low));
  }
  return {};
}

// All fields of that name, as one.
std::string combined(const http::Headers& headers, std::string_view wanted) {
  std::string out;
  bool is_first = true;
  for (const auto& [name, value] : headers) {
    if (!http::equal_ignoring_case(name, wanted)) continue;
    if (!std::exchange(is_first, false)) out += ",";
    out += trimmed(value);
  }
  return out;
}

// Hosts and path prefixes that the client may have signed.
struct Front {
  std::string host;
  std::string path_prefix;
};
std::vector<Front> fronts_of(const http::Request& request, std::string_view public_url) {
  std::vector<Front> fronts = {{std::string(request.headers.get("Host")), ""}};
  if (const auto forwarded = request.headers.find("X-Forwarded-Host"))
    fronts.push_back({std::string(trimmed(*forwarded)), ""});
  if (const size_t scheme = public_url.find("://"); scheme != std::string_view::npos) {
    std::string_view rest = public_url.substr(scheme + 3);
    const std::string host(http::take_until(rest, '/'));
    std::string prefix = rest.empty() ? "" : "/" + std::string(rest);
    while (prefix.ends_with('/')) prefix.pop_back();
    fronts.push_back({host, prefix});
    if (!prefix.empty()) fronts.push_back({fronts.front().host, prefix});
  }
  return fronts;
}

}  // namespace

Result<Authorized> authorize(const http::Request& request, const UploadKeys& keys,
                             std::string_view public_url, TimeNs now) {
  const auto header = request.headers.find("Authorization");
  if (!header) return error("AccessDenied", "the request is not signed");
  const Credential credential = TRY(parse(*header));
  const std::string token(request.headers.get("x-amz-security-token"));
  if (token.empty())
    return error("InvalidAccessKeyId", "the request needs the session token of its credentials");
  const auto grant = keys.grant_of(token);
  if (!grant) return error("InvalidToken", "the session token is not one of this server");
  if (credential.access_key != keys.access_key_of(token))
    return error("InvalidAccessKeyId", "the access key does not belong to the session token");
  if (now >= grant->expires_at) {
    return error("ExpiredToken",
                 fmt::format("the credentials have expired at {}", to_rfc3339(grant->expires_at)));
  }
  TRY(check_time(request, credential, now));
  TRY(check_signed_names(request, credential));

  Authorized out{.grant = *grant, .request = {}, .signing_key = {}, .signature = {}};
  out.request.method = request.method;
  for (const auto& [name, value] : request.query) out.request.query.emplace_back(name, value);
  out.request.payload_hash = request.headers.get("x-amz-content-sha256");
  if (out.request.payload_hash.empty())
    return error("InvalidRequest", "the header x-amz-content-sha256 is missing");
  out.request.time = request.headers.get("x-amz-date");
  out.request.scope = credential.scope;
  out.signing_key = sigv4::signing_key(keys.secret_key_of(token), credential.scope);
  out.signature = credential.signature;
  for (const Front& front : fronts_of(request, public_url)) {
    out.request.path = front.path_prefix + request.path;
    out.request.headers.clear();
    for (const std::string_view name : credential.signed_names) {
      out.request.headers.emplace_back(
          name, name == "host" ? front.host : combined(request.headers, name));
    }
    if (!equal_in_constant_time(sigv4::signature(out.signing_key, out.request), out.signature))
      continue;
    // Right, but for another object? That is all that these credentials can do.
    if (request.parameter("key") != grant->key)
      return error("AccessDenied", "the credentials are for another object");
    return out;
  }
  return error("SignatureDoesNotMatch",
               "the signature does not match the request; behind a proxy, let it pass on the Host "
               "header or set public_url");
}

}  // namespace callscope::receive::s3
