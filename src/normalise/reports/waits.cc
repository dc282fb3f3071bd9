#include "normalise/reports/waits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "normalise/reports/moments.h"

namespace callscope::normalise::reports {
namespace {

using model::Measure;
using model::ReportedWait;
using model::Role;

constexpr double kWaitMaxS = 3'600;

Measure wait_of(const json::value* value, double per_second) {
  const auto count = number_of(value);
  if (!count || *count < 0 || *count / per_second > kWaitMaxS) return {};
  return Measure(std::llround(*count / per_second * 1e6));
}

// LiveKit says 0 where it heard no end of speech.
Measure above_zero(Measure measure) { return measure && *measure > 0 ? measure : Measure(); }

ReportedWait of_livekit(const json::object& metrics) {
  ReportedWait wait;
  wait.total_us = wait_of_seconds(metrics.if_contains("e2e_latency"));
  wait.endpointing_us = above_zero(wait_of_seconds(metrics.if_contains("end_of_turn_delay")));
  wait.stt_us = above_zero(wait_of_seconds(metrics.if_contains("transcription_delay")));
  wait.llm_us = wait_of_seconds(metrics.if_contains("llm_node_ttft"));
  wait.tts_us = wait_of_seconds(metrics.if_contains("tts_node_ttfb"));
  return wait;
}

ReportedWait of_elevenlabs(const json::object& stated) {
  const json::object* inner = object_in(stated, "metrics");
  const json::object& metrics = inner == nullptr ? stated : *inner;
  const auto elapsed = [&](std::string_view name) {
    const json::object* part = object_in(metrics, name);
    return part == nullptr ? Measure() : wait_of_seconds(part->if_contains("elapsed_time"));
  };
  ReportedWait wait;
  wait.llm_us = elapsed("convai_llm_service_ttfb");
  wait.tts_us = elapsed("convai_tts_service_ttfb");
  return wait;
}

// The agent's first words after the caller's, by position in the transcript.
std::vector<size_t> find_replies(const std::vector<model::Utterance>& transcript) {
  std::vector<size_t> replies;
  bool is_owed = false;
  for (size_t i = 0; i < transcript.size(); ++i) {
    if (transcript[i].role == Role::kCaller) is_owed = true;
    if (transcript[i].role != Role::kAgent || !is_owed) continue;
    replies.push_back(i);
    is_owed = false;
  }
  return replies;
}

using BySpeech = std::unordered_map<std::string_view, Measure>;

// The number that the entries of each speech have; absent where one speech has several, as with
// tools.
BySpeech by_speech(const json::array* entries, std::string_view name) {
  BySpeech found;
  if (entries == nullptr) return found;
  for (const json::value& each : *entries) {
    const json::object* entry = object_of(&each);
    if (entry == nullptr) continue;
    const Measure measure = wait_of_seconds(entry->if_contains(name));
    if (!measure) continue;
    const auto [known, is_new] = found.emplace(string_of(entry->if_contains("speech_id")), measure);
    if (!is_new) known->second.reset();
  }
  return found;
}

Measure get(const BySpeech& measures, std::string_view speech) {
  const auto found = measures.find(speech);
  return found == measures.end() ? Measure() : found->second;
}

// The caller's words by the times that they have, whichever: when they were spoken, or when the
// message was made.
using CallerWords = std::multimap<DurationNs, model::Utterance*>;

CallerWords caller_words(std::vector<model::Utterance>& transcript) {
  CallerWords words;
  for (model::Utterance& entry : transcript) {
    if (entry.role != Role::kCaller) continue;
    if (entry.start) words.emplace(*entry.start, &entry);
    if (entry.end) words.emplace(*entry.end, &entry);
  }
  return words;
}

// Null where there are none within `apart_max`.
model::Utterance* nearest(const CallerWords& words, DurationNs at, DurationNs apart_max) {
  const auto after = words.lower_bound(at);
  model::Utterance* found = nullptr;
  if (after != words.end() && after->first - at <= apart_max) {
    found = after->second;
    apart_max = after->first - at;
  }
  if (after != words.begin()) {
    const auto before = std::prev(after);
    if (at - before->first <= apart_max) found = before->second;
  }
  return found;
}

}  // namespace

Measure wait_of_seconds(const json::value* value) { return wait_of(value, 1); }
Measure wait_of_milliseconds(const json::value* value) { return wait_of(value, 1'000); }

ReportedWait wait_in(const json::object& entry) {
  if (const json::object* metrics = object_in(entry, "metrics")) return of_livekit(*metrics);
  if (const json::object* metrics = object_in(entry, "conversation_turn_metrics"))
    return of_elevenlabs(*metrics);
  return {};
}

void place_waits(Reading& reading, std::string_view field, std::span<const ReportedWait> waits) {
  if (waits.empty()) return;
  std::vector<model::Utterance>& transcript = reading.report.transcript;
  const std::vector<size_t> replies = find_replies(transcript);
  if (replies.size() != waits.size()) {
    return reading.notes.add(
        std::string(field), fmt::format("There are {} latencies for {} replies of the agent: which "
                                        "belongs to which is not known.",
                                        waits.size(), replies.size()));
  }
  for (size_t i = 0; i < waits.size(); ++i) transcript[replies[i]].wait = waits[i];
}

void place_livekit_metrics(Reading& reading, const json::object& metrics) {
  model::Report& report = reading.report;
  const json::array* turns = array_in(metrics, "eou");
  const auto has_total = [](const model::Utterance& entry) {
    return entry.wait.total_us.has_value();
  };
  if (turns == nullptr || !report.zero.is_set() ||
      std::any_of(report.transcript.begin(), report.transcript.end(), has_total))
    return;
  const CallerWords words = caller_words(report.transcript);
  const BySpeech first_tokens = by_speech(array_in(metrics, "llm"), "ttft");
  const BySpeech first_bytes = by_speech(array_in(metrics, "tts"), "ttfb");
  // A message is made when its turn is over, which is when these are measured.
  constexpr DurationNs kApartMax = DurationNs::from_s(3);
  for (const json::value& each : *turns) {
    const json::object* turn = object_of(&each);
    const json::value* timestamp = turn == nullptr ? nullptr : member(*turn, "timestamp");
    const auto at = timestamp == nullptr ? std::nullopt : time_of(*timestamp);
    if (!at) continue;
    model::Utterance* said = nearest(words, *at - report.zero, kApartMax);
    if (said == nullptr) continue;
    const auto part = [&](std::string_view name) {
      return wait_of_seconds(turn->if_contains(name));
    };
    const std::string_view speech = string_of(turn->if_contains("speech_id"));
    ReportedWait& wait = said->wait;
    wait.endpointing_us = above_zero(part("end_of_utterance_delay"));
    wait.stt_us = above_zero(part("transcription_delay"));
    wait.llm_us = get(first_tokens, speech);
    wait.tts_us = get(first_bytes, speech);
    // LiveKit's own sum: end of utterance, the agent's hook, first token, first byte
    // (docs.livekit.io/agents/build/metrics).
    if (wait.endpointing_us && wait.llm_us && wait.tts_us)
      wait.total_us = *wait.endpointing_us + part("on_user_turn_completed_delay").value_or(0) +
                      *wait.llm_us + *wait.tts_us;
  }
}

}  // namespace callscope::normalise::reports
