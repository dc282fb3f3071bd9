// What is kept of a person's password.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace callscope::store {

// Of a password: short ones are guessed, and a long one is only work to hash.
inline constexpr size_t kPasswordBytesMin = 10;
inline constexpr size_t kPasswordBytesMax = 1'000;

// Argon2id with a salt of its own, in the usual text form. Takes about 0.1 s and 64 MiB, so that a
// stolen catalog gives no passwords away; never to be called within a transaction.
// kInvalidArgument for a password that is too short, too long or not UTF-8.
Result<std::string> hash_password(std::string_view password);
// As long as hashing takes.
bool is_password(std::string_view password, const std::string& hash);
// A hash that no password has: for a name that nobody has, so that the answer takes as long.
const std::string& hash_of_no_password();

// Sixteen characters that carry 90 random bits, for one that is handed over.
std::string make_password();

}  // namespace callscope::store
