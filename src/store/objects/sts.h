// Temporary credentials of AWS and of services that speak its Security Token Service.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "store/objects/s3.h"

namespace callscope::store {

struct TemporaryCredentials {
  S3Credentials credentials;
  TimeNs expires_at;
};

// Takes on a role for `lifetime_s`, with no more rights than `policy` (JSON) gives. `endpoint` is
// "https://sts.eu-west-1.amazonaws.com", or that of an S3 with a token service of its own.
Result<TemporaryCredentials> assume_role(std::string_view endpoint, std::string_view region,
                                         const S3Credentials& credentials, std::string_view role,
                                         std::string_view session_name, std::string_view policy,
                                         int64_t lifetime_s, const Clock& clock);

// Allows to put that one object, in one piece or in parts, and nothing else.
std::string upload_policy(std::string_view bucket, std::string_view key);

}  // namespace callscope::store
