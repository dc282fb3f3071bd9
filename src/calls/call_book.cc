#include "calls/call_book.h"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "calls/call_ids.h"
#include "calls/derive.h"

namespace callscope::calls {
namespace {

// Memory may pass its limit by a quarter before unsaved traces are shed: a save is cheaper than
// reading them again.
size_t shed_limit(size_t bytes_max) { return bytes_max + bytes_max / 4; }

KnownCall known_of(const model::CallSummary& call) {
  return {.id = call.id,
          .anchor = call.anchor,
          .traces = links_of(call),
          .span_count = call.span_count};
}

}  // namespace

// What one save works on.
struct CallBook::Round {
  struct NameToAsk {
    TraceKey trace;
    std::string name;
    TimeNs from, to;
  };
  struct FoundCall {
    ProjectId project = 0;
    KnownCall call;
  };
  // The summaries of a group are summaries[begin … end).
  struct Slice {
    TraceGroup* group;
    size_t begin, end;
  };

  std::vector<ActiveTrace*> dirty;   // pinned
  std::vector<ActiveTrace*> loaded;  // pinned
  std::vector<TraceKey> shed;        // to be read again
  std::vector<TraceKey> to_ask;
  std::vector<NameToAsk> names_to_ask;
  std::vector<FoundCall> found;
  std::vector<Slice> slices;
  std::vector<model::CallSummary> summaries;
  std::vector<MergedCall> merged;
};

CallBook::CallBook(CallDirectory& directory, SpanSource source, const Prices& prices,
                   CallBookOptions options)
    : directory_(directory),
      source_(std::move(source)),
      options_(std::move(options)),
      save_prices_(prices),
      prices_(prices),
      shed_above_(shed_limit(options_.bytes_max)) {}

CallBook::~CallBook() = default;

bool CallBook::on_span(const model::Span& span, model::SpanFacts& facts) {
  const std::lock_guard lock(mutex_);
  prices_.complete(span.project, facts, span.start.is_set() ? span.start : span.received);
  ActiveTrace& trace = active_.find_or_add({span.project, span.trace_id});
  const bool has_replaced = trace.facts.record(span, facts, source_.texts, options_.session_names);
  active_.mark_dirty(trace);
  ++unsaved_spans_;
  constexpr size_t kAccountEvery = 16;
  if (trace.facts.size() % kAccountEvery != 1 || has_replaced) return has_replaced;
  active_.account(trace);
  if (active_.bytes() <= shed_above_) return has_replaced;
  const size_t before = shed_.size();
  active_.evict(options_.bytes_max / 4 * 3, &shed_);
  numbers_.shed += shed_.size() - before;
  // Where all that is left is being saved, wait for some more before looking again.
  shed_above_ = std::max(shed_limit(options_.bytes_max), active_.bytes() + options_.bytes_max / 8);
  return has_replaced;
}

void CallBook::on_report(ProjectId project, ReportFacts report) {
  const std::lock_guard lock(mutex_);
  ActiveTrace& trace = active_.find_or_add({project, store::trace_of_report(report.id)});
  trace.facts.set_report(std::move(report));
  active_.mark_dirty(trace);
  active_.account(trace);
}

Result<void> CallBook::save() {
  const std::lock_guard saving(save_mutex_);
  Round round;
  {
    const std::lock_guard lock(mutex_);
    for (const TraceKey& key : revisited_) {
      active_.forget(key);
      shed_.push_back(key);
    }
    revisited_.clear();
    round.dirty = active_.take_dirty();
    unsaved_spans_ = 0;
    round.shed.swap(shed_);
  }
  if (round.dirty.empty() && round.shed.empty()) return {};

  const auto run = [&]() -> Result<void> {
    TRY(read_shed_again(round));
    join_in_memory(round);
    TRY(ask_catalog(round));
    add_known_calls(round);
    TRY(derive_groups(round));
    return directory_.save(round.summaries, round.merged);
  };
  Result<void> saved = run();
  finish(round, saved.has_value());
  if (saved && options_.on_saved) options_.on_saved(round.summaries);
  return saved;
}

Result<void> CallBook::read_shed_again(Round& round) {
  while (!round.shed.empty()) {
    TRY(read_from_store(round, round.shed.back()));
    round.shed.pop_back();
  }
  return {};
}

// Reads a trace from the store and adds what memory lacks of it.
Result<void> CallBook::read_from_store(Round& round, const TraceKey& key) {
  TraceFacts stored(key.project, key.trace);
  if (const auto report = store::report_of_trace(key.trace)) {
    const auto loaded = TRY(source_.load_report(key.project, *report));
    if (!loaded) return {};  // deleted meanwhile
    stored.set_report(summarise(loaded->saved, loaded->report));
    keep(round, key, std::move(stored));
    return {};
  }
  const auto batch = TRY(source_.load(key.project, key.trace));
  if (batch->spans.empty()) return {};  // deleted meanwhile, or named by a report only
  PriceCache& prices = save_prices_;
  for (const model::Span& span : batch->spans) {
    model::SpanFacts facts;
    source_.classify(span, facts);
    prices.complete(span.project, facts, span.start.is_set() ? span.start : span.received);
    stored.record(span, facts, source_.texts, options_.session_names);
  }
  keep(round, key, std::move(stored));
  return {};
}

void CallBook::keep(Round& round, const TraceKey& key, TraceFacts stored) {
  const std::lock_guard lock(mutex_);
  ActiveTrace& trace = active_.find_or_add(key);
  if (trace.facts.is_empty())
    trace.facts = std::move(stored);
  else
    trace.facts.merge(stored);
  active_.account(trace);
  trace.is_pinned = true;
  round.loaded.push_back(&trace);
  ++numbers_.reloads;
}

void CallBook::join_in_memory(Round& round) {
  const std::lock_guard lock(mutex_);
  for (const auto* traces : {&round.dirty, &round.loaded}) {
    for (ActiveTrace* trace : *traces) {
      active_.account(*trace);
      if (!trace->is_resolved) round.to_ask.push_back(trace->key());
      for (const TraceKey& key : active_.join_by_reports(*trace)) round.to_ask.push_back(key);
      for (JoinKey& key : active_.join_by_new_keys(*trace)) {
        const DurationNs gap = join_rule(key.kind).gap_max;
        round.names_to_ask.push_back({trace->key(), std::move(key.value),
                                      trace->facts.first() - gap, trace->facts.last() + gap});
      }
    }
  }
}

// Finds the saved calls that the traces belong to and reads into memory what they are made of. A
// call may have further traces and those further calls, so this goes on until there is nothing new;
// a few steps reach everything but a chain made on purpose.
Result<void> CallBook::ask_catalog(Round& round) {
  std::unordered_set<CallId> known;
  std::unordered_set<TraceKey, TraceKeyHash> read;
  constexpr int kStepsMax = 4;
  for (int step = 0; step < kStepsMax && !(round.to_ask.empty() && round.names_to_ask.empty());
       ++step) {
    std::vector<Round::FoundCall> found;
    std::map<ProjectId, std::vector<TraceId>> by_project;
    for (const TraceKey& key : round.to_ask) by_project[key.project].push_back(key.trace);
    for (const auto& [project, traces] : by_project) {
      for (KnownCall& call : TRY(directory_.find_by_traces(project, traces))) {
        found.push_back({project, std::move(call)});
      }
    }
    for (const Round::NameToAsk& ask : round.names_to_ask) {
      for (KnownCall& call :
           TRY(directory_.find_by_name(ask.trace.project, ask.name, ask.from, ask.to))) {
        found.push_back({ask.trace.project, std::move(call)});
      }
    }
    round.to_ask.clear();
    round.names_to_ask.clear();

    for (Round::FoundCall& candidate : found) {
      if (!known.insert(candidate.call.id).second) continue;
      for (const TraceId& id : candidate.call.traces) {
        const TraceKey key{candidate.project, id};
        if (!read.insert(key).second) continue;
        bool is_complete = false;
        {
          const std::lock_guard lock(mutex_);
          const ActiveTrace* trace = active_.find(key);
          // After a restart the log brings all of an unflushed call again: nothing to read then.
          is_complete =
              trace && (trace->is_resolved || (candidate.call.traces.size() == 1 &&
                                               trace->facts.size() >= candidate.call.span_count));
          if (!trace) round.to_ask.push_back(key);
        }
        if (!is_complete) TRY(read_from_store(round, key));
      }
      round.found.push_back(std::move(candidate));
    }
  }
  return {};
}

void CallBook::add_known_calls(Round& round) {
  const std::lock_guard lock(mutex_);
  for (ActiveTrace* trace : round.loaded) {
    active_.join_by_reports(*trace);
    active_.join_by_new_keys(*trace);
  }
  for (Round::FoundCall& found : round.found) {
    ActiveTrace* first = nullptr;
    for (const TraceId& id : found.call.traces) {
      ActiveTrace* trace = active_.find({found.project, id});
      if (!trace) continue;
      trace->is_resolved = true;
      if (first)
        active_.join(*first, *trace);
      else
        first = trace;
    }
    if (!first) continue;
    std::vector<KnownCall>& calls = active_.group_of(*first).calls;
    const bool is_known = std::any_of(calls.begin(), calls.end(), [&](const KnownCall& call) {
      return call.id == found.call.id;
    });
    if (!is_known) calls.push_back(std::move(found.call));
  }
  for (ActiveTrace* trace : round.dirty) trace->is_resolved = true;
  for (ActiveTrace* trace : round.loaded) trace->is_resolved = true;
}

Result<void> CallBook::derive_groups(Round& round) {
  std::vector<TraceGroup*> groups;
  {
    const std::lock_guard lock(mutex_);
    std::unordered_set<TraceGroup*> seen;
    for (const auto* traces : {&round.dirty, &round.loaded}) {
      for (ActiveTrace* trace : *traces) {
        if (seen.insert(&active_.group_of(*trace)).second) groups.push_back(trace->group);
      }
    }
  }
  for (TraceGroup* group : groups) {
    FactSet set;
    {
      const std::lock_guard lock(mutex_);
      std::vector<const TraceFacts*> traces;
      for (const ActiveTrace* trace : group->traces) {
        if (!trace->facts.is_empty()) traces.push_back(&trace->facts);
      }
      if (traces.empty()) continue;
      set = make_fact_set(traces);
    }
    const SpanTree tree(set);
    const size_t begin = round.summaries.size();
    for (const CallFacts& call : partition(set, tree)) {
      round.summaries.push_back(derive(set, tree, call, save_prices_).summary);
    }
    const std::span<model::CallSummary> calls = std::span(round.summaries).subspan(begin);
    for (const MergedCall& merged : match_ids(calls, group->calls)) round.merged.push_back(merged);
    round.slices.push_back({group, begin, round.summaries.size()});
  }
  return {};
}

void CallBook::finish(Round& round, bool is_saved) {
  const std::lock_guard lock(mutex_);
  for (const Round::Slice& slice : round.slices) {
    const std::span<const model::CallSummary> calls =
        std::span(round.summaries).subspan(slice.begin, slice.end - slice.begin);
    // A save that failed may have come as far as new calls of this group, which have an id then.
    const bool is_new_there =
        slice.group->calls.empty() &&
        std::all_of(calls.begin(), calls.end(), [](const auto& call) { return call.id != 0; });
    if (!is_saved && !is_new_there) continue;
    slice.group->calls.clear();
    for (size_t i = slice.begin; i < slice.end; ++i) {
      slice.group->calls.push_back(known_of(round.summaries[i]));
    }
  }
  for (const auto* traces : {&round.dirty, &round.loaded}) {
    for (ActiveTrace* trace : *traces) {
      trace->is_pinned = false;
      if (!is_saved) active_.mark_dirty(*trace);
    }
  }
  shed_.insert(shed_.end(), round.shed.begin(), round.shed.end());
  active_.evict(options_.bytes_max, nullptr);
  shed_above_ = shed_limit(options_.bytes_max);
}

bool CallBook::is_save_urgent() const {
  const std::lock_guard lock(mutex_);
  return unsaved_spans_ * sizeof(Fact) > options_.bytes_max / 2;
}

void CallBook::revisit(ProjectId project, const TraceId& trace) {
  const std::lock_guard lock(mutex_);
  revisited_.insert({project, trace});
}

void CallBook::forget(ProjectId project, const TraceId& trace) {
  const std::lock_guard saving(save_mutex_);
  const std::lock_guard lock(mutex_);
  active_.forget({project, trace});
  std::erase(shed_, TraceKey{project, trace});
  revisited_.erase({project, trace});
}

CallBook::Numbers CallBook::numbers() const {
  const std::lock_guard lock(mutex_);
  Numbers numbers = numbers_;
  numbers.traces = active_.size();
  numbers.bytes = active_.bytes();
  return numbers;
}

}  // namespace callscope::calls
