#include "normalise/mapping/targets.h"

namespace callscope::normalise::mapping {

using model::SpanFacts;
using model::SpanTexts;

const std::map<std::string_view, decltype(FactField::target)>& fact_targets() {
  static const std::map<std::string_view, decltype(FactField::target)> targets = {
      {"provider", NameTarget{&SpanFacts::provider, true}},
      {"model", NameTarget{&SpanFacts::model}},
      {"tool_name", NameTarget{&SpanFacts::tool_name}},
      {"session_key", NameTarget{&SpanFacts::session_key}},
      {"interrupted", FlagTarget{&SpanFacts::interrupted}},
      {"is_error", FlagTarget{&SpanFacts::is_error}},
      {"call_ended_it", FlagTarget{&SpanFacts::call_ended_it}},
      {"asks_tools", FlagTarget{&SpanFacts::asks_tools}},
      {"turn_index", MeasureTarget{&SpanFacts::turn_index}},
      {"latency_us", MeasureTarget{&SpanFacts::latency_us}},
      {"response_latency_us", MeasureTarget{&SpanFacts::response_latency_us}},
      {"endpointing_us", MeasureTarget{&SpanFacts::endpointing_us}},
      {"transcription_us", MeasureTarget{&SpanFacts::transcription_us}},
      {"text_aggregation_us", MeasureTarget{&SpanFacts::text_aggregation_us}},
      {"queue_wait_us", MeasureTarget{&SpanFacts::queue_wait_us}},
      {"hook_us", MeasureTarget{&SpanFacts::hook_us}},
      {"input_tokens", MeasureTarget{&SpanFacts::input_tokens}},
      {"output_tokens", MeasureTarget{&SpanFacts::output_tokens}},
      {"cache_read_tokens", MeasureTarget{&SpanFacts::cache_read_tokens}},
      {"cache_write_tokens", MeasureTarget{&SpanFacts::cache_write_tokens}},
      {"reasoning_tokens", MeasureTarget{&SpanFacts::reasoning_tokens}},
      {"audio_input_tokens", MeasureTarget{&SpanFacts::audio_input_tokens}},
      {"audio_output_tokens", MeasureTarget{&SpanFacts::audio_output_tokens}},
      {"audio_cache_read_tokens", MeasureTarget{&SpanFacts::audio_cache_read_tokens}},
      {"characters", MeasureTarget{&SpanFacts::characters}},
      {"audio_us", MeasureTarget{&SpanFacts::audio_us}},
      {"session_us", MeasureTarget{&SpanFacts::session_us}},
      {"cost_nano_usd", MeasureTarget{&SpanFacts::cost_nano_usd}},
  };
  return targets;
}

const std::map<std::string_view, decltype(TextField::target)>& text_targets() {
  static const std::map<std::string_view, decltype(TextField::target)> targets = {
      {"transcript", TextTarget{&SpanTexts::transcript}},
      {"text", TextTarget{&SpanTexts::text}},
      {"generated_text", TextTarget{&SpanTexts::generated_text}},
      {"input", MessagesTarget{&SpanTexts::input}},
      {"output", MessagesTarget{&SpanTexts::output}},
      {"system", TextTarget{&SpanTexts::system}},
      {"tool_definitions", TextTarget{&SpanTexts::tool_definitions}},
      {"tool_call_id", TextTarget{&SpanTexts::tool_call_id}},
      {"arguments", TextTarget{&SpanTexts::arguments}},
      {"result", TextTarget{&SpanTexts::result}},
      {"error_type", TextTarget{&SpanTexts::error_type}},
      {"error_message", TextTarget{&SpanTexts::error_message}},
      {"voice", TextTarget{&SpanTexts::voice}},
      {"language", TextTarget{&SpanTexts::language}},
      {"confidence", NumberTarget{&SpanTexts::confidence}},
      {"finish_reason", TextTarget{&SpanTexts::finish_reason}},
      {"end_reason", TextTarget{&SpanTexts::end_reason}},
      {"interrupted_by", TextTarget{&SpanTexts::interrupted_by}},
      {"direction", TextTarget{&SpanTexts::direction}},
      {"from", TextTarget{&SpanTexts::from}},
      {"to", TextTarget{&SpanTexts::to}},
      {"transport", TextTarget{&SpanTexts::transport}},
  };
  return targets;
}

}  // namespace callscope::normalise::mapping
