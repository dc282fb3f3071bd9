#include "store/catalog/password.h"

#include <fmt/format.h>
#include <sodium.h>

#include "base/check.h"
#include "base/encoding.h"

namespace callscope::store {
namespace {

void expect_sodium() {
  static const int ready = sodium_init();  // 1 where it was ready before
  CHECK(ready >= 0, "libsodium starts");
}

Error at_fault(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message), "password"};
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  expect_sodium();
  if (password.size() < kPasswordBytesMin || password.size() > kPasswordBytesMax) {
    return at_fault(
        fmt::format("a password has {} to {} characters", kPasswordBytesMin, kPasswordBytesMax));
  }
  if (!is_utf8(password)) return at_fault("the password is not UTF-8");
  std::string hash(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str(hash.data(), password.data(), password.size(),
                        crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    return Error{ErrorCode::kResourceExhausted, "there is no memory to hash a password"};
  }
  hash.resize(hash.find('\0'));
  return hash;
}

bool is_password(std::string_view password, const std::string& hash) {
  expect_sodium();
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

const std::string& hash_of_no_password() {
  static const std::string hash = hash_password(make_password()).value_or("");
  return hash;
}

std::string make_password() {
  expect_sodium();
  // Without what is easily taken for another.
  constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRST23456789";
  constexpr size_t kCount = 16;
  std::string password;
  while (password.size() < kCount)
    password += kLetters[randombytes_uniform(static_cast<uint32_t>(kLetters.size()))];
  return password;
}

}  // namespace callscope::store
