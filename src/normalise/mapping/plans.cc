#include "normalise/mapping/plans.h"

#include <algorithm>

namespace callscope::normalise::mapping {
namespace {

bool matches_any(const std::vector<std::string>& patterns, std::string_view text) {
  if (patterns.empty()) return true;
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return glob_match(pattern, text); });
}

uint64_t hash_pair(std::string_view scope, std::string_view name) {
  return hash_text(scope) * 3 + hash_text(name);
}

}  // namespace

Plan::Plan(const Mapping& mapping, std::string_view scope, std::string_view name) {
  for (size_t i = 0; i < mapping.frameworks.size(); ++i) {
    const Framework& framework = mapping.frameworks[i];
    Candidates candidates{&framework, i, {}, {}};
    bool detected = false;
    for (const Match& match : framework.detect) {
      if (!matches_any(match.scopes, scope) || !matches_any(match.names, name)) continue;
      candidates.detect.push_back(&match);
      detected = detected || match.holds_for_all();
    }
    if (candidates.detect.empty()) continue;
    if (detected) candidates.detect.clear();
    bool settled = false;
    for (const auto& rule : framework.rules) {
      if (!matches_any(rule->match.scopes, scope) || !matches_any(rule->match.names, name))
        continue;
      candidates.rules.push_back(rule.get());
      settled = rule->match.holds_for_all();
      if (settled) break;
    }
    frameworks.push_back(std::move(candidates));
    if (detected && settled) break;  // nothing behind this can be reached
  }
}

void Plans::Patterns::add(const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    if (pattern.find('*') == std::string::npos) {
      exact.insert(pattern);
    } else {
      globs[static_cast<unsigned char>(pattern[0])].push_back(pattern);
    }
  }
}

bool Plans::Patterns::fit(std::string_view text) const {
  if (text.empty()) return false;
  const auto fits_one = [&](const std::vector<std::string_view>& patterns) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](std::string_view pattern) { return glob_match(pattern, text); });
  };
  return exact.contains(text) || fits_one(globs[static_cast<unsigned char>(text[0])]) ||
         fits_one(globs['*']);
}

Plans::Plans(const Mapping& mapping) : mapping_(mapping) {
  const auto note = [&](const Match& match) {
    scopes_.add(match.scopes);
    names_.add(match.names);
  };
  for (const Framework& framework : mapping.frameworks) {
    for (const Match& match : framework.detect) note(match);
    for (const auto& rule : framework.rules) note(rule->match);
  }
}

const Plan* Plans::find(std::string_view scope, std::string_view name) {
  uint64_t hash = hash_pair(scope, name);
  if (const Plan* plan = cached(scope, name, hash)) return plan;
  // The names of spans may hold anything ("GET /users/4711"), so only those that the table has a
  // pattern for have plans of their own.
  if (!name.empty() && !names_.fit(name)) return find(scope, {});
  if (const Plan* plan = add(scope, name, hash, kOwnScopesMax)) return plan;
  if (scope.empty() || scopes_.fit(scope)) return add(scope, name, hash, kEntriesMax);
  hash = hash_pair({}, name);
  if (const Plan* plan = cached({}, name, hash)) return plan;
  return add({}, name, hash, kEntriesMax);
}

const Plan* Plans::cached(std::string_view scope, std::string_view name, uint64_t hash) const {
  for (size_t probe = 0; probe < kProbesMax; ++probe) {
    const Entry* entry = slots_[(hash + probe) % kSlots].load(std::memory_order_acquire);
    if (entry == nullptr) return nullptr;
    if (entry->hash == hash && entry->scope == scope && entry->name == name) return &entry->plan;
  }
  return nullptr;
}

const Plan* Plans::add(std::string_view scope, std::string_view name, uint64_t hash,
                       size_t entries_max) {
  if (scope.size() > kTextBytesMax || name.size() > kTextBytesMax) return nullptr;
  if (size_.load(std::memory_order_relaxed) >= entries_max) return nullptr;
  const std::lock_guard lock(mutex_);
  if (const Plan* plan = cached(scope, name, hash)) return plan;
  for (size_t probe = 0; probe < kProbesMax; ++probe) {
    std::atomic<const Entry*>& slot = slots_[(hash + probe) % kSlots];
    if (slot.load(std::memory_order_relaxed) != nullptr) continue;
    entries_.push_back({std::string(scope), std::string(name), hash, Plan(mapping_, scope, name)});
    slot.store(&entries_.back(), std::memory_order_release);
    size_.store(entries_.size(), std::memory_order_relaxed);
    return &entries_.back().plan;
  }
  return nullptr;
}

}  // namespace callscope::normalise::mapping
