#include "calls/active_calls.h"

#include <algorithm>

namespace callscope::calls {
namespace {

// Of a trace besides its facts: its nodes in the maps.
constexpr size_t kOverheadBytes = 200;

bool is_close(const TraceFacts& a, const TraceFacts& b, DurationNs gap_max) {
  if (b.first() > a.last()) return b.first() - a.last() <= gap_max;
  if (a.first() > b.last()) return a.first() - b.last() <= gap_max;
  return true;
}

// All of the trace may belong to another's call, or, where two calls wrote into it, a part of it.
bool may_be_orphan(const TraceFacts& trace, KeyKind kind) {
  const auto names = std::count_if(trace.keys().begin(), trace.keys().end(),
                                   [&](const JoinKey& key) { return key.kind == kind; });
  return names > 1 || (trace.has_root() && !trace.has_call_span());
}

uint64_t last_touched(const TraceGroup& group) {
  uint64_t last = 0;
  for (const ActiveTrace* trace : group.traces) last = std::max(last, trace->touched);
  return last;
}

}  // namespace

ActiveCalls::ActiveCalls() = default;
ActiveCalls::~ActiveCalls() = default;

ActiveTrace* ActiveCalls::find(const TraceKey& key) {
  const auto found = traces_.find(key);
  return found == traces_.end() ? nullptr : found->second.get();
}

ActiveTrace& ActiveCalls::find_or_add(const TraceKey& key) {
  ActiveTrace*& known = recent(key);
  if (known && known->facts.project() == key.project && known->facts.id() == key.trace)
    return *known;
  auto [entry, is_new] = traces_.try_emplace(key);
  if (is_new) entry->second = std::make_unique<ActiveTrace>(key);
  known = entry->second.get();
  return *known;
}

void ActiveCalls::mark_dirty(ActiveTrace& trace) {
  trace.touched = ++clock_;
  if (trace.is_dirty) return;
  trace.is_dirty = true;
  dirty_.push_back(&trace);
}

void ActiveCalls::account(ActiveTrace& trace) {
  const size_t bytes = trace.facts.bytes() + kOverheadBytes;
  bytes_ += bytes - trace.bytes;
  trace.bytes = bytes;
}

std::vector<ActiveTrace*> ActiveCalls::take_dirty() {
  std::vector<ActiveTrace*> taken;
  taken.swap(dirty_);
  for (ActiveTrace* trace : taken) {
    trace->is_dirty = false;
    trace->is_pinned = true;
  }
  return taken;
}

TraceGroup& ActiveCalls::group_of(ActiveTrace& trace) {
  if (!trace.group) {
    auto group = std::make_unique<TraceGroup>();
    group->traces.push_back(&trace);
    trace.group = group.get();
    groups_.emplace(group.get(), std::move(group));
  }
  return *trace.group;
}

void ActiveCalls::join(ActiveTrace& a, ActiveTrace& b) {
  TraceGroup* into = &group_of(a);
  TraceGroup* from = &group_of(b);
  if (into == from) return;
  if (into->traces.size() < from->traces.size()) std::swap(into, from);
  size_t facts = 0;
  for (const TraceGroup* group : {into, from}) {
    for (const ActiveTrace* trace : group->traces) facts += trace->facts.size();
  }
  if (into->traces.size() + from->traces.size() > kGroupTracesMax || facts > kGroupFactsMax) return;
  for (ActiveTrace* trace : from->traces) {
    trace->group = into;
    into->traces.push_back(trace);
  }
  for (KnownCall& call : from->calls) {
    const bool is_known = std::any_of(into->calls.begin(), into->calls.end(),
                                      [&](const KnownCall& other) { return other.id == call.id; });
    if (!is_known) into->calls.push_back(std::move(call));
  }
  groups_.erase(from);
}

uint64_t ActiveCalls::hash_of(ProjectId project, const JoinKey& key) {
  return std::hash<std::string_view>()(key.value) * 31 + static_cast<uint64_t>(project) * 7 +
         static_cast<uint64_t>(key.kind);
}

std::vector<JoinKey> ActiveCalls::join_by_new_keys(ActiveTrace& trace) {
  const std::vector<JoinKey>& keys = trace.facts.keys();
  for (; trace.keys_indexed < keys.size(); ++trace.keys_indexed) {
    by_key_[hash_of(trace.facts.project(), keys[trace.keys_indexed])].push_back(&trace);
  }
  std::vector<JoinKey> joined;
  for (size_t k = trace.keys_joined; k < keys.size(); ++k) {
    join_by(trace, keys[k]);
    // Whether the trace is an orphan shows only with its outermost span: until then ask again.
    const bool orphans_only = join_rule(keys[k].kind).orphans_only;
    if (orphans_only && !trace.facts.has_root() && !trace.facts.report()) return joined;
    trace.keys_joined = k + 1;
    joined.push_back(keys[k]);
  }
  return joined;
}

void ActiveCalls::join_by(ActiveTrace& trace, const JoinKey& key) {
  const JoinRule rule = join_rule(key.kind);
  const std::vector<ActiveTrace*>& same = by_key_[hash_of(trace.facts.project(), key)];
  size_t looked_at = 0;
  for (auto other = same.rbegin(); other != same.rend() && looked_at < kSameKeyMax;
       ++other, ++looked_at) {
    const TraceFacts& theirs = (*other)->facts;
    const bool shares_key =
        *other != &trace && theirs.project() == trace.facts.project() &&
        std::find(theirs.keys().begin(), theirs.keys().end(), key) != theirs.keys().end();
    if (!shares_key || !is_close(trace.facts, theirs, rule.gap_max)) continue;
    const bool has_report = trace.facts.report() || theirs.report();
    if (rule.orphans_only && !has_report && !may_be_orphan(trace.facts, key.kind) &&
        !may_be_orphan(theirs, key.kind))
      continue;
    join(trace, **other);
  }
}

std::vector<TraceKey> ActiveCalls::join_by_reports(ActiveTrace& trace) {
  std::vector<TraceKey> missing;
  if (const auto& report = trace.facts.report()) {
    for (; trace.attached_joined < report->attached.size(); ++trace.attached_joined) {
      const TraceKey key{trace.facts.project(), report->attached[trace.attached_joined]};
      named_by_[key].push_back(&trace);
      if (ActiveTrace* named = find(key)) {
        join(trace, *named);
      } else {
        missing.push_back(key);
      }
    }
  }
  if (!trace.has_met_reports) {
    trace.has_met_reports = true;
    const auto reports = named_by_.find(trace.key());
    if (reports != named_by_.end()) {
      for (ActiveTrace* report : reports->second) join(trace, *report);
    }
  }
  return missing;
}

void ActiveCalls::remove(ActiveTrace& trace) {
  for (size_t k = 0; k < trace.keys_indexed; ++k) {
    const auto entry = by_key_.find(hash_of(trace.facts.project(), trace.facts.keys()[k]));
    if (entry == by_key_.end()) continue;
    std::erase(entry->second, &trace);
    if (entry->second.empty()) by_key_.erase(entry);
  }
  if (const auto& report = trace.facts.report()) {
    for (const TraceId& named : report->attached) {
      const auto entry = named_by_.find({trace.facts.project(), named});
      if (entry == named_by_.end()) continue;
      std::erase(entry->second, &trace);
      if (entry->second.empty()) named_by_.erase(entry);
    }
  }
  if (ActiveTrace*& known = recent(trace.key()); known == &trace) known = nullptr;
  bytes_ -= trace.bytes;
  traces_.erase(trace.key());
}

void ActiveCalls::evict(size_t bytes_max, std::vector<TraceKey>* dropped) {
  if (bytes_ <= bytes_max) return;
  // A trace that no save has seen is in no group yet.
  if (dropped) {
    for (auto& [key, trace] : traces_) group_of(*trace);
  }
  std::vector<std::pair<uint64_t, TraceGroup*>> oldest;
  for (const auto& [group, owner] : groups_) {
    const bool may_go = std::none_of(
        group->traces.begin(), group->traces.end(),
        [&](const ActiveTrace* t) { return t->is_pinned || (t->is_dirty && !dropped); });
    if (may_go) oldest.emplace_back(last_touched(*group), group);
  }
  std::sort(oldest.begin(), oldest.end());
  size_t freed = 0;
  std::vector<ActiveTrace*> leaving;
  for (const auto& [touched, group] : oldest) {
    if (bytes_ - freed <= bytes_max) break;
    for (ActiveTrace* trace : group->traces) {
      if (trace->is_dirty) dropped->push_back(trace->key());
      trace->group = nullptr;
      trace->touched = 0;
      freed += trace->bytes;
      leaving.push_back(trace);
    }
    groups_.erase(group);
  }
  std::erase_if(dirty_, [](const ActiveTrace* trace) { return trace->touched == 0; });
  for (ActiveTrace* trace : leaving) remove(*trace);
}

void ActiveCalls::forget(const TraceKey& key) {
  ActiveTrace* trace = find(key);
  if (!trace) return;
  if (TraceGroup* group = trace->group) {
    std::erase(group->traces, trace);
    if (group->traces.empty()) groups_.erase(group);
  }
  std::erase(dirty_, trace);
  remove(*trace);
}

}  // namespace callscope::calls
