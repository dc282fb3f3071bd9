#include "base/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <zlib.h>

#include <array>

#include "base/check.h"

namespace callscope {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Eight tables, so that eight bytes go in at once.
using Crc64Tables = std::array<std::array<uint64_t, 256>, 8>;

Crc64Tables make_crc64_tables() {
  constexpr uint64_t kPolynomial = 0x9A6C9329AC4BC9B5;  // reflected
  Crc64Tables tables{};
  for (uint64_t i = 0; i < 256; ++i) {
    uint64_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    tables[0][i] = crc;
  }
  for (size_t t = 1; t < 8; ++t) {
    for (size_t i = 0; i < 256; ++i) {
      const uint64_t before = tables[t - 1][i];
      tables[t][i] = tables[0][before & 0xFF] ^ (before >> 8);
    }
  }
  return tables;
}

}  // namespace

struct Digest::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Digest::Digest(DigestKind kind) : state_(std::make_unique<State>()) {
  const EVP_MD* const of = kind == DigestKind::kSha256 ? EVP_sha256()
                           : kind == DigestKind::kSha1 ? EVP_sha1()
                                                       : EVP_md5();
  CHECK(state_->context != nullptr && EVP_DigestInit(state_->context, of) == 1,
        "a digest can be made");
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(std::string_view bytes) {
  CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1, "a digest can be made");
}

std::string Digest::finish() {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  CHECK(EVP_DigestFinal(state_->context, reinterpret_cast<unsigned char*>(out.data()), &size) == 1,
        "a digest can be made");
  out.resize(size);
  return out;
}

std::string sha256(std::string_view bytes) {
  Digest digest;
  digest.update(bytes);
  return digest.finish();
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::string out(32, '\0');
  unsigned size = 0;
  CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(bytes), bytes.size(),
             reinterpret_cast<unsigned char*>(out.data()), &size) != nullptr,
        "an HMAC can be made");
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(size_t count) {
  std::string out(count, '\0');
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) == 1,
        "the machine has random numbers");
  return out;
}

uint32_t crc32_ieee(uint32_t crc, std::string_view bytes) {
  return static_cast<uint32_t>(crc32_z(crc, bytes_of(bytes), bytes.size()));
}

uint64_t crc64_nvme(uint64_t crc, std::string_view bytes) {
  static const Crc64Tables kTables = make_crc64_tables();
  crc = ~crc;
  const unsigned char* at = bytes_of(bytes);
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word = crc;
    for (int i = 0; i < 8; ++i) word ^= static_cast<uint64_t>(at[i]) << (8 * i);
    crc = 0;
    for (size_t i = 0; i < 8; ++i) crc ^= kTables[7 - i][(word >> (8 * i)) & 0xFF];
  }
  for (; left > 0; ++at, --left) crc = kTables[0][(crc ^ *at) & 0xFF] ^ (crc >> 8);
  return ~crc;
}

}  // namespace callscope
