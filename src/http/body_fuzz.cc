// Content codings of request bodies. The first byte picks the coding; the rest is the body.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "http/coding.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace callscope;
  if (size == 0) return 0;
  constexpr size_t kBytesMax = 1u << 20;
  const auto coding = static_cast<http::Coding>(data[0] % 4);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto unpacked = http::decode(coding, bytes, kBytesMax);
  if (unpacked) {
    CHECK(unpacked->size() <= kBytesMax, "the limit holds");
    const auto again = http::decode(http::Coding::kGzip, http::gzip(*unpacked), kBytesMax);
    CHECK(again && *again == *unpacked, "what we pack unpacks to the same");
  }
  return 0;
}
