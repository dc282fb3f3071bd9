// The few different strings in a trace's facts, so that a fact holds them in two bytes each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace callscope::calls {

using NameId = uint16_t;                   // 0 is the empty string
inline constexpr NameId kNoName = 0xFFFF;  // never given

// A trace has about ten names, so they are found by walking; a trace with many gets an index.
// Not thread-safe. Views stay valid until the next add().
class NameTable {
 public:
  // The id of `name`, added where it is new. A table that is full (65,534 names) forgets further
  // ones: they read as empty.
  NameId add(std::string_view name);
  // The id of `name`, or kNoName where it was never added.
  NameId find(std::string_view name) const;

  std::string_view at(NameId id) const {
    if (id == 0) return {};
    const uint32_t begin = id == 1 ? 0 : entries_[id - 2u].end;
    return std::string_view(bytes_).substr(begin, entries_[id - 1u].end - begin);
  }
  // The highest id given so far; 0 where there is none.
  NameId last() const { return static_cast<NameId>(entries_.size()); }

  size_t bytes() const {
    return bytes_.capacity() + entries_.capacity() * sizeof(Entry) + index_.size() * 64;
  }
  void reserve_for_call() {
    bytes_.reserve(192);
    entries_.reserve(16);
  }

 private:
  static constexpr size_t kWalkMax = 32;
  static constexpr size_t kNamesMax = 65'534;

  struct Entry {
    uint32_t end;  // in bytes_
    uint32_t tag;  // equal for equal names, and hardly ever for others
  };
  static uint32_t tag_of(std::string_view name);

  std::string bytes_;
  std::vector<Entry> entries_;                     // of name i + 1
  std::unordered_map<std::string, NameId> index_;  // all names, once there are more than kWalkMax
};

}  // namespace callscope::calls
