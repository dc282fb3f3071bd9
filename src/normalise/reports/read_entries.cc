// An entry of a transcript by the table of its dialect.
#include <fmt/format.h>

#include <algorithm>

#include "normalise/reports/dialects.h"
#include "normalise/reports/waits.h"

namespace callscope::normalise::reports {
namespace {

using model::Role;

// How well an entry was read: what counts is who said what, then when.
constexpr size_t kUnderstood = 4;
constexpr size_t kTextOnly = 1;
constexpr size_t kTimed = 1;

void append_line(std::string& out, std::string_view text) {
  if (text.empty()) return;
  if (!out.empty()) out += '\n';
  out += text;
}

// A text, a list of texts and parts, or an object around a text. Pictures and sounds have none.
std::string spoken_text(const json::value* value, int depth = 0) {
  if (value == nullptr || depth > 4) return {};
  if (value->is_string()) return std::string(string_of(value));
  if (value->is_number()) return as_text(value);
  std::string out;
  if (const json::array* parts = array_of(value)) {
    for (const json::value& part : *parts) append_line(out, spoken_text(&part, depth + 1));
  } else if (const json::object* part = object_of(value)) {
    const std::string_view type = string_of(part->if_contains("type"));
    if (type == "tool_use" || type == "tool_result") return {};
    out = spoken_text(first_of(*part, {"text", "transcript", "content", "data"}), depth + 1);
  }
  return out;
}

struct Words {
  std::string text;
  std::optional<Moment> start, end;
  std::optional<double> confidence;
};

Words join_words(const json::array& words) {
  Words out;
  double confidence = 0;
  size_t counted = 0;
  for (const json::value& each : words) {
    const json::object* word = object_of(&each);
    if (word == nullptr) continue;
    const std::string text(trimmed(text_of(*word, {"punctuated_word", "word", "text"})));
    if (!text.empty()) {
      if (!out.text.empty()) out.text += ' ';
      out.text += text;
    }
    const json::value* start = member(*word, "start");
    const json::value* end = member(*word, "end");
    if (start != nullptr && !out.start) out.start = moment_of(*start, Unit::kSeconds);
    if (end != nullptr) {
      if (auto moment = moment_of(*end, Unit::kSeconds)) out.end = moment;
    }
    if (const auto sure = number_of(word->if_contains("confidence"))) {
      confidence += *sure;
      ++counted;
    }
  }
  if (counted > 0) out.confidence = confidence / static_cast<double>(counted);
  return out;
}

class EntryReader {
 public:
  EntryReader(const Dialect& dialect, Drafts& drafts) : dialect_(dialect), drafts_(drafts) {}

  void read(const json::value& value, size_t index) {
    index_ = index;
    if (value.is_string()) return read_line(string_of(&value));
    const json::object* entry = object_of(&value);
    if (entry == nullptr) {
      return note(
          "", fmt::format("Expected an object, found {}.", json::serialize(value).substr(0, 100)));
    }
    find_speaker(*entry);
    if (speaker_ == Speaker::kNothing) {
      drafts_.score += kUnderstood;
      return;
    }
    read_times(*entry);
    const ToolTalk tools = tools_in(*entry, speaker_);
    if (speaker_ != Speaker::kToolCall && speaker_ != Speaker::kToolResult)
      add_speech(*entry, !tools.empty());
    add_tools(*entry, tools);
  }

 private:
  void note(std::string_view member, std::string message) {
    drafts_.note(index_, member, std::move(message));
  }

  Draft& add(Role role) {
    Draft& draft = drafts_.entries.emplace_back();
    draft.utterance.role = role;
    draft.index = index_;
    draft.start = start_;
    draft.end = end_;
    draft.length = length_;
    return draft;
  }

  void read_line(std::string_view text) {
    start_ = end_ = std::nullopt;
    length_ = std::nullopt;
    const size_t colon = text.find(':');
    const Speaker speaker =
        colon == std::string_view::npos ? Speaker::kUnknown : speaker_of(text.substr(0, colon));
    const std::string_view said = trimmed(text.substr(colon + 1));
    if ((speaker == Speaker::kCaller || speaker == Speaker::kAgent) && !said.empty()) {
      add(speaker == Speaker::kCaller ? Role::kCaller : Role::kAgent).utterance.text = said;
      drafts_.score += kUnderstood;
      return;
    }
    if (trimmed(text).empty()) return note("", "The text is empty.");
    add(Role::kSystem).utterance.text = trimmed(text);
    drafts_.score += kTextOnly;
    note("", "Expected an object that says who speaks; kept as a text of the system.");
  }

