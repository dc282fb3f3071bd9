// The facts of one trace as they come in, in any order and more than once; or those of a report,
// which joins calls as a trace does.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "calls/fact.h"
#include "calls/joining.h"
#include "calls/names.h"
#include "calls/report_facts.h"
#include "model/facts.h"
#include "model/span.h"

namespace callscope::calls {

// Reads the words of a span: normalise::Classifier::texts.
using ReadTexts = std::function<model::SpanTexts(const model::Span&, const model::SpanFacts&)>;

// Words about the call as a whole, from the span that said them.
struct CallNotes {
  SpanId span;
  uint32_t trace = 0;  // index in FactSet::traces
  std::string end_reason;
  std::string direction, from, to, transport;
  std::vector<std::pair<std::string, std::string>> metadata;
};

// A tool use seen in the messages of a model call; each later call repeats it, so they are told
// apart by a hash of the use.
struct MentionedTool {
  uint64_t use = 0;
  TimeNs first;  // start of the earliest model call that mentions it
  NameId name = 0;
  uint32_t trace = 0;  // index in FactSet::traces
  bool is_answered = false;
  bool is_error = false;
};

// Not thread-safe.
class TraceFacts {
 public:
  TraceFacts(ProjectId project, TraceId id) : project_(project), id_(id) {}

  // Takes in a span and returns whether an earlier version of it was here, which it replaces. A
  // trace that has kFactsMax counts further spans and keeps no facts of them.
  bool record(const model::Span& span, const model::SpanFacts& facts, const ReadTexts& read_texts,
              const std::vector<std::string>& session_names);
  static constexpr size_t kFactsMax = 50'000;

  // Takes in a report, unless a later version of it is here. The trace is that of
  // store::trace_of_report and has no spans.
  void set_report(ReportFacts report);

  // Takes in the facts of the same trace read from the store. What is here already is newer and
  // stays.
  void merge(const TraceFacts& stored);

  ProjectId project() const { return project_; }
  const TraceId& id() const { return id_; }
  const NameTable& names() const { return names_; }
  const std::vector<JoinKey>& keys() const { return keys_; }
  const std::vector<CallNotes>& notes() const { return notes_; }
  const std::vector<MentionedTool>& mentioned_tools() const { return mentioned_tools_; }
  // Null for a trace of spans.
  const std::shared_ptr<const ReportFacts>& report() const { return report_; }
  bool is_empty() const { return size_ == 0 && !report_; }
  size_t size() const { return size_; }
  uint64_t passed_over() const { return passed_over_; }  // spans beyond kFactsMax
  bool has_call_span() const { return has_call_span_; }
  bool has_root() const { return has_root_; }  // an outermost span has come
  // From the first start to the last end, but for spans whose clock is far off.
  TimeNs first() const { return first_; }
  TimeNs last() const { return last_; }
  size_t bytes() const;

  const Fact& operator[](size_t i) const { return chunks_[i / kChunk][i % kChunk]; }

 private:
  static constexpr size_t kChunk = 16;
  static constexpr uint32_t kNone = UINT32_MAX;

  uint32_t find(const SpanId& id) const;
  bool store(const Fact& fact);
  void append(const Fact& fact);
  void index(uint32_t position);
  void note_extent(const Fact& fact);
  uint32_t read_words(const model::Span& span, const model::SpanFacts& facts,
                      const ReadTexts& read_texts);
  void note_call(const model::Span& span, model::SpanTexts&& texts);
  void note_tools(TimeNs start, const model::SpanTexts& texts);
  void note_tools(TimeNs start, const std::vector<model::Message>& messages);

  ProjectId project_;
  TraceId id_;
  NameTable names_;
  std::vector<std::unique_ptr<Fact[]>> chunks_;
  size_t size_ = 0;
  std::vector<uint32_t> slots_;  // positions by hash of span id, open addressing
  std::vector<JoinKey> keys_;
  std::vector<CallNotes> notes_;
  std::shared_ptr<const ReportFacts> report_;
  std::vector<MentionedTool> mentioned_tools_;
  uint64_t passed_over_ = 0;
  bool has_call_span_ = false;
  bool has_root_ = false;
  TimeNs first_, last_;
};

}  // namespace callscope::calls
