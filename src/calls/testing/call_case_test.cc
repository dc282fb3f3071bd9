#include "calls/testing/call_case.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "base/encoding.h"
#include "normalise/classify.h"
#include "normalise/otlp_decode.h"
#include "normalise/otlp_json.h"

namespace callscope::calls::testing {
namespace {

namespace json = boost::json;
using model::Measure;

constexpr int64_t kEpochNs = 1'788'220'800'000'000'000;  // 2026-09-01T00:00:00Z
constexpr ProjectId kProject = 1;

std::string text_or(const json::object& object, std::string_view name,
                    std::string_view fallback = "") {
  const json::value* value = object.if_contains(name);
  return std::string(value ? std::string_view(value->as_string()) : fallback);
}

model::Value value_of(const json::value& value, Arena& arena) {
  if (value.is_string()) return model::Value::of(arena.copy(value.get_string()));
  if (value.is_bool()) return model::Value::of_bool(value.get_bool());
  if (value.is_int64()) return model::Value::of_int(value.get_int64());
  if (value.is_double()) return model::Value::of_double(value.get_double());
  model::Value structured{
      .type = value.is_array() ? model::ValueType::kArray : model::ValueType::kMap,
      .integer = 0,
      .text = {}};
  structured.text = arena.copy(json::serialize(value));
  return structured;
}

model::Attributes attributes_of(const json::object& owner, std::string_view member, Arena& arena) {
  model::Attributes attributes;
  if (const json::value* values = owner.if_contains(member)) {
    for (const auto& [key, value] : values->as_object()) {
      attributes.push_back({arena.copy(key), value_of(value, arena)});
    }
  }
  return attributes;
}

template <size_t N>
HexId<N> id_of(std::string_view text) {
  HexId<N> id;
  for (size_t i = 0; i < std::min(text.size(), N); ++i)
    id.bytes[N - 1 - i] = static_cast<uint8_t>(text[text.size() - 1 - i]);
  return id;
}

model::Span span_of(const json::object& object, const json::object& defaults,
                    model::SpanBatch& batch) {
  const auto text = [&](std::string_view name) {
    return text_or(object, name, text_or(defaults, name));
  };
  model::Span span;
  span.trace_id = trace_id(text("trace").empty() ? "t" : text("trace"));
  span.span_id = span_id(text_or(object, "id"));
  span.parent_span_id = span_id(text_or(object, "parent"));
  span.name = batch.arena.copy(text_or(object, "name"));
  span.project = kProject;
  span.agent = 7;
  const auto time = [&](std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value ? case_time(value->to_number<double>()) : TimeNs{};
  };
  span.start = time("start");
  span.end = time("end");
  span.received = span.end.is_set() ? span.end : span.start;
  if (span.end.is_set() && span.end < span.start) span.flags |= model::kEndBeforeStart;
  if (!span.start.is_set()) span.flags |= model::kNoStart;
  if (!span.end.is_set()) span.flags |= model::kNoEnd;
  if (text_or(object, "status") == "error") span.status = model::StatusCode::kError;
  span.status_message = batch.arena.copy(text_or(object, "status_message"));
  span.attributes = attributes_of(object, "attributes", batch.arena);

  model::Resource resource;
  resource.attributes =
      attributes_of(object.contains("resource") ? object : defaults, "resource", batch.arena);
  span.resource = &batch.resources.emplace_back(std::move(resource));
  model::Scope scope;
  scope.name = batch.arena.copy(text("scope"));
  scope.version = batch.arena.copy(text("version"));
  span.scope = &batch.scopes.emplace_back(std::move(scope));
  return span;
}

// What a framework sent, as it would come: received when it ended.
void add_captured(const std::filesystem::path& path, model::SpanBatch& batch) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  const auto bytes =
      std::make_shared<const std::string>(normalise::traces_json_to_protobuf(text.str()).value());
  batch.keep_alive.push_back(bytes);
  normalise::for_each_item(*bytes, [&](const normalise::RequestItem& item) {
    model::Span& span = batch.spans.emplace_back();
    if (!normalise::decode_span(item.item, {}, batch.arena, span)) {
      batch.spans.pop_back();
      return;
    }
    normalise::decode_resource(item.resource, {}, batch.arena, batch.resources.emplace_back());
    normalise::decode_scope(item.scope, {}, batch.arena, batch.scopes.emplace_back());
    span.resource = &batch.resources.back();
    span.scope = &batch.scopes.back();
    span.project = kProject;
    span.agent = 7;
    span.received = span.end;
  });
}

// ---- calls as JSON ----

void put(json::object& object, std::string_view name, Measure value, double scale = 1) {
  if (!value) return;
  if (scale == 1)
    object[name] = *value;
  else
    object[name] = static_cast<double>(*value) * scale;
}

double seconds(TimeNs time) { return static_cast<double>(time.ns - kEpochNs) / 1e9; }

void put(json::object& object, std::string_view name, TimeNs time) {
  if (time.is_set()) object[name] = seconds(time);
}
void put(json::object& object, std::string_view name, std::string_view text) {
  if (!text.empty()) object[name] = text;
}

json::value to_json(const model::LatencySummary& latency) {
  if (latency.n == 0) return nullptr;
  return json::object{{"n", latency.n},
                      {"p50_ms", latency.p50_ms},
                      {"p95_ms", latency.p95_ms},
                      {"max_ms", latency.max_ms}};
}

std::string_view source_name(model::CostSource source) {
  constexpr std::string_view kNames[] = {"none", "reported", "computed"};
  return kNames[static_cast<size_t>(source)];
}

json::object to_json(const model::Totals& totals) {
  json::object out;
  put(out, "input_tokens", totals.input_tokens);
  put(out, "output_tokens", totals.output_tokens);
  put(out, "cache_read_tokens", totals.cache_read_tokens);
  put(out, "cache_write_tokens", totals.cache_write_tokens);
  put(out, "reasoning_tokens", totals.reasoning_tokens);
  put(out, "audio_input_tokens", totals.audio_input_tokens);
  put(out, "audio_output_tokens", totals.audio_output_tokens);
  put(out, "characters", totals.characters);
  put(out, "stt_audio_s", totals.stt_audio_us, 1e-6);
  put(out, "tts_audio_s", totals.tts_audio_us, 1e-6);
  put(out, "cost_usd", totals.cost_nano_usd, 1e-9);
  return out;
}

json::value to_json(const std::optional<model::TurnSide>& side) {
  if (!side) return nullptr;
  json::object out;
  put(out, "start_s", side->start);
  put(out, "end_s", side->end);
  put(out, "text", side->text);
  put(out, "generated_text", side->generated_text);
  return out;
}

json::object to_json(const model::Turn& turn) {
  json::object out{{"index", turn.index},
                   {"source", model::to_string(turn.source)},
                   {"interrupted", turn.interrupted},
                   {"user", to_json(turn.user)},
                   {"agent", to_json(turn.agent)}};
  put(out, "reported_index", turn.reported_index);
  put(out, "interrupted_by", turn.interrupted_by);
  put(out, "start_s", turn.start);
  put(out, "end_s", turn.end);
  json::object latency;
  put(latency, "reported_ms", turn.reported_us, 1e-3);
  put(latency, "computed_ms", turn.computed_us, 1e-3);
  put(latency, "computed_from", turn.computed_from);
  out["latency"] = std::move(latency);
  json::object stages;
  put(stages, "endpointing_ms", turn.stages.endpointing_us, 1e-3);
  put(stages, "stt_ms", turn.stages.stt_us, 1e-3);
  put(stages, "llm_rounds_ms", turn.stages.llm_rounds_us, 1e-3);
  put(stages, "tool_ms", turn.stages.tool_us, 1e-3);
  put(stages, "llm_ttft_ms", turn.stages.llm_ttft_us, 1e-3);
  put(stages, "text_aggregation_ms", turn.stages.text_aggregation_us, 1e-3);
  put(stages, "tts_ttfb_ms", turn.stages.tts_ttfb_us, 1e-3);
  put(stages, "unattributed_ms", turn.stages.unattributed_us, 1e-3);
  out["stages"] = std::move(stages);
  out["spans"] = turn.span_ids.size();
  return out;
}

json::object to_json(const model::ToolUse& tool) {
  json::object out{{"name", tool.name}, {"is_error", tool.is_error}, {"synthetic", tool.synthetic}};
  put(out, "call_id", tool.call_id);
  put(out, "arguments", tool.arguments);
  if (tool.result) out["result"] = *tool.result;
  put(out, "error", tool.error);
  put(out, "start_s", tool.start);
  put(out, "duration_ms", tool.duration_us, 1e-3);
  if (tool.turn_index) out["turn_index"] = *tool.turn_index;
  return out;
}

json::object to_json(const model::ModelUse& use) {
  json::object out{{"kind", model::to_string(use.name.kind)},
                   {"calls", use.calls},
                   {"errors", use.errors},
                   {"cost_source", source_name(use.cost_source)},
                   {"latency", to_json(use.latency)}};
  put(out, "provider", use.name.provider);
  put(out, "model", use.name.model);
  put(out, "input_tokens", use.input_tokens);
  put(out, "output_tokens", use.output_tokens);
  put(out, "cache_read_tokens", use.cache_read_tokens);
  put(out, "characters", use.characters);
  put(out, "audio_s", use.audio_us, 1e-6);
  put(out, "cost_usd", use.cost_nano_usd, 1e-9);
  return out;
}

template <typename Items>
json::array list_of(const Items& items) {
  json::array out;
  for (const auto& item : items) out.push_back(to_json(item));
  return out;
}

json::array texts_of(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

}  // namespace

TimeNs case_time(double seconds) { return {kEpochNs + std::llround(seconds * 1e9)}; }
TraceId trace_id(std::string_view text) { return id_of<16>(text); }
SpanId span_id(std::string_view text) { return id_of<8>(text); }

std::vector<std::filesystem::path> case_files() {
  std::vector<std::filesystem::path> files;
  const auto folder = std::filesystem::path(CALLSCOPE_SOURCE_DIR) / "test/cases/calls";
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::unique_ptr<CallCase> read_case(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  const json::object file = json::parse(text.str(), {}, {.allow_comments = true}).as_object();
  auto out = std::make_unique<CallCase>();
  out->name = path.stem();
  const json::object defaults =
      file.contains("defaults") ? file.at("defaults").as_object() : json::object();
  if (const json::value* captured = file.if_contains("captured")) {
    const std::filesystem::path folder = path.parent_path().parent_path() / "captured";
    add_captured(folder / std::string_view(captured->as_string()), out->batch);
    out->expected = file.at("calls").as_array();
    return out;
  }
  for (const auto& span : file.at("spans").as_array()) {
    out->batch.spans.push_back(span_of(span.as_object(), defaults, out->batch));
  }
  out->expected = file.at("calls").as_array();
  return out;
}

void MemoryStore::add(const model::Span& span) {
  spans_[{span.project, span.trace_id}][span.span_id] = span;
}

SpanSource MemoryStore::source() {
  static const normalise::Classifier classifier;
  return {
      .load = [this](ProjectId project,
                     TraceId trace) -> Result<std::unique_ptr<model::SpanBatch>> {
        ++loads_;
        auto batch = std::make_unique<model::SpanBatch>();
        for (const auto& [id, span] : spans_[{project, trace}]) batch->spans.push_back(span);
        return batch;
      },
      .classify = [](const model::Span& span,
                     model::SpanFacts& facts) { classifier.classify(span, facts); },
      .texts = [](const model::Span& span,
                  const model::SpanFacts& facts) { return classifier.texts(span, facts); },
  };
}

Result<std::vector<KnownCall>> MemoryDirectory::find_by_traces(ProjectId project,
                                                               std::span<const TraceId> traces) {
  std::vector<KnownCall> found;
  for (const auto& [id, call] : calls) {
    const bool has_one = std::any_of(traces.begin(), traces.end(), [&](const TraceId& trace) {
      return std::find(call.trace_ids.begin(), call.trace_ids.end(), trace) != call.trace_ids.end();
    });
    if (call.project == project && has_one)
      found.push_back({id, call.anchor, call.trace_ids, call.span_count});
  }
  return found;
}

Result<std::vector<KnownCall>> MemoryDirectory::find_by_name(ProjectId project,
                                                             std::string_view name, TimeNs from,
                                                             TimeNs to) {
  std::vector<KnownCall> found;
  for (const auto& [id, call] : calls) {
    const bool has_name = call.call_id == name ||
                          std::find(call.session_keys.begin(), call.session_keys.end(), name) !=
                              call.session_keys.end();
    if (call.project == project && has_name && call.started <= to && call.ended >= from) {
      found.push_back({id, call.anchor, call.trace_ids, call.span_count});
    }
  }
  return found;
}

Result<void> MemoryDirectory::save(std::span<model::CallSummary> saved,
                                   std::span<const MergedCall> merged) {
  if (is_failing) return Error{ErrorCode::kUnavailable, "the catalog refuses"};
  for (model::CallSummary& call : saved) {
    if (call.id == 0) call.id = next_++;
    calls[call.id] = call;
    ++saves;
  }
  for (const MergedCall& merge : merged) {
    calls.erase(merge.from);
    aliases[merge.from] = merge.into;
  }
  return {};
}

json::value to_json(const model::Call& call) {
  const model::CallSummary& summary = call.summary;
  json::object out{{"call_id", summary.call_id},
                   {"root_ended", summary.root_ended},
                   {"span_count", summary.span_count},
                   {"turn_count", summary.turn_count},
                   {"tool_count", summary.tool_count},
                   {"tool_error_count", summary.tool_error_count},
                   {"error_count", summary.error_count},
                   {"interruption_count", summary.interruption_count},
                   {"trace_count", summary.trace_ids.size()},
                   {"latency", json::object{{"reported", to_json(summary.reported)},
                                            {"computed", to_json(summary.computed)}}},
                   {"totals", to_json(summary.totals)},
                   {"cost_source", source_name(summary.cost_source)},
                   {"tool_names", texts_of(summary.tool_names)},
                   {"session_keys", texts_of(summary.session_keys)},
                   {"turns", list_of(call.turns)},
                   {"tools", list_of(call.tools)},
                   {"models", list_of(call.models)}};
  put(out, "started_s", summary.started);
  put(out, "ended_s", summary.ended);
  put(out, "end_reason", summary.end_reason);
  put(out, "slowest_ms", summary.slowest_ms);
  put(out, "direction", call.direction);
  put(out, "from", call.from);
  put(out, "to", call.to);
  if (summary.slowest_turn) out["slowest_turn"] = *summary.slowest_turn;
  json::array frameworks, flags;
  for (const auto& framework : summary.frameworks) {
    frameworks.push_back(json::string(
        framework.version.empty() ? framework.name : framework.name + " " + framework.version));
  }
  for (const auto& note : call.flags)
    flags.push_back(json::string(model::flag_text(note.flag).code));
  json::object metadata;
  for (const auto& [key, value] : summary.metadata) metadata[key] = value;
  out["frameworks"] = std::move(frameworks);
  out["flags"] = std::move(flags);
  out["metadata"] = std::move(metadata);
  return out;
}

std::string difference(const json::value& expected, const json::value& actual,
                       const std::string& path) {
  const auto differs = [&] {
    return fmt::format("{}: expected {}, got {}", path, json::serialize(expected),
                       json::serialize(actual));
  };
  if (expected.is_object()) {
    if (!actual.is_object()) return differs();
    for (const auto& [key, value] : expected.get_object()) {
      const json::value* found = actual.get_object().if_contains(key);
      std::string inner =
          difference(value, found ? *found : json::value(), path + "." + std::string(key));
      if (!inner.empty()) return inner;
    }
    return {};
  }
  if (expected.is_array()) {
    if (!actual.is_array() || expected.get_array().size() != actual.get_array().size())
      return differs();
    for (size_t i = 0; i < expected.get_array().size(); ++i) {
      std::string inner =
          difference(expected.at(i), actual.at(i), path + "[" + std::to_string(i) + "]");
      if (!inner.empty()) return inner;
    }
    return {};
  }
  if (expected.is_number() && actual.is_number()) {
    const double a = expected.to_number<double>(), b = actual.to_number<double>();
    return std::abs(a - b) <= 1e-6 * std::max(1.0, std::abs(a)) ? std::string() : differs();
  }
  return expected == actual ? std::string() : differs();
}

}  // namespace callscope::calls::testing
