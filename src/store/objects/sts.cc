#include "store/objects/sts.h"

#include <fmt/format.h>

#include "base/xml.h"
#include "store/objects/s3_client.h"

namespace callscope::store {

Result<TemporaryCredentials> assume_role(std::string_view endpoint, std::string_view region,
                                         const S3Credentials& credentials, std::string_view role,
                                         std::string_view session_name, std::string_view policy,
                                         int64_t lifetime_s, const Clock& clock) {
  const auto encoded = [](std::string_view text) {
    return sigv4::encode(text, sigv4::Slashes::kEncoded);
  };
  const std::string body = fmt::format(
      "Action=AssumeRole&Version=2011-06-15&RoleArn={}&RoleSessionName={}&DurationSeconds={}"
      "&Policy={}",
      encoded(role), encoded(session_name), lifetime_s, encoded(policy));
  const S3Client client({.endpoint = std::string(endpoint), .region = std::string(region)},
                        credentials, clock, "sts");
  const S3Answer answer = TRY(client.send(
      {.method = "POST",
       .key = "",
       .headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}},
       .body = body}));
  TemporaryCredentials made;
  made.credentials.access_key = element(answer.body, "AccessKeyId");
  made.credentials.secret_key = element(answer.body, "SecretAccessKey");
  made.credentials.session_token = element(answer.body, "SessionToken");
  const auto expires = parse_time(element(answer.body, "Expiration"));
  if (made.credentials.access_key.empty() || made.credentials.session_token.empty() || !expires)
    return Error{ErrorCode::kInternal, "the token service gave no credentials"};
  made.expires_at = *expires;
  return made;
}

std::string upload_policy(std::string_view bucket, std::string_view key) {
  return fmt::format(
      R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["s3:PutObject","s3:AbortMultipartUpload"],"Resource":"arn:aws:s3:::{}/{}"}}]}})",
      bucket, key);
}

}  // namespace callscope::store
