#include "calls/fact_set.h"

#include <algorithm>
#include <tuple>

namespace callscope::calls {
namespace {

// What facts are sorted by, apart from the facts so that sorting moves little.
struct SortKey {
  TimeNs start;
  uint32_t trace;
  const Fact* fact;

  bool operator<(const SortKey& other) const {
    if (start != other.start) return start < other.start;
    if (trace != other.trace) return trace < other.trace;
    return fact->id < other.fact->id;
  }
};

// The ids that `table` gives to the names of a trace, by their id there.
std::vector<NameId> rename(const NameTable& names, NameTable& table) {
  std::vector<NameId> ids(names.last() + size_t{1});
  for (size_t i = 1; i < ids.size(); ++i) ids[i] = table.add(names.at(static_cast<NameId>(i)));
  return ids;
}

FactSet::KnownNames find_known(const NameTable& names) {
  return {.pipecat = names.find("pipecat"),
          .livekit = names.find("livekit"),
          .cekura = names.find("cekura"),
          .oi_pipecat = names.find("oi_pipecat"),
          .eou_wait = names.find("lk.eouw"),
          .tool_asked = names.find("pc.rt.tc"),
          .tool_answered = names.find("pc.rt.tr"),
          .realtime_request = names.find(kRealtimeRequestRule)};
}

void rename_all(Fact& fact, const std::vector<NameId>& ids) {
  for (NameId* id : {&fact.framework, &fact.version, &fact.rule, &fact.provider, &fact.model,
                     &fact.tool, &fact.session_key}) {
    *id = ids[*id];
  }
}

}  // namespace

FactSet make_fact_set(std::span<const TraceFacts* const> traces_in) {
  std::vector<const TraceFacts*> traces(traces_in.begin(), traces_in.end());
  std::sort(traces.begin(), traces.end(), [](const TraceFacts* a, const TraceFacts* b) {
    return std::tuple(a->first(), a->id()) < std::tuple(b->first(), b->id());
  });

  FactSet set;
  set.project = traces.front()->project();
  set.names = traces.front()->names();
  std::vector<SortKey> order;
  size_t size = 0;
  for (const TraceFacts* trace : traces) size += trace->size();
  order.reserve(size);
  std::vector<std::vector<NameId>> renamed;
  for (uint32_t t = 0; t < traces.size(); ++t) {
    const TraceFacts& trace = *traces[t];
    set.traces.push_back({trace.id(), trace.keys(), trace.passed_over(), trace.report()});
    for (size_t i = 0; i < trace.size(); ++i) order.push_back({trace[i].start, t, &trace[i]});
    // The set's names began as those of the first trace.
    renamed.push_back(t == 0 ? std::vector<NameId>() : rename(trace.names(), set.names));
    for (const CallNotes& notes : trace.notes()) {
      set.notes.push_back(notes);
      set.notes.back().trace = t;
    }
    for (MentionedTool tool : trace.mentioned_tools()) {
      if (t != 0) tool.name = renamed[t][tool.name];
      tool.trace = t;
      set.mentioned_tools.push_back(tool);
    }
  }
  // Both came in any order; facts are sorted below.
  std::sort(set.notes.begin(), set.notes.end(), [](const CallNotes& a, const CallNotes& b) {
    return std::tuple(a.trace, a.span) < std::tuple(b.trace, b.span);
  });
  std::sort(set.mentioned_tools.begin(), set.mentioned_tools.end(),
            [](const MentionedTool& a, const MentionedTool& b) {
              return std::tuple(a.trace, a.use) < std::tuple(b.trace, b.use);
            });

  set.known = find_known(set.names);

  std::sort(order.begin(), order.end());
  set.facts.reserve(order.size());
  for (const SortKey& key : order) {
    Fact& fact = set.facts.emplace_back(*key.fact);
    fact.trace = key.trace;
    if (key.trace != 0) rename_all(fact, renamed[key.trace]);
  }
  return set;
}

}  // namespace callscope::calls
