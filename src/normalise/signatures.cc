#include "normalise/signatures.h"

#include <charconv>
#include <optional>
#include <vector>

#include "base/encoding.h"
#include "base/hash.h"
#include "normalise/texts/json_text.h"

namespace callscope::normalise {
namespace {

namespace json = boost::json;

Error refused(std::string_view message, std::string_view field) {
  return {ErrorCode::kUnauthenticated, std::string(message), std::string(field)};
}

// The values of `name` in "name=value,name=value".
std::vector<std::string_view> values_of(std::string_view list, std::string_view name) {
  std::vector<std::string_view> values;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    std::string_view part = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=')
      values.push_back(part.substr(name.size() + 1));
  }
  return values;
}

// A time in whole units since the epoch; up to a year that keeps nanoseconds within 64 bits.
std::optional<TimeNs> read_epoch(std::string_view digits, int64_t unit_ns) {
  int64_t count = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return std::nullopt;
  if (count < 0 || count > 9'000'000'000'000'000'000 / unit_ns) return std::nullopt;
  return TimeNs{count * unit_ns};
}

bool is_within(TimeNs stated, TimeNs now, DurationNs age_max) {
  return stated + age_max >= now && stated - age_max <= now;
}

// `hex` as a sender wrote it, in either case, against the digest itself.
bool is_digest(std::string_view hex, std::string_view digest) {
  const auto bytes = from_hex(hex);
  return bytes && equal_in_constant_time(*bytes, digest);
}

struct Token {
  json::value header, claims;
  std::string_view signed_part;  // of the token's text
  std::string signature;
};

Result<Token> read_token(std::string_view text) {
  const Error malformed = refused("the token is not a JWT of three parts", "Authorization");
  const size_t first = text.find('.');
  const size_t last = text.rfind('.');
  if (first == std::string_view::npos || first == last) return malformed;
  const auto header = from_base64(text.substr(0, first));
  const auto claims = from_base64(text.substr(first + 1, last - first - 1));
  auto signature = from_base64(text.substr(last + 1));
  if (!header || !claims || !signature) return malformed;
  auto header_json = texts::parse_json(*header);
  auto claims_json = texts::parse_json(*claims);
  if (!header_json || !claims_json || !header_json->is_object() || !claims_json->is_object())
    return malformed;
  return Token{std::move(*header_json), std::move(*claims_json), text.substr(0, last),
               *std::move(signature)};
}

// A claim in seconds since the epoch, which may have a fraction.
Result<std::optional<TimeNs>> claimed_time(const json::object& claims, std::string_view name) {
  const json::value* value = claims.if_contains(name);
  if (!value || value->is_null()) return std::optional<TimeNs>();
  json::error_code failed;
  const auto seconds = value->to_number<double>(failed);
  if (failed || !(seconds >= 0 && seconds < 9e9)) {
    return refused("the token's claim \"" + std::string(name) + "\" is no time", "Authorization");
  }
  return std::optional<TimeNs>(TimeNs{static_cast<int64_t>(seconds * 1e9)});
}

bool may_write_observability(const json::object& claims) {
  const json::object* grants = texts::object_of(claims.if_contains("observability"));
  const json::value* write = grants ? grants->if_contains("write") : nullptr;
  return write && write->is_bool() && write->get_bool();
}

}  // namespace

Result<void> check_retell_signature(std::string_view header, std::string_view body,
                                    std::string_view api_key, TimeNs now) {
  constexpr std::string_view kField = "x-retell-signature";
  if (api_key.empty()) return refused("no API key of Retell is configured to check with", kField);
  if (header.empty()) return refused("the header is missing", kField);
  const auto times = values_of(header, "v");
  const auto digests = values_of(header, "d");
  if (times.empty() && digests.empty()) {
    if (is_digest(header, hmac_sha256(api_key, body))) return {};
    return refused("the signature does not fit the body and the configured API key", kField);
  }
  if (times.size() != 1 || digests.size() != 1)
    return refused("expected \"v=<milliseconds>,d=<hex digest>\"", kField);
  const auto stated = read_epoch(times[0], 1'000'000);
  if (!stated) return refused("its time is not a number of milliseconds", kField);
  std::string input(body);
  input += times[0];
  if (!is_digest(digests[0], hmac_sha256(api_key, input)))
    return refused("the signature does not fit the body and the configured API key", kField);
  if (!is_within(*stated, now, kRetellAgeMax))
    return refused("it was signed more than 5 minutes from now; check both clocks", kField);
  return {};
}

