#include "normalise/reports/transcript.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "normalise/reports/dialects.h"

namespace callscope::normalise::reports {
namespace {

using model::Role;

// ---- the list within what was sent ----

struct Found {
  const json::value* value;
  std::string field;
};

// Senders put the list into objects of many names, as their own API answered with it.
Found find_list(const json::value* value, std::string field) {
  constexpr std::array<std::string_view, 14> kAround = {
      "items",        "messages",        "transcript", "transcripts", "transcript_object",
      "utterances",   "segments",        "entries",    "turns",       "conversation",
      "chat_history", "transcript_json", "data",       "history"};
  for (int depth = 0; depth < 4; ++depth) {
    const json::object* object = object_of(value);
    if (object == nullptr || is_deepgram(*value)) break;
    const json::value* inner = nullptr;
    for (const std::string_view name : kAround) {
      inner = member(*object, name);
      if (inner == nullptr || !(inner->is_structured() || inner->is_string())) continue;
      field += "." + std::string(name);
      break;
    }
    if (inner == nullptr || !(inner->is_structured() || inner->is_string())) break;
    value = inner;
  }
  return {value, std::move(field)};
}

// ---- one reading of the list ----

std::string_view known_type(std::string_view type) {
  constexpr std::array<std::string_view, 2> kOthers = {"deepgram", "none-mono"};
  if (const Dialect* dialect = dialect_named(type)) return dialect->name;
  const auto* found = std::find(kOthers.begin(), kOthers.end(), type);
  return found == kOthers.end() ? std::string_view() : *found;
}

Drafts read_as_detected(const json::array& list, std::string_view field,
                        const ReportLimits& limits) {
  Drafts drafts(field, limits);
  read_entries(detect(list), list, drafts);
  return drafts;
}

Drafts read_list(const Found& found, std::string_view stated, const TranscriptSource& source,
                 const ReportLimits& limits) {
  const bool looks_like_deepgram = is_deepgram(*found.value);
  const json::array* list = array_of(found.value);
  const Dialect* dialect = stated == "plain" ? nullptr : dialect_named(stated);
  const auto deepgram = [&] {
    Drafts drafts(found.field, limits);
    read_deepgram(*found.value, source.agent_channel, drafts);
    return drafts;
  };
  if (list == nullptr) return deepgram();
  if (dialect == nullptr && stated != "deepgram")
    return looks_like_deepgram ? deepgram() : read_as_detected(*list, found.field, limits);

  Drafts as_stated(found.field, limits);
  if (dialect != nullptr) {
    read_entries(*dialect, *list, as_stated);
    // Nothing reads better than everything.
    if (as_stated.score >= list->size() * 5) return as_stated;
  } else {
    as_stated = deepgram();
  }
  if (looks_like_deepgram && dialect == nullptr) return as_stated;
  Drafts other = looks_like_deepgram ? deepgram() : read_as_detected(*list, found.field, limits);
  if (other.score <= as_stated.score) return as_stated;
  other.notes.add(
      "transcript_type",
      fmt::format("The entries are not in the form of \"{}\"; they were read as \"{}\".", stated,
                  other.dialect));
  return other;
}

// ---- times ----

// Seconds, unless the numbers would have everybody speak a thousand times too slowly.
Unit unit_of(const std::vector<Draft>& drafts) {
  double first = 0, last = 0, spoken = 0, chars_spoken = 0, chars = 0;
  bool any = false;
  const auto is_open = [](const std::optional<Moment>& moment) {
    return moment && !moment->is_absolute() && moment->unit == Unit::kUnknown;
  };
  for (const Draft& draft : drafts) {
    if (!is_open(draft.start)) continue;
    const double start = draft.start->count;
    first = any ? std::min(first, start) : start;
    last = any ? std::max(last, start) : start;
    any = true;
    chars += static_cast<double>(draft.utterance.text.size());
    if (is_open(draft.end) && draft.end->count > start && !draft.utterance.text.empty()) {
      last = std::max(last, draft.end->count);
      spoken += draft.end->count - start;
      chars_spoken += static_cast<double>(draft.utterance.text.size());
    }
  }
  // People speak about 15 characters a second; the bounds lie between that and a thousandth of it.
  constexpr double kSlowestSpeech = 0.4, kSlowestCall = 0.04, kShortest = 1'000;
  if (last < kShortest) return Unit::kSeconds;
  if (spoken > 0)
    return chars_spoken / spoken < kSlowestSpeech ? Unit::kMilliseconds : Unit::kSeconds;
  return last > first && chars / (last - first) < kSlowestCall ? Unit::kMilliseconds
                                                               : Unit::kSeconds;
}

class Settling {
 public:
  Settling(Drafts& drafts, Reading& reading)
      : drafts_(drafts), reading_(reading), unit_(unit_of(drafts.entries)) {}

  void run() {
    settle_zero();
    for (Draft& draft : drafts_.entries) settle(draft);
  }