  void find_speaker(const json::object& entry) {
    speaker_ = Speaker::kUnknown;
    role_member_ = {};
    role_ = {};
    for (const std::string_view name : dialect_.role) {
      const std::string_view role = string_of(entry.if_contains(name));
      if (role.empty()) continue;
      const Speaker speaker = speaker_of(role);
      if (role_member_.empty() || speaker != Speaker::kUnknown) {
        role_member_ = name;
        role_ = role;
      }
      speaker_ = speaker;
      if (speaker != Speaker::kUnknown) return;
    }
  }

  std::optional<Moment> moment(const json::object& entry, std::span<const TimeMember> members) {
    for (const TimeMember& each : members) {
      const json::value* value = member(entry, each.name);
      if (value == nullptr) continue;
      if (auto moment = moment_of(*value, each.unit)) return moment;
      note(each.name, fmt::format("\"{}\" is no time of a call; the entry is kept without it.",
                                  as_text(value).substr(0, 60)));
    }
    return std::nullopt;
  }

  void read_times(const json::object& entry) {
    length_ = std::nullopt;
    start_ = moment(entry, dialect_.start);
    end_ = moment(entry, dialect_.end);
    if (const auto length = moment(entry, dialect_.length); length && !length->is_absolute())
      length_ = length->offset(Unit::kMilliseconds);
    read_clock(entry);
    // LiveKit's own measurements of the speech are better than when the message was made.
    if (const json::object* metrics = object_in(entry, "metrics")) {
      const json::value* started = member(*metrics, "started_speaking_at");
      const json::value* stopped = member(*metrics, "stopped_speaking_at");
      if (const auto at = started == nullptr ? std::nullopt : moment_of(*started)) start_ = at;
      if (const auto at = stopped == nullptr ? std::nullopt : moment_of(*stopped)) end_ = at;
    }
    if (start_ && !start_->is_absolute() && end_ && end_->is_absolute()) end_ = std::nullopt;
  }

  // Of times of the clock beside times of the call only the length is taken, and what they say of
  // the call's start.
  void read_clock(const json::object& entry) {
    if (dialect_.clock_start.empty() || !start_ || start_->is_absolute()) return;
    const json::value* clock_start = member(entry, dialect_.clock_start);
    const json::value* clock_end = member(entry, dialect_.clock_end);
    const auto from = clock_start == nullptr ? std::nullopt : time_of(*clock_start);
    const auto to = clock_end == nullptr ? std::nullopt : time_of(*clock_end);
    if (from && to && *to >= *from) length_ = *to - *from;
    if (from && !drafts_.zero.is_set()) drafts_.zero = *from - start_->offset(Unit::kSeconds);
  }

  void add_speech(const json::object& entry, bool has_tools) {
    std::string text;
    for (const std::string_view name : dialect_.text) {
      if (name == role_member_) continue;
      text = trimmed(spoken_text(entry.if_contains(name)));
      if (!text.empty()) break;
    }
    Words words;
    if (const json::array* list = array_in(entry, "words")) words = join_words(*list);
    if (text.empty()) text = words.text;
    if (text.empty() && string_of(entry.if_contains("type")) == "agent_handoff") {
      text = "Hand-off to " + text_of(entry, "new_agent_id");
      speaker_ = Speaker::kSystem;
    }
    std::string generated(
        trimmed(as_text(first_of(entry, {"generated_text", "original_message"}))));
    if (text.empty() && generated.empty()) {
      if (!has_tools) note_empty(entry);
      return;
    }
    // Pipecat tells the result of a slow tool in a message to the model, which nobody spoke.
    if (has_tools && speaker_ == Speaker::kSystem) return;
    if (speaker_ == Speaker::kUnknown) {
      drafts_.score += kTextOnly;
      note(role_member_.empty() ? "role" : role_member_,
           role_member_.empty()
               ? std::string("Nothing says who speaks; kept as a text of the system.")
               : fmt::format("\"{}\" is no known speaker; kept as a text of the system.",
                             role_.substr(0, 60)));
    } else {
      drafts_.score += kUnderstood;
    }
    Draft& draft = add(speaker_ == Speaker::kCaller  ? Role::kCaller
                       : speaker_ == Speaker::kAgent ? Role::kAgent
                                                     : Role::kSystem);
    if (!draft.start) draft.start = words.start;
    if (!draft.end && !draft.length) draft.end = words.end;
    if (draft.start) drafts_.score += kTimed;
    draft.utterance.text = std::move(text);
    if (generated != draft.utterance.text) draft.utterance.generated_text = std::move(generated);
    draft.utterance.interrupted = flag_of(member(entry, "interrupted"));
    draft.utterance.wait = wait_in(entry);
    auto confidence = number_of(first_of(entry, {"confidence", "transcript_confidence"}));
    if (!confidence) confidence = words.confidence;
    if (confidence && *confidence >= 0 && *confidence <= 1) draft.utterance.confidence = confidence;
  }

