#include "base/hash.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace callscope {
namespace {

TEST(Hash, GivesKnownAnswers) {
  constexpr std::string_view kText = "123456789";
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(hmac_sha256("key", "The quick brown fox jumps over the lazy dog")),
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
  Digest md5(DigestKind::kMd5);
  md5.update("abc");
  EXPECT_EQ(to_hex(md5.finish()), "900150983cd24fb0d6963f7d28e17f72");
  Digest sha1(DigestKind::kSha1);
  sha1.update("abc");
  EXPECT_EQ(to_hex(sha1.finish()), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(crc32_ieee(0, kText), 0xCBF43926u);
  EXPECT_EQ(crc64_nvme(0, kText), 0xAE8B14860A799888u);
  Digest hash;
  hash.update("a");
  hash.update("bc");
  EXPECT_EQ(hash.finish(), sha256("abc"));
}

TEST(Hash, ChecksumsGoOn) {
  const std::string text(1'000, 'x');
  for (const size_t cut : {0u, 1u, 7u, 8u, 500u, 999u}) {
    EXPECT_EQ(crc32_ieee(crc32_ieee(0, text.substr(0, cut)), text.substr(cut)),
              crc32_ieee(0, text));
    EXPECT_EQ(crc64_nvme(crc64_nvme(0, text.substr(0, cut)), text.substr(cut)),
              crc64_nvme(0, text));
  }
}

TEST(Hash, ComparesInConstantTime) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_NE(random_bytes(16), random_bytes(16));
}

}  // namespace
}  // namespace callscope
