// Objects in a bucket of AWS S3 or of any service that speaks its protocol, over libcurl.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "store/objects/objects.h"

namespace callscope::store {

struct S3Location {
  std::string endpoint;  // "https://s3.eu-west-1.amazonaws.com", without a slash at its end
  std::string region = "us-east-1";
  std::string bucket;
  std::string prefix;  // before every key; empty or with a slash at its end
};

struct S3Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // of temporary ones; empty otherwise
};

// "s3://bucket/prefix?endpoint=http://minio:9000&region=eu-west-1". Without an endpoint it is AWS.
Result<S3Location> parse_s3_url(std::string_view url);

// Requests are in path style. A body that is refused for the moment, or that gets lost, is sent
// again. `clock` outlives it. kUnavailable where the bucket can't be reached,
// kPermissionDenied where it may not be listed, kNotFound where there is none.
Result<std::unique_ptr<ObjectStore>> open_s3_objects(const S3Location& location,
                                                     const S3Credentials& credentials,
                                                     const Clock& clock);
// The same without looking whether the bucket is there.
std::unique_ptr<ObjectStore> s3_objects(const S3Location& location,
                                        const S3Credentials& credentials, const Clock& clock);

}  // namespace callscope::store
