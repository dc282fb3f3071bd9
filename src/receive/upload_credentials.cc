#include "receive/upload_credentials.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/hash.h"

namespace callscope::receive {
namespace {

constexpr std::string_view kSetting = "upload_secret";
constexpr size_t kSecretBytes = 32;
constexpr size_t kTokenBytesMax = 2'000;
constexpr size_t kAccessKeyBytes = 20;  // as long as those of AWS

// "1|project|agent|expiry in ns|key".
std::string pack(const UploadGrant& grant) {
  return fmt::format("1|{}|{}|{}|{}", grant.project, grant.agent, grant.expires_at.ns, grant.key);
}

bool take_number(std::string_view& text, int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (!text.starts_with('|')) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<UploadGrant> unpack(std::string_view text) {
  UploadGrant grant;
  int64_t version = 0;
  if (!take_number(text, version) || version != 1) return std::nullopt;
  if (!take_number(text, grant.project) || !take_number(text, grant.agent) ||
      !take_number(text, grant.expires_at.ns))
    return std::nullopt;
  grant.key = text;
  return grant;
}

// Without characters that a header or a query would have to encode.
std::string to_base64url(std::string_view bytes) {
  std::string text = to_base64(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  while (text.ends_with('=')) text.pop_back();
  return text;
}

}  // namespace

Result<UploadKeys> UploadKeys::open(store::Catalog& catalog, DurationNs lifetime) {
  auto saved = TRY(catalog.setting(kSetting));
  if (saved && !saved->empty()) return UploadKeys(*std::move(saved), lifetime);
  std::string secret = to_hex(random_bytes(kSecretBytes));
  TRY(catalog.write([&](store::Transaction& t) { return t.set_setting(kSetting, secret); },
                    store::Durability::kPower));
  return UploadKeys(std::move(secret), lifetime);
}

UploadCredentials UploadKeys::make_upload_credentials(ProjectId project, AgentId agent,
                                                      std::string_view key, TimeNs now) const {
  UploadGrant grant{project, agent, std::string(key), now + lifetime_};
  if (grant.key.empty()) grant.key = new_recording_key(project);
  const std::string packed = pack(grant);
  UploadCredentials made;
  made.session_token =
      to_base64url(packed) + "." + to_base64url(hmac_sha256(secret_, "token" + packed));
  made.access_key = access_key_of(made.session_token);
  made.secret_key = secret_key_of(made.session_token);
  made.bucket = kBucket;
  made.key = grant.key;
  made.region = kRegion;
  made.expires_at = grant.expires_at;
  return made;
}

Result<UploadCredentials> UploadKeys::lend(ProjectId project, AgentId agent, TimeNs now) const {
  if (!lend_) return make_upload_credentials(project, agent, {}, now);
  return lend_(new_recording_key(project), lifetime_);
}

std::optional<UploadGrant> UploadKeys::grant_of(std::string_view token) const {
  const size_t dot = token.find('.');
  if (dot == std::string_view::npos || token.size() > kTokenBytesMax) return std::nullopt;
  const auto packed = from_base64(token.substr(0, dot));
  const auto seal = from_base64(token.substr(dot + 1));
  if (!packed || !seal) return std::nullopt;
  if (!equal_in_constant_time(*seal, hmac_sha256(secret_, "token" + *packed))) return std::nullopt;
  return unpack(*packed);
}

std::string UploadKeys::access_key_of(std::string_view token) const {
  std::string id = "CSUP";
  for (const char c : to_hex(hmac_sha256(secret_, "access" + std::string(token)))) {
    if (id.size() == kAccessKeyBytes) break;
    id += static_cast<char>(std::toupper(c));
  }
  return id;
}

std::string UploadKeys::secret_key_of(std::string_view token) const {
  return to_base64url(hmac_sha256(secret_, "secret" + std::string(token)));
}

std::string UploadKeys::seal(std::string_view purpose, std::string_view text) const {
  return to_hex(hmac_sha256(secret_, fmt::format("{}\n{}", purpose, text)));
}

std::string new_recording_key(ProjectId project) {
  return fmt::format("recordings/{}/{}", project, to_hex(random_bytes(16)));
}

}  // namespace callscope::receive
