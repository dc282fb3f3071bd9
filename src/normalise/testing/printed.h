// What was understood of a span, as JSON without what is absent: for tests to compare and to show.
#pragma once

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "model/facts.h"

namespace callscope::normalise::testing {

namespace json = boost::json;

inline json::object printed(const model::SpanFacts& facts) {
  json::object out;
  const auto name = [&](const char* key, std::string_view value) {
    if (!value.empty()) out[key] = json::string_view(value.data(), value.size());
  };
  const auto measure = [&](const char* key, model::Measure value) {
    if (value) out[key] = *value;
  };
  const auto flag = [&](const char* key, bool value, bool otherwise) {
    if (value != otherwise) out[key] = value;
  };
  name("framework", facts.framework);
  name("rule", facts.rule);
  name("kind", to_string(facts.kind));
  flag("billable", facts.billable, false);
  flag("duration_valid", facts.duration_valid, true);
  flag("interrupted", facts.interrupted, false);
  flag("is_error", facts.is_error, false);
  flag("provisional", facts.provisional, false);
  flag("call_ended_it", facts.call_ended_it, false);
  flag("asks_tools", facts.asks_tools, false);
  flag("input_net_of_cache", facts.input_net_of_cache, false);
  flag("cost_reported", facts.cost_source == model::CostSource::kReported, false);
  name("provider", facts.provider);
  name("model", facts.model);
  name("tool_name", facts.tool_name);
  name("session_key", facts.session_key);
  measure("turn_index", facts.turn_index);
  measure("latency_us", facts.latency_us);
  measure("response_latency_us", facts.response_latency_us);
  measure("endpointing_us", facts.endpointing_us);
  measure("transcription_us", facts.transcription_us);
  measure("text_aggregation_us", facts.text_aggregation_us);
  measure("queue_wait_us", facts.queue_wait_us);
  measure("hook_us", facts.hook_us);
  measure("input_tokens", facts.input_tokens);
  measure("output_tokens", facts.output_tokens);
  measure("cache_read_tokens", facts.cache_read_tokens);
  measure("cache_write_tokens", facts.cache_write_tokens);
  measure("reasoning_tokens", facts.reasoning_tokens);
  measure("audio_input_tokens", facts.audio_input_tokens);
  measure("audio_output_tokens", facts.audio_output_tokens);
  measure("audio_cache_read_tokens", facts.audio_cache_read_tokens);
  measure("characters", facts.characters);
  measure("audio_us", facts.audio_us);
  measure("session_us", facts.session_us);
  measure("cost_nano_usd", facts.cost_nano_usd);
  return out;
}

inline json::array printed(const std::vector<model::Message>& messages) {
  json::array out;
  for (const model::Message& message : messages) {
    json::object& item = out.emplace_back(json::object{{"role", message.role}}).as_object();
    if (!message.content.empty()) item["content"] = message.content;
    if (!message.tool_call_id.empty()) item["tool_call_id"] = message.tool_call_id;
    for (const model::ToolMention& call : message.tool_calls) {
      json::object tool = {
          {"id", call.call_id}, {"name", call.name}, {"arguments", call.arguments}};
      if (call.result) tool["result"] = *call.result;
      if (!item.contains("tool_calls")) item["tool_calls"] = json::array();
      item["tool_calls"].as_array().push_back(std::move(tool));
    }
  }
  return out;
}

inline json::object printed(const model::SpanTexts& texts) {
  json::object out;
  const auto text = [&](const char* key, const std::string& value) {
    if (!value.empty()) out[key] = value;
  };
  text("transcript", texts.transcript);
  text("text", texts.text);
  text("generated_text", texts.generated_text);
  if (!texts.input.empty()) out["input"] = printed(texts.input);
  if (!texts.output.empty()) out["output"] = printed(texts.output);
  text("system", texts.system);
  text("tool_definitions", texts.tool_definitions);
  text("tool_call_id", texts.tool_call_id);
  text("arguments", texts.arguments);
  text("result", texts.result);
  text("error_type", texts.error_type);
  text("error_message", texts.error_message);
  text("voice", texts.voice);
  text("language", texts.language);
  if (texts.confidence) out["confidence"] = *texts.confidence;
  text("finish_reason", texts.finish_reason);
  text("end_reason", texts.end_reason);
  text("interrupted_by", texts.interrupted_by);
  text("direction", texts.direction);
  text("from", texts.from);
  text("to", texts.to);
  text("transport", texts.transport);
  if (!texts.metadata.empty()) {
    json::object metadata;
    for (const auto& [key, value] : texts.metadata) metadata[key] = value;
    out["metadata"] = std::move(metadata);
  }
  return out;
}

}  // namespace callscope::normalise::testing
