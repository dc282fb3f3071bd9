// Deepgram's transcripts: of a file (`results`), streamed, a list of utterances or of words. It
// tells speakers apart and numbers them; who they are it does not know.
#include <fmt/format.h>

#include <algorithm>

#include "normalise/reports/dialects.h"

namespace callscope::normalise::reports {
namespace {

using model::Role;

// A speaker as a number: 1, "1", "speaker_1", "SPEAKER_01".
std::optional<int> number_at_end(const json::value* value) {
  if (value == nullptr || value->is_null()) return std::nullopt;
  auto number = number_of(value);
  if (!number && value->is_string()) {
    const std::string_view text = string_of(value);
    for (const std::string_view prefix : {"speaker_", "speaker ", "SPEAKER_", "Speaker ", "spk_"}) {
      if (text.starts_with(prefix)) number = number_in(text.substr(prefix.size()));
    }
  }
  if (!number || *number < 0 || *number > 1'000) return std::nullopt;
  return static_cast<int>(*number);
}

struct Voice {
  std::optional<int> speaker, channel;
  bool operator==(const Voice&) const = default;
};

class Reader {
 public:
  Reader(std::optional<int> agent_channel, Drafts& drafts)
      : agent_channel_(agent_channel), drafts_(drafts) {}

  void read(const json::value& value) {
    if (const json::array* list = array_of(&value)) {
      read_list(*list, std::nullopt);
    } else if (const json::object* object = object_of(&value)) {
      read_response(*object);
    }
    if (!said_why_.empty()) drafts_.notes.add(drafts_.field, said_why_);
  }

 private:
  void read_response(const json::object& response) {
    const json::object* results = object_in(response, "results");
    const json::object& inner = results != nullptr ? *results : response;
    if (const json::array* utterances = array_in(inner, "utterances"))
      return read_list(*utterances, std::nullopt);
    if (const json::array* words = array_in(inner, "words")) return read_list(*words, std::nullopt);
    const json::array* channels = array_in(inner, "channels");
    if (channels == nullptr) return read_result(response);
    const bool are_parties = channels->size() > 1;
    for (size_t i = 0; i < channels->size(); ++i) {
      const json::object* channel = object_of(&(*channels)[i]);
      const std::optional<int> number =
          are_parties ? std::optional(static_cast<int>(i)) : std::nullopt;
      if (channel != nullptr) read_alternative(*channel, number);
    }
    if (are_parties) {
      std::stable_sort(drafts_.entries.begin(), drafts_.entries.end(),
                       [](const Draft& a, const Draft& b) {
                         return (a.start ? a.start->count : 0) < (b.start ? b.start->count : 0);
                       });
    }
  }

  // The best of what Deepgram understood on a channel.
  void read_alternative(const json::object& channel, std::optional<int> number) {
    const json::array* alternatives = array_in(channel, "alternatives");
    const json::object* best =
        alternatives == nullptr || alternatives->empty() ? nullptr : object_of(&(*alternatives)[0]);
    if (best == nullptr) return;
    const json::array* words = array_in(*best, "words");
    if (words != nullptr && !words->empty()) return read_list(*words, number);
    add(Voice{{}, number}, text_of(*best, "transcript"), *best);
  }

  // One message of a stream: {"channel": {"alternatives": […]}, "is_final": …}.
  void read_result(const json::object& result) {
    const json::object* channel = object_in(result, "channel");
    if (channel == nullptr || !flag_of(member(result, "is_final")).value_or(true)) return;
    std::optional<int> number;
    if (const json::array* index = array_in(result, "channel_index"); index && index->size() == 2) {
      if (number_of(&(*index)[1]).value_or(1) > 1) number = number_at_end(&(*index)[0]);
    }
    last_ = std::nullopt;
    read_alternative(*channel, number);
  }

  void read_list(const json::array& list, std::optional<int> channel) {
    last_ = std::nullopt;
    for (size_t i = 0; i < list.size(); ++i) {
      index_ = i;
      const json::object* object = object_of(&list[i]);
      if (object == nullptr) {
        drafts_.note(i, "", "Expected an object of Deepgram.");
      } else if (object->contains("channel") && object->at("channel").is_object()) {
        read_result(*object);
      } else if (object->contains("word") || object->contains("punctuated_word")) {
        read_word(*object, channel);
      } else {
        read_utterance(*object, channel);
      }
    }
  }

  void read_utterance(const json::object& utterance, std::optional<int> channel) {
    const Voice voice{number_at_end(utterance.if_contains("speaker")),
                      channel ? channel : number_at_end(utterance.if_contains("channel"))};
    std::string text = text_of(utterance, {"transcript", "text", "content", "sentence"});
    const json::array* words = array_in(utterance, "words");
    if (!text.empty() || words == nullptr) {
      last_ = std::nullopt;
      return add(voice, std::move(text), utterance);
    }
    last_ = std::nullopt;
    for (const json::value& each : *words) {
      const json::object* word = object_of(&each);
      if (word == nullptr) continue;
      Voice of_word{number_at_end(word->if_contains("speaker")), voice.channel};
      if (!of_word.speaker) of_word.speaker = voice.speaker;
      read_word(*word, of_word);
    }
  }

  void read_word(const json::object& word, std::optional<int> channel) {
    read_word(word, Voice{number_at_end(word.if_contains("speaker")),
                          channel ? channel : number_at_end(word.if_contains("channel"))});
  }

  // Words of one voice are one entry until somebody else speaks, or nobody does for long.
  void read_word(const json::object& word, Voice voice) {
    constexpr double kPauseMax = 1.5;
    const std::string text = text_of(word, {"punctuated_word", "word"});
    const auto start = number_of(word.if_contains("start"));
    const bool goes_on = last_ == voice && !drafts_.entries.empty() &&
                         !(start && drafts_.entries.back().end &&
                           *start - drafts_.entries.back().end->count > kPauseMax);
    if (!goes_on) {
      add(voice, text, word);
      words_ = 1;
      last_ = voice;
      return;
    }
    Draft& draft = drafts_.entries.back();
    draft.utterance.text += " " + text;
    if (const json::value* end = member(word, "end")) {
      if (auto moment = moment_of(*end, Unit::kSeconds)) draft.end = moment;
    }
    if (const auto sure = number_of(word.if_contains("confidence"));
        sure && draft.utterance.confidence) {
      double& mean = *draft.utterance.confidence;
      mean += (std::clamp(*sure, 0.0, 1.0) - mean) / static_cast<double>(++words_);
    }
  }

  void add(Voice voice, std::string text, const json::object& from) {
    if (trimmed(text).empty()) return drafts_.note(index_, "", "Nothing is said.");
    Draft& draft = drafts_.entries.emplace_back();
    draft.index = index_;
    draft.utterance.text = trimmed(text);
    draft.utterance.role = role_of(voice);
    if (const json::value* start = member(from, "start"))
      draft.start = moment_of(*start, Unit::kSeconds);
    if (const json::value* end = member(from, "end")) draft.end = moment_of(*end, Unit::kSeconds);
    const auto sure = number_of(from.if_contains("confidence"));
    if (sure && *sure >= 0 && *sure <= 1) draft.utterance.confidence = sure;
    drafts_.score += (draft.utterance.role == Role::kSystem ? 1 : 4) + (draft.start ? 1 : 0);
  }

  Role role_of(Voice voice) {
    if (voice.channel) {
      said_why_ =
          agent_channel_
              ? ""
              : "Deepgram numbers the channels: channel 1 is taken for the agent. Say which "
                "one it is in main_agent_channel_index.";
      return *voice.channel == agent_channel_.value_or(1) ? Role::kAgent : Role::kCaller;
    }
    if (!voice.speaker) {
      said_why_ =
          "Deepgram was not asked to tell speakers apart (diarize): what was said is kept as texts "
          "of the system.";
      return Role::kSystem;
    }
    if (!agent_speaker_) {
      agent_speaker_ = voice.speaker;
      said_why_ = fmt::format(
          "Deepgram numbers the speakers: speaker {}, who speaks first, is taken for the agent.",
          *agent_speaker_);
    }
    return voice.speaker == agent_speaker_ ? Role::kAgent : Role::kCaller;
  }

  std::optional<int> agent_channel_;
  Drafts& drafts_;
  size_t index_ = 0;
  std::optional<Voice> last_;
  size_t words_ = 0;  // in the last entry
  std::optional<int> agent_speaker_;
  std::string said_why_;
};

}  // namespace

bool is_deepgram(const json::value& value) {
  if (const json::object* object = object_of(&value)) {
    const json::object* results = object_in(*object, "results");
    const json::object& inner = results != nullptr ? *results : *object;
    return array_in(inner, "channels") != nullptr || array_in(inner, "words") != nullptr ||
           (results != nullptr && array_in(inner, "utterances") != nullptr);
  }
  const json::array* list = array_of(&value);
  if (list == nullptr || list->empty()) return false;
  const json::object* first = object_of(&list->front());
  if (first == nullptr || first->contains("role")) return false;
  if (first->contains("punctuated_word") || (first->contains("word") && first->contains("start")))
    return true;
  const json::object* channel = object_in(*first, "channel");
  if (channel != nullptr && channel->contains("alternatives")) return true;
  if (number_at_end(first->if_contains("speaker"))) return true;
  return first->contains("words") && !first->contains("speaker") && !first->contains("text") &&
         !first->contains("user");
}

void read_deepgram(const json::value& value, std::optional<int> agent_channel, Drafts& drafts) {
  drafts.dialect = "deepgram";
  Reader(agent_channel, drafts).read(value);
}

}  // namespace callscope::normalise::reports