  void note_empty(const json::object& entry) {
    std::string members;
    for (const auto& each : entry) {
      if (members.size() > 80) break;
      if (!members.empty()) members += ", ";
      members += std::string_view(each.key().data(), std::min<size_t>(each.key().size(), 40));
    }
    const std::string_view expected = dialect_.text.front();
    note("", fmt::format("Nothing is said: expected a text in \"{}\", found {}.", expected,
                         members.empty() ? "no members" : members));
  }

  void add_tools(const json::object& entry, const ToolTalk& tools) {
    for (const model::ReportedTool& call : tools.calls) {
      drafts_.score += kUnderstood;
      if (drafts_.tools.known(call)) continue;  // the same message again
      Draft& draft = add(Role::kTool);
      if (draft.start) drafts_.score += kTimed;
      draft.utterance.tool = call;
      draft.end = std::nullopt;
      draft.length = std::nullopt;
      draft.is_tool_time_own = !dialect_.tool_times_are_turns;
      drafts_.tools.add(call, drafts_.entries.size() - 1);
    }
    for (const ToolResult& result : tools.results) {
      drafts_.score += kUnderstood;
      answer(entry, result);
    }
    if (tools.empty() && (speaker_ == Speaker::kToolCall || speaker_ == Speaker::kToolResult))
      note_empty(entry);
  }

  void answer(const json::object& entry, const ToolResult& result) {
    const auto known = drafts_.tools.answered_by(result);
    if (!known) {
      Draft& draft = add(Role::kTool);
      model::ReportedTool tool;
      tool.id = result.id;
      tool.name = result.name;
      draft.utterance.tool = tool;
      draft.is_tool_time_own = !dialect_.tool_times_are_turns;
      drafts_.tools.add(tool, drafts_.entries.size() - 1);
      drafts_.tools.answered_by(result);
    }
    Draft& draft = drafts_.entries[known.value_or(drafts_.entries.size() - 1)];
    model::ReportedTool& tool = *draft.utterance.tool;
    if (tool.name.empty()) tool.name = result.name;
    if (!result.result && !result.is_error) return;  // it runs
    tool.result = result.result;
    tool.is_error = result.is_error;
    tool.error = result.error;
    tool.duration_us = result.duration_us;
    // Where a sender knows how long the tool took, its times are the tool's own.
    if (member(entry, "duration_ms") != nullptr) draft.is_tool_time_own = true;
    draft.end = end_ ? end_ : start_;
    if (tool.duration_us && !draft.is_tool_time_own)
      draft.length = DurationNs::from_us(*tool.duration_us);
  }

  const Dialect& dialect_;
  Drafts& drafts_;
  size_t index_ = 0;
  Speaker speaker_ = Speaker::kUnknown;
  std::string_view role_member_, role_;
  std::optional<Moment> start_, end_;
  std::optional<DurationNs> length_;
};

}  // namespace

void read_entries(const Dialect& dialect, const json::array& entries, Drafts& drafts) {
  drafts.dialect = dialect.name;
  drafts.entries.reserve(entries.size());
  EntryReader reader(dialect, drafts);
  for (size_t i = 0; i < entries.size(); ++i) reader.read(entries[i], i);
}

}  // namespace callscope::normalise::reports
