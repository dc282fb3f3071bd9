#include "calls/partition.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>

#include "base/check.h"

namespace callscope::calls {
namespace {

using model::OpKind;

// Facts of one trace that certainly belong together: all of a trace, what hangs under one of its
// call spans, or what hung under another call's.
struct Unit {
  uint32_t trace = 0;
  std::optional<uint32_t> head;  // position of its call span, or of what was re-homed
  bool has_call = false;
  bool has_root = false;        // its outermost span has come
  bool is_native_call = false;  // its framework marks calls by a span: it is never part of another
  bool is_foreign = false;      // hung under a call with another key
  const ReportFacts* report = nullptr;  // of a report, which has no facts
  uint32_t apart = 0;       // 0, or the number of the separation by hand that it is part of
  NameId key = 0;           // of its own, where the trace's keys are not all its own
  SmallMeasure turn_index;  // the lowest reported
  TimeNs first, last;

  DurationNs distance(const Unit& other) const {
    if (other.first > last) return other.first - last;
    if (first > other.last) return first - other.last;
    return {};
  }
};

bool is_call_span(const Fact& fact) {
  return fact.kind == OpKind::kCall && !fact.has(kProvisional);
}

class Partition {
 public:
  Partition(const FactSet& set, const SpanTree& tree) : set_(set), tree_(tree) {
    find_heads();
    if (is_simple()) return;
    make_units();
    group_.resize(units_.size());
    std::iota(group_.begin(), group_.end(), 0u);
    join_units();
  }

  std::vector<CallFacts> calls() const {
    if (is_simple()) return {whole_set()};
    std::map<uint32_t, CallFacts> by_group;
    std::vector<uint32_t> calls_of_trace(set_.traces.size());
    for (uint32_t u = 0; u < units_.size(); ++u) {
      CallFacts& call = by_group[find(u)];
      call.is_rehomed |= units_[u].is_foreign;
      if (std::find(call.traces.begin(), call.traces.end(), units_[u].trace) == call.traces.end()) {
        call.traces.push_back(units_[u].trace);
        ++calls_of_trace[units_[u].trace];
      }
    }
    for (uint32_t i = 0; i < set_.facts.size(); ++i) {
      if (unit_of_[i] >= 0) by_group[find(static_cast<uint32_t>(unit_of_[i]))].facts.push_back(i);
    }
    std::vector<CallFacts> calls;
    for (auto& [group, call] : by_group) {
      if (call.facts.empty() && !has_report(call)) continue;
      std::sort(call.traces.begin(), call.traces.end());
      call.is_split = std::any_of(call.traces.begin(), call.traces.end(),
                                  [&](uint32_t trace) { return calls_of_trace[trace] > 1; });
      if (call.is_split) call.anchor = anchor_of(group);
      calls.push_back(std::move(call));
    }
    std::sort(calls.begin(), calls.end(), [](const CallFacts& a, const CallFacts& b) {
      if (a.facts.empty() || b.facts.empty())
        return std::tuple(a.facts.empty(), a.traces) < std::tuple(b.facts.empty(), b.traces);
      return a.facts.front() < b.facts.front();
    });
    return calls;
  }

 private:
  bool has_report(const CallFacts& call) const {
    return std::any_of(call.traces.begin(), call.traces.end(),
                       [&](uint32_t trace) { return set_.traces[trace].report != nullptr; });
  }

  // ---- heads: the spans that calls hang from ----

  // A call span under another is part of that call.
  void find_heads() {
    heads_.assign(set_.facts.size(), -1);
    calls_of_trace_.resize(set_.traces.size());
    for (const uint32_t i : tree_.top_down()) {
      const Fact& fact = set_.facts[i];
      const int32_t above = tree_.has_parent(i) ? heads_[static_cast<size_t>(tree_.parent(i))] : -1;
      if (above < 0 && is_call_span(fact)) {
        heads_[i] = static_cast<int32_t>(i);
        calls_of_trace_[fact.trace].push_back(i);
      } else if (above >= 0 &&
                 hangs_under_another_call(fact, set_.facts[static_cast<size_t>(above)])) {
        heads_[i] = static_cast<int32_t>(i);
        has_foreign_ = true;
      } else {
        heads_[i] = above;
      }
    }
    for (auto& calls : calls_of_trace_) std::sort(calls.begin(), calls.end());
  }

