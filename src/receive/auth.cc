#include "receive/auth.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "base/log.h"
#include "normalise/signatures.h"
#include "store/catalog/key_secret.h"

namespace callscope::receive {
namespace {

// How long a revoked key may still be taken.
constexpr std::chrono::seconds kCheckInterval{1};
// How exact "last used" is. Each saving is a write, which must never be on the way of a request.
constexpr std::chrono::seconds kSaveInterval{60};

struct HashOfHash {
  size_t operator()(const store::KeyHash& hash) const {
    size_t value;
    std::memcpy(&value, hash.data(), sizeof value);
    return value;
  }
};

struct SameHash {
  bool operator()(const store::KeyHash& a, const store::KeyHash& b) const {
    return store::same_hash(a, b);
  }
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<SentKey> first_of(const HeaderLookup& header,
                                std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto value = header(name);
    if (value && !trimmed(*value).empty()) return SentKey{name, trimmed(*value)};
  }
  return std::nullopt;
}

std::optional<std::string_view> bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size()) return std::nullopt;
  for (size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != kScheme[i]) return std::nullopt;
  }
  return trimmed(authorization.substr(kScheme.size()));
}

// A JWT: three parts with dots between them. Our keys have none.
bool is_token(std::string_view text) {
  return text.starts_with("eyJ") && std::count(text.begin(), text.end(), '.') == 2;
}

Error at_fault(ErrorCode code, const SentKey& named, std::string message) {
  return {code, std::move(message), std::string(named.header)};
}

Result<int64_t> id_of(const SentKey& named) {
  int64_t id = 0;
  const char* const last = named.value.data() + named.value.size();
  const auto [end, error] = std::from_chars(named.value.data(), last, id);
  if (error == std::errc() && end == last) return id;
  return at_fault(ErrorCode::kInvalidArgument, named,
                  fmt::format("the header {} must be an integer", named.header));
}

}  // namespace

struct Authenticator::Snapshot {
  int64_t version = 0;
  std::unordered_map<store::KeyHash, store::Key, HashOfHash, SameHash> keys;
  std::unordered_map<AgentId, ProjectId> agents;
};

std::optional<SentKey> sent_key(const HeaderLookup& header) {
  if (const auto key = first_of(header, {"x-cekura-api-key", "x-callscope-api-key"})) return key;
  const auto authorization = first_of(header, {"authorization"});
  if (!authorization) return std::nullopt;
  const auto token = bearer_token(authorization->value);
  if (!token || token->empty()) return std::nullopt;
  return SentKey{"authorization", *token};
}

Result<void> require_write(const Identity& identity) {
  if (identity.access == store::Access::kReadWrite) return {};
  if (identity.user != 0) {
    return Error{ErrorCode::kPermissionDenied,
                 "a viewer may only read: ask an administrator for the role of a member"};
  }
  return Error{ErrorCode::kPermissionDenied,
               "this key may only read: use one with read-write access", "x-cekura-api-key"};
}

Authenticator::Authenticator(store::Catalog& catalog, const Clock& clock)
    : catalog_(catalog), clock_(clock), saver_([this] { save_usage_every_minute(); }) {}

Authenticator::~Authenticator() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  saver_.join();
  save_usage_or_say_why();
}

void Authenticator::accept_local_key(std::string_view secret) {
  local_key_ = store::hash_key_secret(secret);
}

Result<Identity> Authenticator::authenticate_livekit(std::string_view token) {
  const auto refused = [](std::string message) {
    return Error{ErrorCode::kUnauthenticated, std::move(message), "authorization"};
  };
  const auto issuer = normalise::livekit_token_issuer(token);
  if (!issuer) return refused(issuer.error().message);
  const auto pair = TRY(catalog_.livekit_key(*issuer));
  if (!pair) {
    return refused(
        "the token is of a LiveKit key that no project has: set it by PUT "
        "/api/v1/projects/{id}/livekit");
  }
  const auto valid =
      normalise::check_livekit_token(token, {pair->api_key, pair->api_secret}, clock_.now());
  if (!valid) return refused(valid.error().message);
  return Identity{.project = pair->project, .access = store::Access::kReadWrite};
}

Result<Identity> Authenticator::authenticate_session(std::string_view token) const {
  const auto user = TRY(store::user_of_session(catalog_, token, clock_.now()));
  if (!user) {
    return Error{ErrorCode::kUnauthenticated, "you are signed out: sign in again", "cookie"};
  }
  return Identity{.project = user->project,
                  .user = user->id,
                  .access = store::access_of(user->role),
                  .admin = user->role == store::Role::kAdmin};
}

