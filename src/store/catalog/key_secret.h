// The secrets of API keys: how they are made and what of them is kept.
#pragma once

#include <string>
#include <string_view>

#include "store/catalog/rows.h"

namespace callscope::store {

// "cs_" and 43 characters that carry 256 random bits.
std::string make_key_secret();

// BLAKE2b-256 without a salt: a secret is random enough that nobody can try them all, and a key is
// found by its digest alone. About 300 ns.
KeyHash hash_key_secret(std::string_view secret);

// Takes the same time whether they differ early, late or not at all.
bool same_hash(const KeyHash& a, const KeyHash& b);

}  // namespace callscope::store
