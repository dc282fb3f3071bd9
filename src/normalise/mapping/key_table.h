// Gives each attribute key that the mapping table names a small number, so that a span's attributes
// are looked up once each and then addressed by array index.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace callscope::normalise::mapping {

using KeyId = uint16_t;
inline constexpr KeyId kNoKey = 0xFFFF;
// An array of slots, one a key, lies on the stack of each classification: two bytes each.
inline constexpr size_t kKeysMax = 1535;
// Stands for a key that every span has.
inline constexpr KeyId kAlwaysThere = kKeysMax;

// A hash of the length, both ends and the middle of `text`: attribute keys differ there. Spread
// over all 64 bits.
inline uint64_t hash_text(std::string_view text) {
  const char* p = text.data();
  const size_t n = text.size();
  uint64_t first = 0;
  uint64_t last = 0;
  uint64_t middle = 0;
  if (n >= 8) {
    std::memcpy(&first, p, 8);
    std::memcpy(&last, p + n - 8, 8);
    std::memcpy(&middle, p + n / 2 - 4, 8);
  } else {
    for (size_t i = 0; i < n; ++i) first = first << 8 | static_cast<unsigned char>(p[i]);
  }
  uint64_t h = (first ^ n) * 0x9E3779B97F4A7C15ull;
  h ^= std::rotl((last + n) * 0xC2B2AE3D27D4EB4Full, 31);
  h ^= std::rotl(middle * 0x165667B19E3779F9ull, 17);
  h *= 0xD6E8FEB86659FD93ull;
  return h ^ (h >> 32);
}

// Built once, then only read: find() is thread-safe.
class KeyTable {
 public:
  // The number of `key`, given now if it had none.
  KeyId intern(std::string_view key);
  // Another spelling of a key that has a number.
  void alias(std::string_view spelling, KeyId id);

  KeyId find(std::string_view key, uint64_t hash) const {
    if (slots_.empty()) return kNoKey;
    for (size_t i = hash & mask_;; i = (i + 1) & mask_) {
      const Slot& slot = slots_[i];
      if (slot.id == kNoKey) return kNoKey;
      if (slot.hash == static_cast<uint32_t>(hash >> 32) && slot.key == key) return slot.id;
    }
  }
  KeyId find(std::string_view key) const { return find(key, hash_text(key)); }

  size_t size() const { return names_.size(); }
  std::string_view name(KeyId id) const { return names_[id]; }

 private:
  struct Slot {
    std::string_view key;
    uint32_t hash = 0;
    KeyId id = kNoKey;
  };
  void insert(std::string_view key, KeyId id);
  void grow();

  std::deque<std::string> spellings_;  // what the slots' views point into
  std::vector<std::string_view> names_;
  std::vector<Slot> slots_;
  size_t mask_ = 0;
  size_t used_ = 0;
};

}  // namespace callscope::normalise::mapping