Result<Identity> Authenticator::authenticate(const HeaderLookup& header) {
  const auto key = sent_key(header);
  if (!key) {
    return Error{ErrorCode::kUnauthenticated,
                 "no API key: send one in the header x-cekura-api-key (or x-callscope-api-key, or "
                 "Authorization: Bearer)",
                 "x-cekura-api-key"};
  }
  if (key->header == "authorization" && is_token(key->value))
    return authenticate_livekit(key->value);
  const store::KeyHash hash = store::hash_key_secret(key->value);
  SharedSnapshot known = snapshot();
  Identity identity;
  if (local_key_ && store::same_hash(*local_key_, hash)) {
    identity = {.project = 1, .access = store::Access::kReadWrite, .admin = true};
  } else {
    auto found = known->keys.find(hash);
    if (found == known->keys.end()) {
      known = newer_than(known);
      found = known->keys.find(hash);
    }
    if (found == known->keys.end()) {
      return at_fault(
          ErrorCode::kUnauthenticated, *key,
          fmt::format("the API key in the header {} is wrong or was revoked", key->header));
    }
    const store::Key& valid = found->second;
    identity = {
        .project = valid.project, .key = valid.id, .access = valid.access, .admin = valid.admin};
    const std::lock_guard lock(mutex_);
    used_[valid.id] = clock_.now();
  }

  if (const auto project = first_of(header, {"x-cekura-project-id", "x-callscope-project-id"})) {
    const ProjectId id = TRY(id_of(*project));
    if (id != identity.project) {
      return at_fault(ErrorCode::kPermissionDenied, *project,
                      fmt::format("the key belongs to another project than the header {} names",
                                  project->header));
    }
  }
  if (const auto agent = first_of(header, {"x-cekura-agent-id", "x-callscope-agent-id"})) {
    identity.agent = TRY(id_of(*agent));
    if (!known->agents.contains(identity.agent)) known = newer_than(known);
    const auto owner = known->agents.find(identity.agent);
    if (owner == known->agents.end()) {
      return at_fault(ErrorCode::kInvalidArgument, *agent,
                      fmt::format("no agent has the id in the header {}", agent->header));
    }
    if (owner->second != identity.project) {
      return at_fault(
          ErrorCode::kPermissionDenied, *agent,
          fmt::format("the agent in the header {} belongs to another project", agent->header));
    }
  }
  return identity;
}

Authenticator::SharedSnapshot Authenticator::snapshot() {
  SharedSnapshot known;
  {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.steady();
    if (snapshot_ && now - checked_ < kCheckInterval) return snapshot_;
    checked_ = now;
    known = snapshot_;
  }
  return newer_than(known ? known : std::make_shared<const Snapshot>());
}

Authenticator::SharedSnapshot Authenticator::newer_than(const SharedSnapshot& known) {
  const auto version = catalog_.access_version();
  if (version && *version == known->version) return known;
  auto fresh = version ? read() : Result<SharedSnapshot>(version.error());
  if (!fresh) {
    // Who was let in stays so: a disk that fails must not lock everybody out.
    log_warning("API keys could not be read again", kv("error", fresh.error().message));
    return known;
  }
  const std::lock_guard lock(mutex_);
  snapshot_ = *fresh;
  return snapshot_;
}

Result<Authenticator::SharedSnapshot> Authenticator::read() {
  auto fresh = std::make_shared<Snapshot>();
  // First, so that a change meanwhile makes it look old and be read again.
  fresh->version = TRY(catalog_.access_version());
  for (store::HashedKey& key : TRY(catalog_.valid_keys()))
    fresh->keys.emplace(key.hash, std::move(key.key));
  for (const store::Agent& agent : TRY(catalog_.all_agents()))
    fresh->agents.emplace(agent.id, agent.project);
  return SharedSnapshot(std::move(fresh));
}

Result<void> Authenticator::save_usage() {
  std::unordered_map<store::KeyId, TimeNs> used;
  {
    const std::lock_guard lock(mutex_);
    used.swap(used_);
  }
  if (used.empty()) return {};
  return catalog_.write([&](store::Transaction& t) -> Result<void> {
    for (const auto& [key, when] : used) TRY(t.note_key_used(key, when));
    return {};
  });
}

void Authenticator::save_usage_or_say_why() {
  if (const auto saved = save_usage(); !saved) {
    log_warning("when API keys were last used could not be saved",
                kv("error", saved.error().message));
  }
}

void Authenticator::save_usage_every_minute() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, kSaveInterval, [&] { return stopping_; })) {
    lock.unlock();
    save_usage_or_say_why();
    lock.lock();
  }
}

}  // namespace callscope::receive
