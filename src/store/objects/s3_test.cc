#include "store/objects/s3.h"

#include <gtest/gtest.h>

namespace callscope::store {
namespace {

std::string parse(std::string_view url) {
  const auto found = parse_s3_url(url);
  if (!found) return "error";
  return fmt::format("{} {} {} {}", found->endpoint, found->region, found->bucket, found->prefix);
}

TEST(ParseS3Url, ReadsItsParts) {
  EXPECT_EQ(parse("s3://calls"), "https://s3.us-east-1.amazonaws.com us-east-1 calls ");
  EXPECT_EQ(parse("s3://calls/a/b/?region=eu-west-1"),
            "https://s3.eu-west-1.amazonaws.com eu-west-1 calls a/b/");
  EXPECT_EQ(parse("s3://calls/?endpoint=http%3A%2F%2Fminio%3A9000/&region=x"),
            "http://minio:9000 x calls ");
  EXPECT_EQ(parse("s3://calls?endpoint=http://minio:9000/path"),
            "http://minio:9000/path us-east-1 calls ");
  for (const char* wrong : {"", "s3://", "s3:///a", "http://a", "s3://a?b", "s3://a?colour=blue",
                            "s3://a?endpoint=ftp://b", "s3://a?endpoint=", "s3://a/../b"})
    EXPECT_EQ(parse(wrong), "error") << wrong;
}

}  // namespace
}  // namespace callscope::store
