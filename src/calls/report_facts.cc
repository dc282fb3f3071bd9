#include "calls/report_facts.h"

#include <algorithm>
#include <boost/json.hpp>
#include <tuple>

#include "calls/call_edits.h"
#include "calls/cut_text.h"
#include "calls/transcript.h"
#include "model/call.h"

namespace callscope::calls {
namespace {

namespace json = boost::json;
using model::ReportKind;

constexpr DurationNs kUntimedBefore = DurationNs::from_s(3'600);

// LiveKit's ids say what they name. A name that an application chose may be what the spans call a
// conversation or a session.
void add_keys(std::string_view name, std::vector<JoinKey>& keys) {
  const auto add = [&](KeyKind kind) {
    const bool is_known = std::any_of(keys.begin(), keys.end(), [&](const JoinKey& key) {
      return key.kind == kind && key.value == name;
    });
    if (!is_known && !name.empty()) keys.push_back({kind, std::string(name)});
  };
  if (name.starts_with("AJ_")) return add(KeyKind::kJob);
  if (name.starts_with("RM_")) return add(KeyKind::kRoomSid);
  add(KeyKind::kConversation);
  add(KeyKind::kSession);
}

std::string_view cut(std::string_view text) { return cut_text(text, model::kMetadataValueMax); }

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

void add_metadata(std::string_view object_text, ReportFacts& facts) {
  if (object_text.empty()) return;
  boost::system::error_code error;
  const json::value object = json::parse(object_text, error);
  if (error || !object.is_object()) return;
  for (const auto& [key, value] : object.get_object()) {
    if (facts.metadata.size() >= model::kMetadataMax) return;
    if (value.is_null()) continue;
    facts.metadata.emplace_back(cut(key), cut(text_of(value)));
  }
}

void set_times(const model::Report& report, ReportFacts& facts) {
  facts.started = report.started;
  facts.ended = report.ended;
  const TimeNs zero = report.zero.is_set() ? report.zero : report.started;
  for (const model::Utterance& entry : report.transcript) {
    const auto& at = entry.end ? entry.end : entry.start;
    if (at) facts.spoken = std::max(facts.spoken, *at);
  }
  if (zero.is_set() && facts.spoken > DurationNs{}) facts.last = zero + facts.spoken;
  facts.first = report.started.is_set() ? report.started : zero;
  if (!facts.started.is_set()) facts.started = zero;
  if (!facts.ended.is_set()) facts.ended = facts.last;
  facts.last = std::max(facts.last, facts.ended);
  if (!facts.first.is_set()) {
    facts.first = facts.last.is_set() ? facts.last : facts.received - kUntimedBefore;
  }
  if (!facts.last.is_set()) facts.last = facts.received;
  facts.last = std::max(facts.first, facts.last);
}

bool is_final(const model::Report& report) {
  switch (report.kind) {
    case ReportKind::kObserve:
    case ReportKind::kApi:
      // Some senders post a snapshot every few seconds while the call runs.
      return !report.end_reason.empty() || report.ended.is_set();
    case ReportKind::kRetell:
      return report.ended.is_set() || !report.end_reason.empty();
    default:
      return true;
  }
}

}  // namespace

ReportFacts summarise(const store::SavedReport& saved, const model::Report& report) {
  ReportFacts facts;
  facts.id = saved.id;
  facts.revision = saved.revision;
  facts.kind = saved.kind;
  facts.agent = saved.agent;
  facts.key = saved.key;
  facts.received = saved.received;
  facts.bytes = saved.body.size();
  facts.is_edit = is_edit_key(saved.key);
  facts.separates = saved.key.starts_with(kSplitKeys);
  facts.call_id = report.call_id;
  add_keys(report.call_id, facts.keys);
  for (const std::string& name : report.names) add_keys(name, facts.keys);
  facts.attached = report.trace_ids;
  set_times(report, facts);
  facts.says_it_ended = is_final(report);
  facts.end_reason = cut(report.end_reason);
  add_metadata(report.metadata, facts);
  if (!report.customer_number.empty() && facts.metadata.size() < model::kMetadataMax)
    facts.metadata.emplace_back("customer_number", cut(report.customer_number));
  facts.has_notes = !report.notes.empty();

  const std::vector<Exchange> exchanges = find_exchanges(report.transcript);
  facts.turn_count = static_cast<uint32_t>(exchanges.size());
  for (size_t t = 0; t < std::min(exchanges.size(), model::kTurnLatenciesMax); ++t)
    facts.turn_waits_us.push_back(wait_of(report.transcript, exchanges[t]).total_us);
  for (const model::Utterance& entry : report.transcript) {
    if (entry.interrupted.value_or(false) && entry.role == model::Role::kAgent)
      ++facts.interruption_count;
    if (!entry.tool) continue;
    ++facts.tool_count;
    if (entry.tool->is_error) ++facts.tool_error_count;
    const std::string& name = entry.tool->name;
    model::add_use(facts.told_tools, name, entry.tool->is_error);
    const bool is_known =
        std::find(facts.tool_names.begin(), facts.tool_names.end(), name) != facts.tool_names.end();
    if (!name.empty() && !is_known && facts.tool_names.size() < 32)
      facts.tool_names.push_back(name);
  }
  return facts;
}

int rank_of(ReportKind kind) {
  switch (kind) {
    case ReportKind::kApi:
      return 0;
    case ReportKind::kObserve:
      return 1;
    case ReportKind::kPipecatSession:
    case ReportKind::kPipecatSimulation:
      return 2;
    case ReportKind::kLivekitSession:
    case ReportKind::kLivekitSimulation:
      return 3;
    case ReportKind::kLivekitUpload:
      return 4;
    case ReportKind::kVapi:
    case ReportKind::kRetell:
    case ReportKind::kElevenLabs:
      return 5;
  }
  return 5;
}

bool is_more_direct(const ReportFacts& a, const ReportFacts& b) {
  return std::tuple(rank_of(a.kind), a.first, a.key) < std::tuple(rank_of(b.kind), b.first, b.key);
}

uint32_t source_of(ReportKind kind) {
  switch (kind) {
    case ReportKind::kApi:
      return model::kFromApi;
    case ReportKind::kObserve:
      return model::kFromObserve;
    case ReportKind::kVapi:
    case ReportKind::kRetell:
    case ReportKind::kElevenLabs:
      return model::kFromWebhook;
    default:
      return model::kFromSession;
  }
}

}  // namespace callscope::calls
