// Which rules can apply to spans of one scope and name: worked out once for each pair, as the names
// of spans repeat.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "normalise/mapping/rules.h"

namespace callscope::normalise::mapping {

// What of the table can apply, in order. What differs between spans of one scope and name, their
// attributes, is left to be checked for each.
struct Plan {
  Plan(const Mapping& mapping, std::string_view scope, std::string_view name);

  struct Candidates {
    const Framework* framework;
    size_t index;                      // of the framework
    std::vector<const Match*> detect;  // any of them; empty where scope or name is proof enough
    std::vector<const Rule*> rules;    // the first that holds
  };
  std::vector<Candidates> frameworks;
};

// Thread-safe. Readers take no lock, and a plan that is in stays. Scopes and names are the
// sender's, so the number of plans is bounded: those that the table does not name share one.
class Plans {
 public:
  explicit Plans(const Mapping& mapping);

  // nullptr where there is no room for one more.
  const Plan* find(std::string_view scope, std::string_view name);

 private:
  struct Entry {
    std::string scope;
    std::string name;
    uint64_t hash;
    Plan plan;
  };
  // The scopes or the names that the table has patterns for. None of them fits an empty text.
  struct Patterns {
    std::unordered_set<std::string_view> exact;
    // By their first character, as most texts fit none: '*' has those that may begin with any.
    std::array<std::vector<std::string_view>, 256> globs;

    void add(const std::vector<std::string>& patterns);
    bool fit(std::string_view text) const;
  };
  static constexpr size_t kSlots = 4096;
  static constexpr size_t kProbesMax = 16;
  static constexpr size_t kTextBytesMax = 256;
  // Beyond the first bound, scopes that the table does not name share their plans, too.
  static constexpr size_t kOwnScopesMax = 1024;
  static constexpr size_t kEntriesMax = 2048;

  const Plan* cached(std::string_view scope, std::string_view name, uint64_t hash) const;
  const Plan* add(std::string_view scope, std::string_view name, uint64_t hash, size_t entries_max);

  const Mapping& mapping_;
  Patterns scopes_;
  Patterns names_;
  std::array<std::atomic<const Entry*>, kSlots> slots_{};
  std::atomic<size_t> size_ = 0;
  std::mutex mutex_;           // guards entries_ and all changes of slots_
  std::deque<Entry> entries_;  // never moved or removed
};

}  // namespace callscope::normalise::mapping
