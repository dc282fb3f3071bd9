#include "store/objects/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "base/encoding.h"
#include "base/hash.h"

namespace callscope::store::sigv4 {
namespace {

// Without blanks at the ends, and one for several within.
std::string tidy(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string canonical_query(const Pairs& query) {
  Pairs encoded;
  for (const auto& [name, value] : query)
    encoded.emplace_back(encode(name, Slashes::kEncoded), encode(value, Slashes::kEncoded));
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [name, value] : encoded) {
    if (!out.empty()) out += '&';
    out += name + "=" + value;
  }
  return out;
}

std::string canonical_request(const SignedRequest& request) {
  std::string out = request.method + "\n" + encode(request.path, Slashes::kStay) + "\n" +
                    canonical_query(request.query) + "\n";
  for (const auto& [name, value] : request.headers) out += name + ":" + tidy(value) + "\n";
  return out + "\n" + signed_names(request) + "\n" + request.payload_hash;
}

std::string sign(std::string_view key, std::string_view text) {
  return to_hex(hmac_sha256(key, text));
}

}  // namespace

std::string Scope::text() const {
  return fmt::format("{}/{}/{}/aws4_request", date, region, service);
}

std::string encode(std::string_view text, Slashes slashes) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~' ||
                          (c == '/' && slashes == Slashes::kStay);
    if (is_plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string to_time(TimeNs time) {
  const time_t seconds = time.ns / 1'000'000'000;
  tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string signing_key(std::string_view secret_key, const Scope& scope) {
  std::string key = hmac_sha256("AWS4" + std::string(secret_key), scope.date);
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service),
        std::string_view("aws4_request")})
    key = hmac_sha256(key, part);
  return key;
}

std::string signature(std::string_view key, const SignedRequest& request) {
  return sign(key, fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", request.time, request.scope.text(),
                               to_hex(sha256(canonical_request(request)))));
}

std::string chunk_signature(std::string_view key, const SignedRequest& request,
                            std::string_view previous, std::string_view chunk_hash_hex) {
  return sign(key, fmt::format("AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{}", request.time,
                               request.scope.text(), previous, kEmptyHash, chunk_hash_hex));
}

std::string trailer_signature(std::string_view key, const SignedRequest& request,
                              std::string_view previous, std::string_view trailer_hash_hex) {
  return sign(key, fmt::format("AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{}", request.time,
                               request.scope.text(), previous, trailer_hash_hex));
}

std::string signed_names(const SignedRequest& request) {
  std::string out;
  for (const auto& [name, value] : request.headers) {
    if (!out.empty()) out += ';';
    out += name;
  }
  return out;
}

}  // namespace callscope::store::sigv4
