// Our own POST and PATCH /api/v1/calls. What is not known here is refused, so that a misspelt
// member is found by who sent it.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "normalise/reports/readers.h"
#include "normalise/reports/transcript.h"

namespace callscope::normalise::reports {
namespace {

constexpr std::array<std::string_view, 22> kMembers = {"call_id",
                                                       "agent_id",
                                                       "started_at",
                                                       "ended_at",
                                                       "end_reason",
                                                       "trace_id",
                                                       "trace_ids",
                                                       "session_ids",
                                                       "metadata",
                                                       "dynamic_variables",
                                                       "customer_number",
                                                       "from",
                                                       "to",
                                                       "direction",
                                                       "transport",
                                                       "feedback",
                                                       "transcript",
                                                       "recording_url",
                                                       "agent_channel",
                                                       "logs",
                                                       "transcript_type",
                                                       "assistant_id"};

Result<void> read_lists(Reading& reading) {
  for (const std::string_view name : {"trace_ids", "session_ids"}) {
    const json::value* value = member(reading.body, name);
    if (value == nullptr) continue;
    if (!value->is_array())
      return refuse(
          name, fmt::format("Expected a list of items but got type \"{}\".", type_name(*value)));
    if (value->get_array().size() > 100)
      return refuse(name, "Ensure this field has no more than 100 elements.");
    size_t index = 0;
    for (const json::value& item : value->get_array()) {
      const std::string field = fmt::format("{}[{}]", name, index++);
      if (!item.is_string()) return refuse(field, "Not a valid string.");
      if (name == "session_ids") {
        add_names(reading.report, {std::string(string_of(&item))});
        continue;
      }
      const auto id = TraceId::from_hex(string_of(&item));
      if (!id || id->is_zero()) return refuse(field, "Expected 32 hex digits.");
      add_trace_id(reading, field, string_of(&item));
    }
  }
  return {};
}

}  // namespace

Result<void> read_own_api(Reading& reading) {
  const json::object& body = reading.body;
  for (const auto& each : body) {
    const std::string_view name(each.key().data(), each.key().size());
    if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end()) {
      return refuse(name.substr(0, 100), "There is no such field.");
    }
  }
  model::Report& report = reading.report;
  report.call_id = TRY(call_name(reading));
  report.idempotency_key = report.call_id;
  report.agent_id = TRY(integer_field(body, "agent_id"));
  report.assistant_id = TRY(text_field(body, "assistant_id"));
  report.started = report.zero = TRY(time_field(body, "started_at"));
  report.ended = TRY(time_field(body, "ended_at"));
  if (report.started.is_set() && report.ended.is_set() && report.ended < report.started)
    return refuse("ended_at", "The call can't end before it starts.");
  report.end_reason = TRY(text_field(body, "end_reason"));
  const std::string trace_id = TRY(text_field(body, "trace_id"));
  const auto id = TraceId::from_hex(trace_id);
  if (!trace_id.empty() && (!id || id->is_zero()))
    return refuse("trace_id", "Expected 32 hex digits.");
  add_trace_id(reading, "trace_id", trace_id);
  TRY(read_lists(reading));
  report.metadata = TRY(object_field(body, "metadata"));
  report.dynamic_variables = TRY(object_field(body, "dynamic_variables"));
  report.customer_number = TRY(text_field(body, "customer_number"));
  report.from = TRY(text_field(body, "from"));
  report.to = TRY(text_field(body, "to"));
  report.direction = TRY(text_field(body, "direction"));
  report.transport = TRY(text_field(body, "transport"));
  report.feedback = TRY(text_field(body, "feedback"));
  report.recording_url = TRY(url_field(body, "recording_url"));
  report.agent_channel = TRY(channel_field(body, "agent_channel"));
  const json::value* logs = member(body, "logs");
  if (logs != nullptr && !logs->is_array())
    return refuse("logs",
                  fmt::format("Expected a list of items but got type \"{}\".", type_name(*logs)));
  read_logs(reading, "logs", logs);
  report.transcript_type = TRY(text_field(body, "transcript_type"));
  return read_transcript(reading, {.field = "transcript",
                                   .value = body.if_contains("transcript"),
                                   .dialect = report.transcript_type,
                                   .agent_channel = report.agent_channel});
}

}  // namespace callscope::normalise::reports
