#include "normalise/mapping/key_table.h"

#include "base/check.h"

namespace callscope::normalise::mapping {

KeyId KeyTable::intern(std::string_view key) {
  if (const KeyId known = find(key); known != kNoKey) return known;
  CHECK(names_.size() < kKeysMax, "the mapping table names no more keys than kKeysMax");
  const auto id = static_cast<KeyId>(names_.size());
  names_.push_back(spellings_.emplace_back(key));
  insert(names_.back(), id);
  return id;
}

void KeyTable::alias(std::string_view spelling, KeyId id) {
  if (find(spelling) != kNoKey) return;
  insert(spellings_.emplace_back(spelling), id);
}

void KeyTable::insert(std::string_view key, KeyId id) {
  // A quarter full at most, so that most lookups of unknown keys end at their first slot.
  if (4 * (used_ + 1) > slots_.size()) grow();
  ++used_;
  const uint64_t hash = hash_text(key);
  size_t i = hash & mask_;
  while (slots_[i].id != kNoKey) i = (i + 1) & mask_;
  slots_[i] = {key, static_cast<uint32_t>(hash >> 32), id};
}

void KeyTable::grow() {
  std::vector<Slot> old = std::move(slots_);
  slots_.assign(old.empty() ? 1024 : old.size() * 2, Slot{});
  mask_ = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.id == kNoKey) continue;
    size_t i = hash_text(slot.key) & mask_;
    while (slots_[i].id != kNoKey) i = (i + 1) & mask_;
    slots_[i] = slot;
  }
}

}  // namespace callscope::normalise::mapping
