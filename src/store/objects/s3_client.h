// One signed request to S3 after the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "store/objects/s3.h"
#include "store/objects/sigv4.h"

namespace callscope::store {

struct S3Request {
  std::string method;
  std::string key;  // with the prefix; empty for the bucket itself
  sigv4::Pairs query = {};
  sigv4::Pairs headers = {};  // besides those that are always sent; names in lower case
  std::string_view body = {};
};

struct S3Answer {
  int status = 0;
  std::string body;
  std::string etag;
  uint64_t content_length = 0;
};

// Thread-safe: it holds no connection open.
class S3Client {
 public:
  // Without a bucket requests go to the endpoint itself, as those of the service "sts" do.
  S3Client(S3Location location, S3Credentials credentials, const Clock& clock,
           std::string service = "s3");

  const S3Location& location() const { return location_; }

  // Answers of 2xx. kNotFound for 404, kPermissionDenied for 401 and 403, kUnavailable where asking
  // again may help; the message has what the service says.
  Result<S3Answer> send(const S3Request& request) const;

 private:
  Result<S3Answer> send_once(const S3Request& request) const;

  const S3Location location_;
  const S3Credentials credentials_;
  const Clock& clock_;
  const std::string service_;
  std::string host_;         // as the Host header has it
  std::string path_prefix_;  // of the endpoint
};

}  // namespace callscope::store