Result<void> check_elevenlabs_signature(std::string_view header, std::string_view body,
                                        std::string_view secret, TimeNs now) {
  constexpr std::string_view kField = "ElevenLabs-Signature";
  if (secret.empty())
    return refused("no secret of the webhook is configured to check with", kField);
  if (header.empty()) return refused("the header is missing", kField);
  const auto times = values_of(header, "t");
  const auto digests = values_of(header, "v0");
  if (times.size() != 1 || digests.empty())
    return refused("expected \"t=<seconds>,v0=<hex digest>\"", kField);
  const auto stated = read_epoch(times[0], 1'000'000'000);
  if (!stated) return refused("its time is not a number of seconds", kField);
  std::string input(times[0]);
  input += '.';
  input += body;
  const std::string digest = hmac_sha256(secret, input);
  bool fits = false;
  for (const std::string_view each : digests) fits |= is_digest(each, digest);
  if (!fits)
    return refused("the signature does not fit the body and the configured secret", kField);
  if (!is_within(*stated, now, kElevenLabsAgeMax))
    return refused("it was signed more than 30 minutes from now; check both clocks", kField);
  return {};
}

Result<void> check_vapi_secret(std::string_view header, std::string_view secret) {
  constexpr std::string_view kField = "x-vapi-secret";
  if (secret.empty()) return refused("no secret of Vapi is configured to check with", kField);
  // Digests of equal length, so that the time does not tell the secret's length either.
  if (equal_in_constant_time(sha256(header), sha256(secret))) return {};
  return refused(header.empty() ? "the header is missing" : "it is not the configured secret",
                 kField);
}

Result<std::string> livekit_token_issuer(std::string_view token) {
  const Token read = TRY(read_token(token));
  const std::string_view issuer = texts::string_of(read.claims.get_object().if_contains("iss"));
  if (issuer.empty()) return refused("the token names no issuer", "Authorization");
  return std::string(issuer);
}

Result<void> check_livekit_token(std::string_view token, const LivekitKey& key, TimeNs now) {
  constexpr std::string_view kField = "Authorization";
  if (key.key.empty() || key.secret.empty())
    return refused("no key pair of LiveKit is configured to check with", kField);
  const Token read = TRY(read_token(token));
  // The algorithm is ours to choose, never the token's: "none" and RS256 with our secret as the
  // public key are the classical forgeries.
  if (texts::string_of(read.header.get_object().if_contains("alg")) != "HS256")
    return refused("the token is not signed by HS256", kField);
  if (!equal_in_constant_time(read.signature, hmac_sha256(key.secret, read.signed_part)))
    return refused("the token's signature does not fit the configured secret", kField);
  const json::object& claims = read.claims.get_object();
  if (!equal_in_constant_time(texts::string_of(claims.if_contains("iss")), key.key))
    return refused("the token's issuer is not the configured API key", kField);
  const auto expires = TRY(claimed_time(claims, "exp"));
  const auto begins = TRY(claimed_time(claims, "nbf"));
  if (!expires) return refused("the token never expires; LiveKit's own always do", kField);
  if (*expires + kTokenLeeway < now) return refused("the token has expired", kField);
  if (begins && *begins - kTokenLeeway > now)
    return refused("the token is not valid yet; check both clocks", kField);
  if (!may_write_observability(claims)) {
    return Error{ErrorCode::kPermissionDenied,
                 "the token does not grant writing observability data", std::string(kField)};
  }
  return {};
}

std::string sign_webhook(std::string_view body, std::string_view secret, TimeNs now) {
  const std::string seconds = std::to_string(now.ns / 1'000'000'000);
  std::string input = seconds;
  input += '.';
  input += body;
  return "t=" + seconds + ",v1=" + to_hex(hmac_sha256(secret, input));
}

}  // namespace callscope::normalise