  // Two calls in one process used to write into each other's trace (Pipecat before 0.0.103); their
  // turns still carry the right id.
  static bool hangs_under_another_call(const Fact& fact, const Fact& head) {
    return fact.kind == OpKind::kTurn && fact.session_key != 0 && head.session_key != 0 &&
           fact.session_key != head.session_key;
  }

  bool is_simple() const {
    return set_.traces.size() == 1 && !has_foreign_ && calls_of_trace_[0].size() <= 1;
  }

  CallFacts whole_set() const {
    CallFacts call;
    call.facts.resize(set_.facts.size());
    std::iota(call.facts.begin(), call.facts.end(), 0u);
    call.traces = {0};
    return call;
  }

  // ---- units ----

  void make_units() {
    unit_of_.assign(set_.facts.size(), -1);
    const std::vector<bool> above_calls = find_spans_above_calls();
    std::map<std::pair<uint32_t, int32_t>, uint32_t> known;  // by trace and head
    for (uint32_t i = 0; i < set_.facts.size(); ++i) {
      if (above_calls[i]) continue;
      const uint32_t trace = set_.facts[i].trace;
      const int32_t head = heads_[i] >= 0 ? heads_[i] : head_of_loose(i);
      const auto [entry, is_new] = known.try_emplace({trace, head}, units_.size());
      if (is_new) units_.push_back(new_unit(trace, head));
      unit_of_[i] = static_cast<int32_t>(entry->second);
      extend(units_[entry->second], set_.facts[i]);
    }
    for (uint32_t t = 0; t < set_.traces.size(); ++t) {
      const ReportFacts* report = set_.traces[t].report.get();
      if (!report) continue;
      Unit& unit = units_.emplace_back();
      unit.trace = t;
      unit.report = report;
      unit.first = report->first;
      unit.last = report->last;
    }
    set_apart();
  }

  // What has several calls under it is a worker process or the request that set them off.
  std::vector<bool> find_spans_above_calls() const {
    std::vector<bool> above(set_.facts.size());
    for (const auto& calls : calls_of_trace_) {
      if (calls.size() < 2) continue;
      for (const uint32_t call : calls) {
        for (int32_t up = tree_.parent(call); up >= 0 && !above[static_cast<size_t>(up)];
             up = tree_.parent(static_cast<size_t>(up))) {
          above[static_cast<size_t>(up)] = true;
        }
      }
    }
    return above;
  }

  // The call of a span that hangs under none: the only one, or by time the last that had begun.
  int32_t head_of_loose(uint32_t i) const {
    const std::vector<uint32_t>& calls = calls_of_trace_[set_.facts[i].trace];
    if (calls.empty()) return -1;
    const auto later = std::upper_bound(calls.begin(), calls.end(), i);  // positions are by start
    return static_cast<int32_t>(later == calls.begin() ? calls.front() : *(later - 1));
  }

  // Of several separations of a unit the last by key counts.
  void set_apart() {
    std::vector<const ReportFacts*> separations;
    for (const Unit& unit : units_) {
      if (unit.report && unit.report->separates) separations.push_back(unit.report);
    }
    std::sort(separations.begin(), separations.end(),
              [](const ReportFacts* a, const ReportFacts* b) { return a->key < b->key; });
    for (uint32_t s = 0; s < separations.size(); ++s) {
      for (Unit& unit : units_) {
        const TraceId& id = set_.traces[unit.trace].id;
        const auto& named = separations[s]->attached;
        const bool is_part = unit.report == separations[s] ||
                             std::find(named.begin(), named.end(), id) != named.end();
        if (is_part) unit.apart = s + 1;
      }
    }
  }

  Unit new_unit(uint32_t trace, int32_t head) const {
    Unit unit{.trace = trace};
    if (head < 0) return unit;
    unit.head = static_cast<uint32_t>(head);
    const Fact& fact = set_.facts[*unit.head];
    unit.has_call = is_call_span(fact);
    unit.is_foreign = !unit.has_call;
    unit.is_native_call = unit.has_call && set_.marks_calls(fact.framework);
    if (calls_of_trace_[trace].size() > 1 || has_foreign_) unit.key = fact.session_key;
    return unit;
  }

