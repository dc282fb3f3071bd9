// SHA-256 and HMAC with it, the older digests that uploads may carry, and their CRCs other than
// CRC32C (crc32c.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace callscope {

enum class DigestKind : uint8_t { kSha256, kSha1, kMd5 };

// Of bytes that come in pieces. Uses the processor's instructions for it, where it has them.
class Digest {
 public:
  explicit Digest(DigestKind kind = DigestKind::kSha256);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  void update(std::string_view bytes);
  std::string finish();  // its bytes; to be called once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

// Whether they are the same, in a time that does not tell where they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

std::string random_bytes(size_t count);

// CRC-32 as in gzip, continued from `crc` (0 at first).
uint32_t crc32_ieee(uint32_t crc, std::string_view bytes);
// CRC-64/NVME.
uint64_t crc64_nvme(uint64_t crc, std::string_view bytes);

}  // namespace callscope
