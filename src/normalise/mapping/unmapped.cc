#include "normalise/mapping/unmapped.h"

namespace callscope::normalise::mapping {

void UnmappedCounter::insert(std::string_view key, uint64_t hash, Verdict verdict) {
  if (key.size() > kKeyBytesMax) return;
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= kEntriesMax) {
    full_.store(true, std::memory_order_relaxed);
    counted_full_.store(true, std::memory_order_relaxed);
    return;
  }
  if (verdict == Verdict::kUnmapped && counted_ >= counted_max_) {
    counted_full_.store(true, std::memory_order_relaxed);
    return;
  }
  for (size_t probe = 0; probe < kProbesMax; ++probe) {
    std::atomic<const Entry*>& slot = slots_[(hash + probe) % kSlots];
    const Entry* there = slot.load(std::memory_order_relaxed);
    if (there != nullptr) {
      // Another thread was faster with the same key: one count of it is lost.
      if (there->hash == hash && there->key == key) return;
      continue;
    }
    Entry& entry = entries_.emplace_back();
    entry.key = key;
    entry.hash = hash;
    entry.verdict = verdict;
    if (verdict == Verdict::kUnmapped) {
      entry.count.store(1, std::memory_order_relaxed);
      ++counted_;
    }
    slot.store(&entry, std::memory_order_release);
    return;
  }
}

std::vector<UnmappedCounter::Count> UnmappedCounter::counts() const {
  std::vector<Count> out;
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    if (entry.verdict != Verdict::kUnmapped) continue;
    out.push_back({entry.key, entry.count.load(std::memory_order_relaxed)});
  }
  return out;
}

}  // namespace callscope::normalise::mapping
