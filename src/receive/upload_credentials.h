// Credentials for the S3 uploads of SDKs. They are good for one object and a limited time, and
// nothing is stored of them: who they are for is in the session token, sealed with a secret of this
// data folder, from which their own secret is derived too.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "store/catalog/catalog.h"

namespace callscope::receive {

// What goes into the answer of …/egress-credentials.
struct UploadCredentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;
  std::string bucket;
  std::string key;
  std::string region;
  TimeNs expires_at;
  std::string endpoint;  // empty for this server
};

// What a session token is for.
struct UploadGrant {
  ProjectId project = 0;
  AgentId agent = 0;
  std::string key;
  TimeNs expires_at;
};

// Thread-safe.
class UploadKeys {
 public:
  // The one bucket there is. It is also the path of the S3 routes.
  static constexpr std::string_view kBucket = "callscope-recordings";
  static constexpr std::string_view kRegion = "us-east-1";

  // Reads the secret from the catalog, where it is made if there is none.
  static Result<UploadKeys> open(store::Catalog& catalog, DurationNs lifetime);

  // `key` is that of the object; empty makes a new one.
  UploadCredentials make_upload_credentials(ProjectId project, AgentId agent, std::string_view key,
                                            TimeNs now) const;

  // Has agents upload to the bucket itself: what lend() gives are then credentials of this role.
  using Lend = std::function<Result<UploadCredentials>(std::string_view key, DurationNs lifetime)>;
  void lend_by(Lend lend) { lend_ = std::move(lend); }
  // Credentials for a new object, of this server or of the bucket. kUnavailable where the bucket's
  // token service gives none.
  Result<UploadCredentials> lend(ProjectId project, AgentId agent, TimeNs now) const;

  // nullopt where the token was not made with this secret. Whether it has expired is for the caller
  // to see.
  std::optional<UploadGrant> grant_of(std::string_view session_token) const;
  std::string access_key_of(std::string_view session_token) const;
  std::string secret_key_of(std::string_view session_token) const;
  // Of anything else that this server hands out and takes back; `purpose` tells such things apart.
  std::string seal(std::string_view purpose, std::string_view text) const;

 private:
  UploadKeys(std::string secret, DurationNs lifetime)
      : secret_(std::move(secret)), lifetime_(lifetime) {}

  std::string secret_;
  DurationNs lifetime_;
  Lend lend_;
};

// A key that no other object has, of a recording of that project.
std::string new_recording_key(ProjectId project);

}  // namespace callscope::receive
