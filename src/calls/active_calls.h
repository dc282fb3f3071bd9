// The traces in memory and which of them may be one call. The call book's state; not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "calls/call_directory.h"
#include "calls/trace_facts.h"

namespace callscope::calls {

struct TraceKey {
  ProjectId project = 0;
  TraceId trace;
  bool operator==(const TraceKey&) const = default;
};
struct TraceKeyHash {
  size_t operator()(const TraceKey& key) const {
    return TraceIdHash()(key.trace) + static_cast<size_t>(key.project) * 0x9E3779B97F4A7C15ull;
  }
};

struct TraceGroup;

struct ActiveTrace {
  explicit ActiveTrace(const TraceKey& key) : facts(key.project, key.trace) {}

  TraceKey key() const { return {facts.project(), facts.id()}; }

  TraceFacts facts;
  TraceGroup* group = nullptr;   // set by the first save
  size_t keys_indexed = 0;       // of facts.keys(): others find it by these
  size_t keys_joined = 0;        // of facts.keys(): it has found others by these
  size_t attached_joined = 0;    // of what its report names: it has found them
  bool has_met_reports = false;  // reports that named it before it came have found it
  bool is_resolved = false;      // the catalog was asked for it
  bool is_dirty = false;         // has spans that no save has seen
  bool is_pinned = false;        // a save is at work on it
  uint64_t touched = 0;          // by a clock that ticks once a span
  size_t bytes = 0;              // as accounted
};

// Traces that share a name within its bounds of time, and the calls made of them.
struct TraceGroup {
  std::vector<ActiveTrace*> traces;
  std::vector<KnownCall> calls;
};

class ActiveCalls {
 public:
  // Beyond these a group takes no further traces in: what repeats one name that often is no call.
  static constexpr size_t kGroupTracesMax = 1'000;
  static constexpr size_t kGroupFactsMax = 100'000;

  ActiveCalls();
  ~ActiveCalls();

  ActiveTrace* find(const TraceKey& key);
  ActiveTrace& find_or_add(const TraceKey& key);
  // The trace has a span that no save has seen.
  void mark_dirty(ActiveTrace& trace);
  void account(ActiveTrace& trace);
  // The traces that became dirty since the last time, pinned.
  std::vector<ActiveTrace*> take_dirty();

  TraceGroup& group_of(ActiveTrace& trace);
  // Makes one group of both, unless that would be too large.
  void join(ActiveTrace& a, ActiveTrace& b);
  // Joins `trace` with those in memory that share a key of it that is new since the last time.
  // Returns these keys: the catalog may know more that have them.
  std::vector<JoinKey> join_by_new_keys(ActiveTrace& trace);

  // Joins a report with the traces and reports that it names, and a trace with the reports that
  // named it. Returns those named that are not in memory: the catalog may know them.
  std::vector<TraceKey> join_by_reports(ActiveTrace& trace);

  // Forgets the groups touched longest ago until at most `bytes_max` are in use. With `dropped`,
  // traces with unsaved spans go too and are listed there.
  void evict(size_t bytes_max, std::vector<TraceKey>* dropped);
  void forget(const TraceKey& key);

  size_t bytes() const { return bytes_; }
  size_t size() const { return traces_.size(); }

 private:
  // Of the traces that share a key only the newest are looked at; older ones are in their groups.
  static constexpr size_t kSameKeyMax = 64;

  // The traces that spans came for lately, by hash: most spans belong to one of them, and asking
  // the map costs three times as much. Null where there is none.
  static constexpr size_t kRecent = 4'096;

  ActiveTrace*& recent(const TraceKey& key) { return recent_[TraceKeyHash()(key) % kRecent]; }
  static uint64_t hash_of(ProjectId project, const JoinKey& key);
  void join_by(ActiveTrace& trace, const JoinKey& key);
  void remove(ActiveTrace& trace);

  std::unordered_map<TraceKey, std::unique_ptr<ActiveTrace>, TraceKeyHash> traces_;
  std::unordered_map<TraceGroup*, std::unique_ptr<TraceGroup>> groups_;
  std::unordered_map<uint64_t, std::vector<ActiveTrace*>> by_key_;                  // oldest first
  std::unordered_map<TraceKey, std::vector<ActiveTrace*>, TraceKeyHash> named_by_;  // reports
  std::vector<ActiveTrace*> recent_ = std::vector<ActiveTrace*>(kRecent);
  std::vector<ActiveTrace*> dirty_;
  size_t bytes_ = 0;
  uint64_t clock_ = 0;
};

}  // namespace callscope::calls
