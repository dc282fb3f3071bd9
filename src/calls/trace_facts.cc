#include "calls/trace_facts.h"

#include <algorithm>
#include <array>

#include "normalise/runs_tools.h"
#include "normalise/tool_result.h"

namespace callscope::calls {
namespace {

using model::OpKind;

// Bounds on what one trace may make us keep besides its facts.
constexpr size_t kNotesMax = 64;
constexpr size_t kMentionedToolsMax = 1'000;

bool mentions_tools(std::string_view text) {
  // What the providers' formats have in common.
  constexpr std::array<std::string_view, 5> kWords = {"tool_call", "tool_use", "toolUse",
                                                      "function_call", "functionCall"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

bool mentions_tools(const model::Attributes& attributes) {
  return std::any_of(attributes.begin(), attributes.end(), [](const model::Attribute& attribute) {
    return mentions_tools(attribute.key) || mentions_tools(attribute.value.text);
  });
}

// Whether the messages of a model call may tell of a tool use that has no span. Reading them costs
// a hundred times as much.
bool may_tell_of_tools(const model::Span& span, const model::SpanFacts& facts) {
  if (normalise::runs_tools(facts.framework)) return false;
  if (facts.asks_tools || mentions_tools(span.attributes)) return true;
  return std::any_of(span.events.begin(), span.events.end(),
                     [](const model::Event& event) { return mentions_tools(event.attributes); });
}

uint64_t hash_of_use(const model::ToolMention& tool) {
  const std::hash<std::string_view> hash;
  if (!tool.call_id.empty()) return hash(tool.call_id);
  return hash(tool.name) * 31 + hash(tool.arguments);
}

bool says_nothing(const CallNotes& notes) {
  return notes.end_reason.empty() && notes.metadata.empty() && notes.direction.empty() &&
         notes.from.empty() && notes.to.empty() && notes.transport.empty();
}

}  // namespace

uint32_t TraceFacts::find(const SpanId& id) const {
  if (slots_.empty()) return kNone;
  const size_t mask = slots_.size() - 1;
  for (size_t slot = SpanIdHash()(id) & mask;; slot = (slot + 1) & mask) {
    if (slots_[slot] == kNone || is_same((*this)[slots_[slot]].id, id)) return slots_[slot];
  }
}

void TraceFacts::index(uint32_t position) {
  const size_t mask = slots_.size() - 1;
  size_t slot = SpanIdHash()((*this)[position].id) & mask;
  while (slots_[slot] != kNone) slot = (slot + 1) & mask;
  slots_[slot] = position;
}

void TraceFacts::append(const Fact& fact) {
  if (size_ % kChunk == 0) chunks_.push_back(std::make_unique_for_overwrite<Fact[]>(kChunk));
  chunks_[size_ / kChunk][size_ % kChunk] = fact;
  ++size_;
  if (size_ * 2 > slots_.size()) {
    slots_.assign(std::max<size_t>(32, slots_.size() * 2), kNone);
    for (uint32_t i = 0; i < size_; ++i) index(i);
  } else {
    index(static_cast<uint32_t>(size_ - 1));
  }
}

void TraceFacts::note_extent(const Fact& fact) {
  if (fact.kind == OpKind::kCall) has_call_span_ = true;
  if (fact.is_root()) has_root_ = true;
  if (fact.has(model::kClockFarOff)) return;
  if (!first_.is_set() || fact.start < first_) first_ = fact.start;
  last_ = std::max(last_, fact.end_or_start());
}

bool TraceFacts::store(const Fact& fact) {
  note_extent(fact);
  const uint32_t known = find(fact.id);
  if (known == kNone) {
    if (size_ == kFactsMax) {
      ++passed_over_;
    } else {
      append(fact);
    }
    return false;
  }
  Fact& old = chunks_[known / kChunk][known % kChunk];
  if (old.end.is_set() && !fact.end.is_set()) return true;  // an unfinished copy that came late
  const DurationNs apart = old.start < fact.start ? fact.start - old.start : old.start - fact.start;
  const bool is_other =
      old.kind != fact.kind || (apart > DurationNs::from_s(1) && !old.has(kProvisional));
  const uint32_t reused = is_other ? uint32_t{kIdReused} : old.bits & kIdReused;
  old = fact;
  old.bits |= reused;
  return true;
}

bool TraceFacts::record(const model::Span& span, const model::SpanFacts& facts,
                        const ReadTexts& read_texts,
                        const std::vector<std::string>& session_names) {
  if (size_ == 0) names_.reserve_for_call();
  Fact fact = make_fact(span, facts, names_);
  fact.bits |= read_words(span, facts, read_texts);
  collect_keys(span, facts, session_names, keys_);
  return store(fact);
}

// Reads the words of the few spans whose words matter to a call's summary. Returns bits for the
// fact.
uint32_t TraceFacts::read_words(const model::Span& span, const model::SpanFacts& facts,
                                const ReadTexts& read_texts) {
  switch (facts.kind) {
    case OpKind::kCall:
    case OpKind::kLifecycle:
      note_call(span, read_texts(span, facts));
      return 0;
    case OpKind::kUserTurn:
      return read_texts(span, facts).transcript.empty() ? 0u : uint32_t{kHasText};
    case OpKind::kAgentTurn:
      if (!facts.interrupted) return 0;
      return read_texts(span, facts).interrupted_by == "programmatic" ? uint32_t{kProgrammatic}
                                                                      : 0u;
    case OpKind::kWrapper:
      if (facts.rule != kRealtimeRequestRule) return 0;
      [[fallthrough]];
    case OpKind::kLlm:
    case OpKind::kS2s:
      if (may_tell_of_tools(span, facts))
        note_tools(span.start.is_set() ? span.start : span.end, read_texts(span, facts));
      return 0;
    default:
      return 0;
  }
}

void TraceFacts::note_call(const model::Span& span, model::SpanTexts&& texts) {
  CallNotes notes{.span = span.span_id,
                  .end_reason = std::move(texts.end_reason),
                  .direction = std::move(texts.direction),
                  .from = std::move(texts.from),
                  .to = std::move(texts.to),
                  .transport = std::move(texts.transport),
                  .metadata = std::move(texts.metadata)};
  const auto known = std::find_if(notes_.begin(), notes_.end(),
                                  [&](const CallNotes& other) { return other.span == notes.span; });
  if (known != notes_.end()) {
    *known = std::move(notes);
  } else if (!says_nothing(notes) && notes_.size() < kNotesMax) {
    notes_.push_back(std::move(notes));
  }
}

void TraceFacts::note_tools(TimeNs start, const model::SpanTexts& texts) {
  note_tools(start, texts.input);
  // What a request asks for comes after what it was told.
  note_tools(start + DurationNs{1}, texts.output);
}

void TraceFacts::note_tools(TimeNs start, const std::vector<model::Message>& messages) {
  for (const model::Message& message : messages) {
    for (const model::ToolMention& tool : message.tool_calls) {
      const uint64_t use = hash_of_use(tool);
      auto known = std::find_if(mentioned_tools_.begin(), mentioned_tools_.end(),
                                [&](const MentionedTool& other) { return other.use == use; });
      if (known == mentioned_tools_.end()) {
        if (mentioned_tools_.size() >= kMentionedToolsMax) continue;
        known = mentioned_tools_.insert(
            known, {.use = use, .first = start, .name = names_.add(tool.name)});
      }
      known->first = std::min(known->first, start);
      if (!tool.result || known->is_answered) continue;
      known->is_answered = true;
      known->is_error = !normalise::failure_in(*tool.result).empty();
    }
  }
}

void TraceFacts::set_report(ReportFacts report) {
  if (report_ && report_->revision > report.revision) return;
  for (const JoinKey& key : report.keys) {
    if (std::find(keys_.begin(), keys_.end(), key) == keys_.end()) keys_.push_back(key);
  }
  first_ = report.first;
  last_ = report.last;
  report_ = std::make_shared<const ReportFacts>(std::move(report));
}

void TraceFacts::merge(const TraceFacts& stored) {
  if (stored.report_) set_report(*stored.report_);
  const auto rename = [&](NameId& id) { id = names_.add(stored.names_.at(id)); };
  for (size_t i = 0; i < stored.size(); ++i) {
    Fact fact = stored[i];
    if (find(fact.id) != kNone) continue;
    for (NameId* id : {&fact.framework, &fact.version, &fact.rule, &fact.provider, &fact.model,
                       &fact.tool, &fact.session_key}) {
      rename(*id);
    }
    store(fact);
  }
  passed_over_ = std::max(passed_over_, stored.passed_over_);
  for (const JoinKey& key : stored.keys_) {
    if (std::find(keys_.begin(), keys_.end(), key) == keys_.end()) keys_.push_back(key);
  }
  for (const CallNotes& notes : stored.notes_) {
    const bool known = std::any_of(notes_.begin(), notes_.end(), [&](const CallNotes& other) {
      return other.span == notes.span;
    });
    if (!known) notes_.push_back(notes);
  }
  for (MentionedTool tool : stored.mentioned_tools_) {
    const auto known =
        std::find_if(mentioned_tools_.begin(), mentioned_tools_.end(),
                     [&](const MentionedTool& other) { return other.use == tool.use; });
    if (known != mentioned_tools_.end()) {
      known->first = std::min(known->first, tool.first);
      known->is_answered |= tool.is_answered;
      known->is_error |= tool.is_error;
      continue;
    }
    rename(tool.name);
    mentioned_tools_.push_back(tool);
  }
}

size_t TraceFacts::bytes() const {
  constexpr size_t kNotesBytes = 256;   // with their strings, about
  constexpr size_t kReportBytes = 800;  // likewise
  return sizeof(*this) + chunks_.size() * kChunk * sizeof(Fact) +
         slots_.capacity() * sizeof(uint32_t) + names_.bytes() +
         keys_.size() * (sizeof(JoinKey) + 40) + notes_.size() * kNotesBytes +
         mentioned_tools_.capacity() * sizeof(MentionedTool) + (report_ ? kReportBytes : 0);
}

}  // namespace callscope::calls
