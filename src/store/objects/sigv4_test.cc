#include "store/objects/sigv4.h"

#include <gtest/gtest.h>

namespace callscope::store::sigv4 {
namespace {

// The examples of the AWS documentation, "Signature Calculations for the Authorization Header".
constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const Scope kScope{.date = "20130524", .region = "us-east-1"};
constexpr std::string_view kTime = "20130524T000000Z";

TEST(Sigv4, SignsAGetAsDocumented) {
  const SignedRequest request{.method = "GET",
                              .path = "/test.txt",
                              .headers = {{"host", "examplebucket.s3.amazonaws.com"},
                                          {"range", "bytes=0-9"},
                                          {"x-amz-content-sha256", std::string(kEmptyHash)},
                                          {"x-amz-date", std::string(kTime)}},
                              .payload_hash = std::string(kEmptyHash),
                              .time = std::string(kTime),
                              .scope = kScope};
  EXPECT_EQ(signature(signing_key(kSecret, kScope), request),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(signed_names(request), "host;range;x-amz-content-sha256;x-amz-date");
}

TEST(Sigv4, SignsAQueryAsDocumented) {
  const SignedRequest request{.method = "GET",
                              .path = "/",
                              .query = {{"prefix", "J"}, {"max-keys", "2"}},
                              .headers = {{"host", "examplebucket.s3.amazonaws.com"},
                                          {"x-amz-content-sha256", std::string(kEmptyHash)},
                                          {"x-amz-date", std::string(kTime)}},
                              .payload_hash = std::string(kEmptyHash),
                              .time = std::string(kTime),
                              .scope = kScope};
  EXPECT_EQ(signature(signing_key(kSecret, kScope), request),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(Sigv4, SignsChunksAsDocumented) {
  const SignedRequest request{
      .method = "PUT",
      .path = "/examplebucket/chunkObject.txt",
      .headers = {{"content-encoding", "aws-chunked"},
                  {"content-length", "66824"},
                  {"host", "s3.amazonaws.com"},
                  {"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
                  {"x-amz-date", std::string(kTime)},
                  {"x-amz-decoded-content-length", "66560"},
                  {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
      .payload_hash = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
      .time = std::string(kTime),
      .scope = kScope};
  const std::string key = signing_key(kSecret, kScope);
  const std::string seed = signature(key, request);
  EXPECT_EQ(seed, "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
  const std::string first = chunk_signature(
      key, request, seed, "bf718b6f653bebc184e1479f1935b8da974d701b893afcf49e701f3e2f9f9c5a");
  EXPECT_EQ(first, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
}

TEST(Sigv4, EncodesAndWritesTimes) {
  EXPECT_EQ(encode("/a b/ü~+*", Slashes::kStay), "/a%20b/%C3%BC~%2B%2A");
  EXPECT_EQ(encode("/a", Slashes::kEncoded), "%2Fa");
  EXPECT_EQ(to_time(*parse_time("2026-11-21T05:06:07Z")), "20261121T050607Z");
}

}  // namespace
}  // namespace callscope::store::sigv4
