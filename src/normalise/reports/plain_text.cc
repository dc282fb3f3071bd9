// A transcript that is one text.
#include "normalise/reports/dialects.h"

namespace callscope::normalise::reports {
namespace {

struct Line {
  Speaker speaker = Speaker::kUnknown;
  std::optional<Moment> start;
  std::string_view text;
};

Line read_line(std::string_view line) {
  Line out{.speaker = Speaker::kUnknown, .start = {}, .text = line};
  std::string_view rest = line;
  if (rest.starts_with('[')) {
    const size_t end = rest.find(']');
    if (end == std::string_view::npos) return out;
    const std::string_view stamp = rest.substr(1, end - 1);
    // Perhaps "[00:01 - 00:03]".
    const std::string_view first = trimmed(stamp.substr(0, stamp.find(" -")));
    out.start = moment_of(json::value(json::string_view(first.data(), first.size())));
    rest = trimmed(rest.substr(end + 1));
  }
  const size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return out;
  const Speaker speaker = speaker_of(trimmed(rest.substr(0, colon)));
  if (speaker != Speaker::kCaller && speaker != Speaker::kAgent && speaker != Speaker::kSystem)
    return out;
  out.speaker = speaker;
  out.text = trimmed(rest.substr(colon + 1));
  return out;
}

}  // namespace

void read_plain_text(std::string_view text, Drafts& drafts) {
  drafts.dialect = "text";
  size_t index = 0;
  bool names_speakers = false;
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    const std::string_view line = trimmed(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (line.empty()) continue;
    const Line read = read_line(line);
    if (read.speaker == Speaker::kUnknown) {
      if (names_speakers) {  // what was said goes on
        std::string& said = drafts.entries.back().utterance.text;
        if (!said.empty()) said += '\n';
        said += line;
        continue;
      }
    } else if (!names_speakers) {
      names_speakers = true;
    }
    Draft& draft = drafts.entries.emplace_back();
    draft.index = index++;
    draft.utterance.role = read.speaker == Speaker::kCaller  ? model::Role::kCaller
                           : read.speaker == Speaker::kAgent ? model::Role::kAgent
                                                             : model::Role::kSystem;
    draft.utterance.text = read.text;
    if (read.speaker != Speaker::kUnknown) draft.start = read.start;
  }
  std::erase_if(drafts.entries, [&](const Draft& draft) {
    if (!draft.utterance.text.empty()) return false;
    drafts.note(draft.index, "", "Nothing is said behind the speaker's name.");
    return true;
  });
  if (!names_speakers && !drafts.entries.empty()) {
    drafts.entries.resize(1);
    drafts.entries.front().utterance.text = trimmed(text);
    drafts.notes.add(
        drafts.field,
        "No line says who speaks, such as \"Agent: …\" or \"User: …\"; kept whole as a "
        "text of the system.");
  }
}

}  // namespace callscope::normalise::reports
