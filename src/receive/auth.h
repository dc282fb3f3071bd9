// Who sends a request: the key in its headers, and the project and agent it speaks for.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "base/result.h"
#include "base/time.h"
#include "store/catalog/catalog.h"
#include "store/catalog/users.h"

namespace callscope::receive {

struct Identity {
  ProjectId project = 0;
  AgentId agent = 0;       // 0: none named
  store::KeyId key = 0;    // 0: the local key, which the catalog does not know, or a user
  store::UserId user = 0;  // who signed in with a password; 0: a key asks
  store::Access access = store::Access::kReadOnly;
  bool admin = false;
};

// The value of a header or of gRPC metadata by its lower-case name; nullopt where it is absent.
using HeaderLookup = std::function<std::optional<std::string_view>(std::string_view name)>;

// The API key in the headers of a request, and the header that has it.
struct SentKey {
  std::string_view header;
  std::string_view value;
};
std::optional<SentKey> sent_key(const HeaderLookup& header);

// kPermissionDenied for a read-only key, and for a viewer.
Result<void> require_write(const Identity& identity);

// Thread-safe. Keys and agents are read from the catalog once and again whenever it says that they
// changed, which is asked at most once a second, and at once for a key or agent that is not known.
class Authenticator {
 public:
  Authenticator(store::Catalog& catalog, const Clock& clock);
  ~Authenticator();  // saves when keys were last used

  // By `x-cekura-api-key`, `x-callscope-api-key` or `Authorization: Bearer`, and, where given,
  // `x-cekura-agent-id` or `x-cekura-project-id` (or `x-callscope-…`). Errors name the header and
  // never hold the key: kUnauthenticated without a valid key, kInvalidArgument for an id that is no
  // integer or an agent that nobody has, kPermissionDenied for one of another project.
  Result<Identity> authenticate(const HeaderLookup& header);

  // By the token of a session that a user signed in for. kUnauthenticated where it is over.
  Result<Identity> authenticate_session(std::string_view token) const;

  // Also takes `secret`, an administrator's key of project 1 that is written nowhere and ends with
  // this object: the commands on this machine use it (main/local_access.h). To be called before the
  // first request.
  void accept_local_key(std::string_view secret);

  // Writes to the catalog when each key was last used. Done every minute by a thread of its own.
  Result<void> save_usage();

 private:
  struct Snapshot;
  using SharedSnapshot = std::shared_ptr<const Snapshot>;

  // By a token that LiveKit signed with a key pair of a project.
  Result<Identity> authenticate_livekit(std::string_view token);

  SharedSnapshot snapshot();
  // The newest there is, where it is newer than `known`.
  SharedSnapshot newer_than(const SharedSnapshot& known);
  Result<SharedSnapshot> read();
  void save_usage_every_minute();
  void save_usage_or_say_why();

  store::Catalog& catalog_;
  const Clock& clock_;
  std::optional<store::KeyHash> local_key_;

  std::mutex mutex_;
  SharedSnapshot snapshot_;  // guarded by mutex_; null until first asked for
  std::chrono::steady_clock::time_point
      checked_;  // guarded by mutex_; whether snapshot_ is the newest
  std::unordered_map<store::KeyId, TimeNs> used_;  // guarded by mutex_; since usage was saved last
  bool stopping_ = false;                          // guarded by mutex_
  std::condition_variable stop_;
  std::thread saver_;
};

}  // namespace callscope::receive
