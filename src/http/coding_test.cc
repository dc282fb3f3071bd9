#include "http/coding.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace callscope::http {
namespace {

// Window bits as zlib takes them: 15 for a zlib wrapper, -15 for none.
std::string deflate_with(std::string_view bytes, int window_bits) {
  z_stream z{};
  deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, bytes.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string zstd(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

std::string text(size_t size) {
  std::string out;
  for (size_t i = 0; out.size() < size; ++i) out += "word" + std::to_string(i * 7919);
  out.resize(size);
  return out;
}

void check(Coding coding, std::string_view packed, std::string_view expected) {
  auto unpacked = decode(coding, packed, expected.size());
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  EXPECT_TRUE(*unpacked == expected);
}

ErrorCode failure(Coding coding, std::string_view packed, size_t bytes_max = 1 << 20) {
  auto unpacked = decode(coding, packed, bytes_max);
  return unpacked ? ErrorCode::kInternal : unpacked.error().code;
}

TEST(Coding, UnpacksWhatWasPacked) {
  for (const size_t size : {0u, 1u, 5'000u, 64u * 1024, 3'000'000u}) {
    const std::string bytes = text(size);
    check(Coding::kIdentity, bytes, bytes);
    check(Coding::kGzip, gzip(bytes), bytes);
    check(Coding::kDeflate, deflate_with(bytes, 15), bytes);
    check(Coding::kDeflate, deflate_with(bytes, -15), bytes);
    check(Coding::kZstd, zstd(bytes), bytes);
  }
}

TEST(Coding, UnpacksSeveralMembers) {
  check(Coding::kGzip, gzip("one ") + gzip("two"), "one two");
  check(Coding::kZstd, zstd("one ") + zstd("two"), "one two");
}

TEST(Coding, StopsAtTheLimit) {
  const std::string bomb(50'000'000, 'a');
  for (const auto& [coding, packed] : {std::pair(Coding::kGzip, gzip(bomb)),
                                       {Coding::kZstd, zstd(bomb)},
                                       {Coding::kDeflate, deflate_with(bomb, 15)}}) {
    EXPECT_EQ(failure(coding, packed, 1'000'000), ErrorCode::kTooLarge);
    EXPECT_EQ(failure(coding, packed, bomb.size() - 1), ErrorCode::kTooLarge);
    EXPECT_TRUE(decode(coding, packed, bomb.size()));
  }
  EXPECT_EQ(failure(Coding::kIdentity, "abc", 2), ErrorCode::kTooLarge);
}

TEST(Coding, RefusesBrokenStreams) {
  const std::string bytes = text(10'000);
  for (const auto& [coding, packed] : {std::pair(Coding::kGzip, gzip(bytes)),
                                       {Coding::kZstd, zstd(bytes)},
                                       {Coding::kDeflate, deflate_with(bytes, 15)},
                                       {Coding::kDeflate, deflate_with(bytes, -15)}}) {
    EXPECT_EQ(failure(coding, ""), ErrorCode::kInvalidArgument);
    EXPECT_EQ(failure(coding, "not packed at all"), ErrorCode::kInvalidArgument);
    EXPECT_EQ(failure(coding, packed.substr(0, packed.size() / 2)), ErrorCode::kInvalidArgument);
    EXPECT_EQ(failure(coding, packed.substr(0, packed.size() - 1)), ErrorCode::kInvalidArgument);
    EXPECT_EQ(failure(coding, packed + "more"), ErrorCode::kInvalidArgument);
  }
  std::string wrong_checksum = gzip(bytes);
  wrong_checksum[wrong_checksum.size() - 6] ^= 1;
  EXPECT_EQ(failure(Coding::kGzip, wrong_checksum), ErrorCode::kInvalidArgument);
}

TEST(Coding, ReadsContentEncoding) {
  EXPECT_EQ(*parse_coding(""), Coding::kIdentity);
  EXPECT_EQ(*parse_coding("identity"), Coding::kIdentity);
  EXPECT_EQ(*parse_coding(" GZip "), Coding::kGzip);
  EXPECT_EQ(*parse_coding("x-gzip"), Coding::kGzip);
  EXPECT_EQ(*parse_coding("deflate"), Coding::kDeflate);
  EXPECT_EQ(*parse_coding("zstd"), Coding::kZstd);
  EXPECT_EQ(parse_coding("br").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(parse_coding("gzip, gzip").error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace callscope::http
