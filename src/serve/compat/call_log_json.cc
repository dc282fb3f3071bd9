// A call in the hosted service's words.
#include <boost/json.hpp>
#include <cmath>

#include "serve/compat/compat.h"
#include "serve/json_writer.h"

namespace callscope::serve::compat {
namespace {

using model::Role;

std::string clock_text(double seconds) {
  const auto whole = static_cast<int64_t>(std::max(0.0, std::floor(seconds)));
  return fmt::format("{:02}:{:02}", whole / 60, whole % 60);
}

std::optional<double> seconds_of(TimeNs time, const model::Call& call) {
  if (!time.is_set()) return std::nullopt;
  return (time - call.summary.started).seconds();
}

std::string_view speaker(Role role) {
  return role == Role::kAgent ? "Main Agent" : "Testing Agent";
}

void append_times(JsonWriter& json, const model::CallUtterance& entry, const model::Call& call) {
  for (const auto& [name, time] :
       {std::pair("start_time", entry.start), std::pair("end_time", entry.end)}) {
    if (const auto seconds = seconds_of(time, call)) json.member(name, *seconds);
  }
}

void append_json_or_text(JsonWriter& json, std::string_view name, const std::string& text) {
  boost::system::error_code error;
  const auto parsed = boost::json::parse(text, error);
  json.key(name);
  if (error || text.empty()) {
    json.value(text);
  } else {
    json.raw(boost::json::serialize(parsed));
  }
}

// What a list shows and an address too.
void append_members(JsonWriter& json, const model::Call& call, const AgentNames& agents) {
  const model::CallSummary& summary = call.summary;
  json.member("id", summary.id)
      .member("call_id", summary.call_id)
      .member("trace_id",
              summary.trace_ids.empty() ? std::string() : summary.trace_ids.front().hex())
      .member("agent", summary.agent)
      .member("agent_name", agents(summary.agent))
      .member("status", "evaluating");
  json.key("success").null();
  json.member("is_reviewed", false).member("feedback", call.feedback);
  const bool has_length = summary.started.is_set() && summary.ended > summary.started;
  json.member("duration",
              clock_text(has_length ? (summary.ended - summary.started).seconds() : 0.0));
  json.key("metrics").begin_array().end_array();
  json.member("call_ended_reason", summary.end_reason)
      .member("customer_number", call.customer_number)
      .time_member("timestamp", summary.started);
  json.key("error_message").null();
  json.member("dropoff_point", "")
      .member("topic", "")
      .time_member("created_at", summary.started)
      .time_member("updated_at", summary.last_activity)
      .member("transcript", transcript_text(call));
  json.key("transcript_object");
  std::string transcript;
  append_transcript_object(transcript, call);
  json.raw(transcript);
}

}  // namespace

std::string transcript_text(const model::Call& call) {
  std::string out;
  for (const model::CallUtterance& entry : call.transcript) {
    if (entry.role != Role::kAgent && entry.role != Role::kCaller) continue;
    if (!out.empty()) out += '\n';
    if (const auto seconds = seconds_of(entry.start, call))
      out += '[' + clock_text(*seconds) + "] ";
    out.append(speaker(entry.role)).append(": ").append(entry.text);
  }
  return out;
}

void append_transcript_object(std::string& out, const model::Call& call) {
  JsonWriter json(out);
  json.begin_array();
  for (const model::CallUtterance& entry : call.transcript) {
    if (entry.tool) {
      json.begin_object().member("role", "Function Call").member("content", entry.tool->name);
      append_times(json, entry, call);
      json.key("data").begin_object().member("id", entry.tool->id).member("name", entry.tool->name);
      append_json_or_text(json, "arguments", entry.tool->arguments);
      json.end_object().end_object();
      if (!entry.tool->result && entry.tool->error.empty()) continue;
      json.begin_object().member("role", "Function Call Result").member("content", "");
      append_times(json, entry, call);
      json.key("data").begin_object().member("id", entry.tool->id).member("name", entry.tool->name);
      append_json_or_text(json, "result", entry.tool->result.value_or(entry.tool->error));
      json.end_object().end_object();
    } else if (entry.role == Role::kAgent || entry.role == Role::kCaller) {
      json.begin_object().member("role", speaker(entry.role)).member("content", entry.text);
      append_times(json, entry, call);
      if (entry.interrupted) json.member("interrupted", *entry.interrupted);
      json.end_object();
    }
  }
  json.end_array();
}

void append_list_item(std::string& out, const model::Call& call, const AgentNames& agents) {
  JsonWriter json(out);
  json.begin_object();
  append_members(json, call, agents);
  json.key("evaluation").null();
  json.end_object();
}

void append_detail(std::string& out, const model::Call& call, const AgentNames& agents,
                   const std::string& recording_url) {
  JsonWriter json(out);
  json.begin_object();
  append_members(json, call, agents);
  json.member("agent_id", std::to_string(call.summary.agent))
      .member("project", call.summary.project)
      .member("user_generated_transcript", "");
  json.key("voice_recording_url");
  if (recording_url.empty()) {
    json.null();
  } else {
    json.value(recording_url);
  }
  json.key("recording_data").null();
  json.key("critical_categories").begin_array().end_array();
  json.key("rubric").begin_array().end_array();
  json.key("metadata").raw(call.metadata.empty() ? "{}" : call.metadata);
  json.key("dynamic_variables").raw(call.dynamic_variables.empty() ? "{}" : call.dynamic_variables);
  json.key("testing_channel_index").null();
  json.key("evaluation").begin_object().key("metrics").begin_array().end_array().end_object();
  json.end_object();
}

}  // namespace callscope::serve::compat