  static void extend(Unit& unit, const Fact& fact) {
    unit.has_root |= fact.is_root() && !fact.has(kProvisional);
    if (fact.turn_index && (!unit.turn_index || *fact.turn_index < *unit.turn_index)) {
      unit.turn_index = fact.turn_index;
    }
    if (fact.has(model::kClockFarOff) && unit.first.is_set()) return;
    if (!unit.first.is_set() || fact.start < unit.first) unit.first = fact.start;
    unit.last = std::max(unit.last, fact.end_or_start());
  }

  // ---- joining ----

  void join_units() {
    std::map<std::pair<KeyKind, std::string_view>, std::vector<uint32_t>> by_key;
    for (uint32_t u = 0; u < units_.size(); ++u) {
      if (units_[u].report) continue;
      for (const JoinKey& key : set_.traces[units_[u].trace].keys) {
        const bool is_own = units_[u].key == 0 || set_.name(units_[u].key) == key.value;
        if (is_own) by_key[{key.kind, key.value}].push_back(u);
      }
    }
    for (auto& [key, units] : by_key) {
      if (units.size() < 2) continue;
      std::sort(units.begin(), units.end(), [&](uint32_t a, uint32_t b) {
        return std::tuple(units_[a].first, a) < std::tuple(units_[b].first, b);
      });
      join_by(key.first, units);
    }
    join_reports();
  }

  // A report first goes to what it names, by trace id; one that names nothing we have goes to the
  // nearest in time of what bears a name of it. A call has one report of a kind, unless somebody
  // said otherwise by naming.
  void join_reports() {
    std::vector<uint32_t> reports;
    for (uint32_t u = 0; u < units_.size(); ++u) {
      if (units_[u].report) reports.push_back(u);
    }
    std::sort(reports.begin(), reports.end(), [&](uint32_t a, uint32_t b) {
      return is_more_direct(*units_[a].report, *units_[b].report);
    });
    std::vector<uint32_t> nameless;
    for (const uint32_t u : reports) {
      bool is_placed = false;
      for (const TraceId& id : units_[u].report->attached) {
        if (const auto named = unit_of_trace(id, units_[u])) {
          unite(u, *named);
          is_placed = true;
        }
      }
      if (!is_placed) nameless.push_back(u);
    }
    for (const uint32_t u : nameless) {
      if (const auto namesake = nearest_namesake(u)) unite(u, *namesake);
    }
  }

  // Of a trace with several calls the one that bears a name of the report, or else the nearest.
  std::optional<uint32_t> unit_of_trace(const TraceId& id, const Unit& report) const {
    std::optional<uint32_t> best;
    std::tuple<bool, DurationNs> best_rank;
    for (uint32_t u = 0; u < units_.size(); ++u) {
      if (set_.traces[units_[u].trace].id != id) continue;
      const bool bears_name = units_[u].key != 0 && has_name(*report.report, units_[u].key);
      const std::tuple rank{!bears_name, report.distance(units_[u])};
      if (best && rank >= best_rank) continue;
      best = u;
      best_rank = rank;
    }
    return best;
  }

  bool has_name(const ReportFacts& report, NameId name) const {
    return std::any_of(report.keys.begin(), report.keys.end(),
                       [&](const JoinKey& key) { return key.value == set_.name(name); });
  }

  // Spans come before reports; among these, what is nearest.
  std::optional<uint32_t> nearest_namesake(uint32_t report) const {
    std::optional<uint32_t> best;
    std::tuple<bool, DurationNs> best_rank;
    for (uint32_t u = 0; u < units_.size(); ++u) {
      if (find(u) == find(report) || has_report_of_kind(find(u), units_[report])) continue;
      const std::optional<DurationNs> gap_max = shared_name_gap(units_[report], units_[u]);
      if (!gap_max || units_[report].distance(units_[u]) > *gap_max) continue;
      const std::tuple rank{units_[u].report != nullptr, units_[report].distance(units_[u])};
      if (best && rank >= best_rank) continue;
      best = u;
      best_rank = rank;
    }
    return best;
  }

