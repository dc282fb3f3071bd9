// Counts keys that no rule names. Called for each unknown attribute of each span: a key seen
// before costs one probe and one relaxed increment.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace callscope::normalise::mapping {

// Thread-safe. Keys beyond the bounds are not counted.
class UnmappedCounter {
 public:
  explicit UnmappedCounter(size_t counted_max) : counted_max_(counted_max) {}

  // Counts `key`, whose hash_text() is `hash`. `is_known` decides about a key seen for the first
  // time; a known one is remembered as such and never counted.
  template <typename IsKnown>
  void see(std::string_view key, uint64_t hash, IsKnown is_known) {
    for (size_t probe = 0; probe < kProbesMax; ++probe) {
      const Entry* entry = slots_[(hash + probe) % kSlots].load(std::memory_order_acquire);
      if (entry == nullptr) {
        const bool known = is_known(key);
        const auto& full = known ? full_ : counted_full_;
        if (full.load(std::memory_order_relaxed)) return;
        insert(key, hash, known ? Verdict::kKnown : Verdict::kUnmapped);
        return;
      }
      if (entry->hash == hash && entry->key == key) {
        if (entry->verdict == Verdict::kUnmapped) {
          entry->count.fetch_add(1, std::memory_order_relaxed);
        }
        return;
      }
    }
  }

  struct Count {
    std::string key;
    uint64_t count = 0;
  };
  // In no particular order.
  std::vector<Count> counts() const;

 private:
  enum class Verdict : uint8_t { kKnown, kUnmapped };
  struct Entry {
    std::string key;
    uint64_t hash = 0;
    Verdict verdict = Verdict::kKnown;
    mutable std::atomic<uint64_t> count = 0;
  };
  static constexpr size_t kSlots = 1024;
  static constexpr size_t kProbesMax = 8;
  static constexpr size_t kEntriesMax = 768;
  static constexpr size_t kKeyBytesMax = 256;

  void insert(std::string_view key, uint64_t hash, Verdict verdict);

  const size_t counted_max_;
  std::array<std::atomic<const Entry*>, kSlots> slots_{};
  mutable std::mutex mutex_;   // guards the two below and all changes of slots_
  std::deque<Entry> entries_;  // never moved or removed, so readers need no lock
  size_t counted_ = 0;
  // Set for good once nothing more fits, so that a full counter takes no lock.
  std::atomic<bool> full_ = false;
  std::atomic<bool> counted_full_ = false;
};

}  // namespace callscope::normalise::mapping
