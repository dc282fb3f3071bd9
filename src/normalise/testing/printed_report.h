// What was understood of a report, as JSON without what is absent: for tests to compare and to
// show.
#pragma once

#include <boost/json.hpp>

#include <cmath>
#include <string_view>

#include "model/report.h"

namespace callscope::normalise::testing {

inline boost::json::object printed(const model::Utterance& entry) {
  boost::json::object out;
  const auto text = [&](boost::json::object& to, std::string_view name, std::string_view value) {
    if (!value.empty()) to[name] = value;
  };
  out["role"] = to_string(entry.role);
  text(out, "text", entry.text);
  text(out, "generated_text", entry.generated_text);
  if (entry.start) out["start_ms"] = entry.start->milliseconds();
  if (entry.end) out["end_ms"] = entry.end->milliseconds();
  if (entry.interrupted) out["interrupted"] = *entry.interrupted;
  if (entry.confidence) out["confidence"] = std::round(*entry.confidence * 1e4) / 1e4;
  const auto wait = [&](const char* name, model::Measure measure) {
    if (measure) out[name] = *measure;
  };
  wait("wait_us", entry.wait.total_us);
  wait("wait_endpointing_us", entry.wait.endpointing_us);
  wait("wait_stt_us", entry.wait.stt_us);
  wait("wait_llm_us", entry.wait.llm_us);
  wait("wait_tts_us", entry.wait.tts_us);
  if (entry.tool) {
    boost::json::object tool;
    text(tool, "id", entry.tool->id);
    text(tool, "name", entry.tool->name);
    text(tool, "arguments", entry.tool->arguments);
    if (entry.tool->result) tool["result"] = *entry.tool->result;
    if (entry.tool->is_error) tool["is_error"] = true;
    text(tool, "error", entry.tool->error);
    if (entry.tool->duration_us) tool["duration_us"] = *entry.tool->duration_us;
    out["tool"] = std::move(tool);
  }
  return out;
}

inline boost::json::object printed(const model::Report& report) {
  namespace json = boost::json;
  json::object out;
  const auto text = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out[name] = value;
  };
  const auto time = [&](std::string_view name, TimeNs value) {
    if (value.is_set()) out[name] = to_rfc3339(value);
  };
  if (report.agent_id) out["agent_id"] = *report.agent_id;
  text("assistant_id", report.assistant_id);
  text("call_id", report.call_id);
  if (!report.names.empty()) out["names"] = json::value_from(report.names);
  for (const TraceId& id : report.trace_ids) {
    if (!out.contains("trace_ids")) out["trace_ids"] = json::array();
    out["trace_ids"].as_array().emplace_back(id.hex());
  }
  if (report.idempotency_key != report.call_id) text("key", report.idempotency_key);
  if (report.zero != report.started) time("zero", report.zero);
  time("started", report.started);
  time("ended", report.ended);
  text("end_reason", report.end_reason);
  text("customer_number", report.customer_number);
  text("direction", report.direction);
  text("from", report.from);
  text("to", report.to);
  text("transport", report.transport);
  text("feedback", report.feedback);
  text("sdk", report.sdk);
  text("metadata", report.metadata);
  text("dynamic_variables", report.dynamic_variables);
  text("transcript_type", report.transcript_type);
  text("dialect", report.dialect);
  text("recording_url", report.recording_url);
  text("recording_key", report.recording_key);
  time("recording_started", report.recording_started);
  if (report.recording_drift_ppm) out["recording_drift_ppm"] = *report.recording_drift_ppm;
  if (report.agent_channel) out["agent_channel"] = *report.agent_channel;
  if (report.consent) out["consent"] = *report.consent;
  if (report.defers_evaluation) out["defers_evaluation"] = true;
  const auto list = [&](std::string_view name, const auto& items, auto print) {
    if (items.empty()) return;
    json::array all;
    for (const auto& item : items) all.push_back(print(item));
    out[name] = std::move(all);
  };
  list("transcript", report.transcript,
       [](const model::Utterance& entry) -> json::value { return printed(entry); });
  list("logs", report.logs, [](const model::ReportedLog& log) -> json::value {
    return json::string(to_rfc3339(log.time) + " " + log.level + " " + log.logger + ": " +
                        log.message);
  });
  list("notes", report.notes, [](const model::ReportNote& note) -> json::value {
    return json::string(note.field + ": " + note.message);
  });
  return out;
}

}  // namespace callscope::normalise::testing
