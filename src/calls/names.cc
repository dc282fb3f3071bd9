#include "calls/names.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace callscope::calls {

// Both ends of the name and its length: names of one trace differ there.
uint32_t NameTable::tag_of(std::string_view name) {
  uint64_t head = 0, tail = 0;
  const size_t part = std::min<size_t>(name.size(), 8);
  std::memcpy(&head, name.data(), part);
  std::memcpy(&tail, name.data() + name.size() - part, part);
  const uint64_t mixed = (head ^ std::rotl(tail, 23) ^ name.size()) * 0x9E3779B97F4A7C15ull;
  return static_cast<uint32_t>(mixed >> 32);
}

NameId NameTable::find(std::string_view name) const {
  if (name.empty()) return 0;
  if (!index_.empty()) {
    const auto found = index_.find(std::string(name));
    return found == index_.end() ? kNoName : found->second;
  }
  const uint32_t tag = tag_of(name);
  for (size_t i = 0; i < entries_.size(); ++i) {
    const auto id = static_cast<NameId>(i + 1);
    if (entries_[i].tag == tag && at(id) == name) return id;
  }
  return kNoName;
}

NameId NameTable::add(std::string_view name) {
  if (const NameId known = find(name); known != kNoName) return known;
  if (entries_.size() == kNamesMax) return 0;
  bytes_ += name;
  entries_.push_back({static_cast<uint32_t>(bytes_.size()), tag_of(name)});
  const auto added = static_cast<NameId>(entries_.size());
  if (entries_.size() == kWalkMax + 1) {
    for (size_t i = 1; i <= added; ++i) {
      const auto id = static_cast<NameId>(i);
      index_.emplace(std::string(at(id)), id);
    }
  } else if (entries_.size() > kWalkMax) {
    index_.emplace(std::string(name), added);
  }
  return added;
}

}  // namespace callscope::calls