  // How far apart two units may be that share a name; nullopt where they share none.
  std::optional<DurationNs> shared_name_gap(const Unit& report, const Unit& other) const {
    std::optional<DurationNs> gap_max;
    for (const JoinKey& key : set_.traces[other.trace].keys) {
      const bool is_own = other.key == 0 || set_.name(other.key) == key.value;
      const auto& names = report.report->keys;
      if (!is_own || std::find(names.begin(), names.end(), key) == names.end()) continue;
      gap_max = std::max(gap_max.value_or(DurationNs{}), join_rule(key.kind).gap_max);
    }
    return gap_max;
  }

  bool has_report_of_kind(uint32_t group, const Unit& report) const {
    for (uint32_t u = 0; u < units_.size(); ++u) {
      if (units_[u].report && find(u) == group && units_[u].report->kind == report.report->kind &&
          units_[u].report->id != report.report->id)
        return true;
    }
    return false;
  }

  // `units` share a key and are in order of start. Units without a call of their own go to the
  // nearest call; those that find none are chained with each other.
  void join_by(KeyKind kind, const std::vector<uint32_t>& units) {
    const JoinRule rule = join_rule(kind);
    const auto stands_alone = [&](const Unit& unit) {
      return unit.is_native_call || (unit.has_call && !rule.joins_call_spans);
    };
    std::vector<uint32_t> calls;
    for (const uint32_t u : units) {
      if (stands_alone(units_[u])) calls.push_back(u);
    }
    std::optional<uint32_t> chain;  // the last unit of the chain that is being built
    TimeNs chain_end;
    for (const uint32_t u : units) {
      if (stands_alone(units_[u]) ||
          (rule.orphans_only && !units_[u].has_root && !units_[u].is_foreign)) {
        continue;
      }
      std::optional<uint32_t> nearest;
      for (const uint32_t call : calls) {
        if (units_[u].distance(units_[call]) > rule.gap_max) continue;
        if (!nearest || units_[u].distance(units_[call]) < units_[u].distance(units_[*nearest])) {
          nearest = call;
        }
      }
      if (nearest) {
        unite(u, *nearest);
        continue;
      }
      if (rule.orphans_only) continue;
      const bool is_next = chain && units_[u].first - chain_end <= rule.gap_max &&
                           (kind != KeyKind::kInstance || turns_rise(units_[*chain], units_[u]));
      if (is_next) unite(*chain, u);
      chain_end = is_next ? std::max(chain_end, units_[u].last) : units_[u].last;
      chain = u;
    }
  }

  static bool turns_rise(const Unit& before, const Unit& after) {
    return before.turn_index && after.turn_index && *before.turn_index < *after.turn_index;
  }

  uint32_t find(uint32_t u) const {
    while (group_[u] != u) u = group_[u];
    return u;
  }
  void unite(uint32_t a, uint32_t b) {
    if (units_[a].apart != units_[b].apart) return;
    a = find(a);
    b = find(b);
    group_[std::max(a, b)] = std::min(a, b);
  }

  // The call's own span, or else the first span that marks the group.
  SpanId anchor_of(uint32_t group) const {
    std::optional<uint32_t> head;
    for (uint32_t u = 0; u < units_.size(); ++u) {
      if (find(u) != group || !units_[u].head) continue;
      if (!head || (units_[u].has_call && !is_call_span(set_.facts[*head]))) head = units_[u].head;
    }
    return head ? set_.facts[*head].id : SpanId{};
  }

  const FactSet& set_;
  const SpanTree& tree_;
  std::vector<int32_t> heads_;                         // of each fact; -1 for none
  std::vector<std::vector<uint32_t>> calls_of_trace_;  // its outermost call spans
  bool has_foreign_ = false;
  std::vector<int32_t> unit_of_;  // of each fact; -1 for none
  std::vector<Unit> units_;
  std::vector<uint32_t> group_;  // union-find
};

}  // namespace

std::vector<CallFacts> partition(const FactSet& set, const SpanTree& tree) {
  std::vector<CallFacts> calls = Partition(set, tree).calls();
  CHECK(!calls.empty(), "facts make at least one call");
  return calls;
}

}  // namespace callscope::calls
