#include "store/catalog/key_secret.h"

#include <sodium.h>

#include "base/check.h"

namespace callscope::store {
namespace {

constexpr size_t kSecretBytes = 32;

void expect_sodium() {
  static const int ready = sodium_init();  // 1 where it was ready before
  CHECK(ready >= 0, "libsodium starts");
}

}  // namespace

std::string make_key_secret() {
  expect_sodium();
  std::array<unsigned char, kSecretBytes> random;
  randombytes_buf(random.data(), random.size());
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_ENCODED_LEN(kSecretBytes, kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), random.data(), random.size(), kVariant);
  text.pop_back();  // the terminating zero that libsodium counts
  return "cs_" + text;
}

KeyHash hash_key_secret(std::string_view secret) {
  KeyHash hash;
  crypto_generichash(hash.data(), hash.size(),
                     reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), nullptr,
                     0);
  return hash;
}

bool same_hash(const KeyHash& a, const KeyHash& b) {
  return sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace callscope::store
