// AWS Signature Version 4, as S3 has it: what our client signs with and our server checks by.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace callscope::store::sigv4 {

// Name and value. Of a query both decoded.
using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Scope {
  std::string date;  // "20261121"
  std::string region;
  std::string service = "s3";

  std::string text() const;  // "20261121/us-east-1/s3/aws4_request"
};

struct SignedRequest {
  std::string method;
  std::string path;  // decoded
  Pairs query;
  Pairs headers;             // that are signed: names in lower case, in their order
  std::string payload_hash;  // hex, or one of the words that stand for it
  std::string time;          // "20261121T150000Z"
  Scope scope;
};

// The empty body's hash in hex.
inline constexpr std::string_view kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// Percent-encoding as S3 wants it: everything but letters, digits and "-._~", and slashes where
// they stay.
enum class Slashes { kStay, kEncoded };
std::string encode(std::string_view text, Slashes slashes);

std::string to_time(TimeNs time);  // "20261121T150000Z"

// The key that signs in a scope; it holds for a day.
std::string signing_key(std::string_view secret_key, const Scope& scope);

// In hex.
std::string signature(std::string_view signing_key, const SignedRequest& request);
// Of a chunk of STREAMING-AWS4-HMAC-SHA256-PAYLOAD, by the one before it.
std::string chunk_signature(std::string_view signing_key, const SignedRequest& request,
                            std::string_view previous_signature, std::string_view chunk_hash_hex);
// Of the trailer behind the chunks.
std::string trailer_signature(std::string_view signing_key, const SignedRequest& request,
                              std::string_view previous_signature,
                              std::string_view trailer_hash_hex);

// The names of the signed headers: "host;x-amz-date".
std::string signed_names(const SignedRequest& request);

}  // namespace callscope::store::sigv4