 private:
  bool is_absurd(DurationNs offset) const {
    return offset > reading_.limits.call_max || offset < DurationNs::from_s(-3'600);
  }

  // Where the clock's times lie all far from the stated start, the start is what is wrong.
  void settle_zero() {
    TimeNs first;
    bool any_fits = false;
    TimeNs& zero = reading_.report.zero;
    for (const Draft& draft : drafts_.entries) {
      for (const auto& moment : {draft.start, draft.end}) {
        if (!moment || !moment->is_absolute()) continue;
        if (!first.is_set() || moment->at < first) first = moment->at;
        any_fits = any_fits || (zero.is_set() && !is_absurd(moment->at - zero));
      }
    }
    if (!zero.is_set()) zero = drafts_.zero;
    if (!first.is_set()) return;
    if (!zero.is_set()) {
      zero = first;
    } else if (!any_fits && is_absurd(first - zero)) {
      drafts_.notes.add(drafts_.field,
                        fmt::format("All times lie far from the call's start, {}: the transcript "
                                    "is placed by its own, from {}.",
                                    to_rfc3339(zero), to_rfc3339(first)));
      zero = first;
    }
  }

  std::optional<DurationNs> offset(const Draft& draft, const std::optional<Moment>& moment,
                                   std::string_view which) {
    if (!moment) return std::nullopt;
    const DurationNs offset =
        moment->is_absolute() ? moment->at - reading_.report.zero : moment->offset(unit_);
    if (!is_absurd(offset)) return offset;
    drafts_.note(draft.index, which,
                 fmt::format("{:.3f} s from the start of the call is no time of a call; the entry "
                             "is kept without it.",
                             offset.seconds()));
    return std::nullopt;
  }

  void settle(Draft& draft) {
    model::Utterance& entry = draft.utterance;
    entry.start = offset(draft, draft.start, "start");
    const bool is_of_turn = entry.tool && !draft.is_tool_time_own;
    if (!is_of_turn) entry.end = offset(draft, draft.end, "end");
    if (!entry.end && entry.start && draft.length) entry.end = *entry.start + *draft.length;
    if (entry.start && entry.end && *entry.end < *entry.start) {
      if (!entry.tool)
        drafts_.note(draft.index, "end",
                     "The end lies before the start; the entry is kept without it.");
      entry.end = std::nullopt;
    }
    if (entry.tool && !entry.tool->duration_us && !is_of_turn && entry.start && entry.end &&
        *entry.end > *entry.start)
      entry.tool->duration_us = (*entry.end - *entry.start).microseconds();
  }

  Drafts& drafts_;
  Reading& reading_;
  Unit unit_;
};

Error too_long(std::string_view field, size_t entries, size_t max) {
  return refuse(field, fmt::format("Ensure this field has no more than {} entries; it has {}.", max,
                                   entries));
}

}  // namespace

Result<void> read_transcript(Reading& reading, const TranscriptSource& source) {
  const json::value* value = source.value;
  const std::string_view stated = known_type(source.dialect);
  if (!source.dialect.empty() && stated.empty()) {
    reading.notes.add("transcript_type",
                      fmt::format("\"{}\" is no known type of transcript; it is found out.",
                                  source.dialect.substr(0, 60)));
  }
  if (value == nullptr || value->is_null() ||
      (value->is_string() && trimmed(string_of(value)).empty())) {
    if (stated == "none-mono")
      reading.notes.add("transcript_type",
                        "No transcript came, and recordings are not transcribed.");
    return {};
  }
  std::optional<json::value> parsed;
  std::optional<Drafts> drafts;
  Found found = find_list(value, std::string(source.field));
  if (found.value->is_string()) {
    const std::string_view text = trimmed(string_of(found.value));
    if (text.starts_with('[') || text.starts_with('{')) parsed = texts::parse_json(text);
    if (parsed && parsed->is_structured()) {
      found = find_list(&*parsed, std::move(found.field));
    }
    if (found.value->is_string()) {
      drafts.emplace(found.field, reading.limits);
      read_plain_text(string_of(found.value), *drafts);
    }
  }
  if (!drafts) {
    const json::array* list = array_of(found.value);
    if (list != nullptr && list->empty()) return {};
    // Words of Deepgram are no entries yet.
    const bool is_list_of_words = is_deepgram(*found.value);
    if (list != nullptr && !is_list_of_words && list->size() > reading.limits.entries_max)
      return too_long(source.field, list->size(), reading.limits.entries_max);
    if (list == nullptr && !is_list_of_words) {
      reading.notes.add(found.field,
                        fmt::format("Expected a list of entries, found \"{}\": {}",
                                    type_name(*found.value), as_text(found.value).substr(0, 200)));
      return {};
    }
    drafts = read_list(found, stated, source, reading.limits);
  }
  if (drafts->entries.size() > reading.limits.entries_max)
    return too_long(source.field, drafts->entries.size(), reading.limits.entries_max);

  Settling(*drafts, reading).run();
  model::Report& report = reading.report;
  report.dialect = drafts->dialect;
  report.transcript.reserve(drafts->entries.size());
  for (Draft& draft : drafts->entries) report.transcript.push_back(std::move(draft.utterance));
  reading.notes.add_all(drafts->notes);
  return {};
}

}  // namespace callscope::normalise::reports
