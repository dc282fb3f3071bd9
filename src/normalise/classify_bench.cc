// What classifying a span costs: the spans of a voice agent with the attributes that they really
// have.
#include <benchmark/benchmark.h>

#include <array>

#include "normalise/classify.h"
#include "normalise/otlp_json.h"
#include "normalise/value_json.h"

namespace callscope::normalise {
namespace {

using model::Value;

struct BenchSpan {
  model::Resource resource;
  model::Scope scope;
  model::Span span;

  BenchSpan(std::string_view scope_name, std::string_view name, model::Attributes attributes) {
    scope.name = scope_name;
    span.name = name;
    span.scope = &scope;
    span.resource = &resource;
    span.start = {1'700'000'000'000'000'000};
    span.end = {1'700'000'001'000'000'000};
    span.attributes = std::move(attributes);
    resource.attributes = {{"service.name", Value::of("agent")},
                           {"telemetry.sdk.language", Value::of("python")}};
  }
  BenchSpan(const BenchSpan&) = delete;
};

constexpr std::string_view kMessages =
    R"([{"role":"system","content":"Be brief."},{"role":"user","content":"Where is my order?"}])";

model::Attributes llm_attributes() {
  return {{"gen_ai.provider.name", Value::of("openai")},
          {"gen_ai.operation.name", Value::of("chat")},
          {"gen_ai.request.model", Value::of("gpt-4o-mini")},
          {"gen_ai.response.model", Value::of("gpt-4o-mini")},
          {"gen_ai.request.temperature", Value::of_double(0.7)},
          {"gen_ai.request.max_tokens", Value::of_int(1024)},
          {"gen_ai.usage.input_tokens", Value::of_int(830)},
          {"gen_ai.usage.output_tokens", Value::of_int(42)},
          {"gen_ai.usage.cache_read.input_tokens", Value::of_int(512)},
          {"gen_ai.response.finish_reasons", Value::of("stop")},
          {"gen_ai.input.messages", Value::of(kMessages)},
          {"gen_ai.output.messages", Value::of(kMessages)},
          {"metrics.ttfb", Value::of_double(0.41)},
          {"conversation.id", Value::of("5f0c2a52-98fe-4a20-b8a1-0f1f2f3f4f5f")},
          {"turn.number", Value::of_int(3)}};
}

void run(benchmark::State& state, const BenchSpan& span) {
  const Classifier classifier;
  model::SpanFacts facts;
  for (auto _ : state) {
    classifier.classify(span.span, facts);
    benchmark::DoNotOptimize(facts);
  }
}

void pipecat_llm(benchmark::State& state) { run(state, {"pipecat", "llm", llm_attributes()}); }
BENCHMARK(pipecat_llm);

void hand_written_llm(benchmark::State& state) {
  run(state, {"my.agent", "llm", llm_attributes()});
}
BENCHMARK(hand_written_llm);

void genai_chat(benchmark::State& state) {
  run(state, {"my.agent", "chat gpt-4o", llm_attributes()});
}
BENCHMARK(genai_chat);

void unknown_span(benchmark::State& state) {
  run(state, {"my.app",
              "GET /orders",
              {{"http.request.method", Value::of("GET")},
               {"url.path", Value::of("/orders")},
               {"http.response.status_code", Value::of_int(200)},
               {"app.customer", Value::of("c-1")},
               {"app.region", Value::of("eu")}}});
}
BENCHMARK(unknown_span);

void hand_written_turn(benchmark::State& state) {
  run(state, {"my.agent",
              "turn",
              {{"turn.number", Value::of_int(3)},
               {"turn.type", Value::of("conversation")},
               {"turn.duration_seconds", Value::of_double(4.2)},
               {"turn.was_interrupted", Value::of_bool(false)},
               {"turn.user_bot_latency_seconds", Value::of_double(1.2)},
               {"conversation.id", Value::of("5f0c2a52-98fe-4a20-b8a1-0f1f2f3f4f5f")}}});
}
BENCHMARK(hand_written_turn);

void livekit_llm_request(benchmark::State& state) {
  model::Attributes attributes = llm_attributes();
  attributes.push_back(
      {"lk.llm_metrics",
       Value::of(
           R"({"type":"llm_metrics","label":"livekit.plugins.openai.llm.LLM","request_id":"chatcmpl-1","timestamp":1700000000.1,"duration":1.1,"ttft":0.48,"cancelled":false,"completion_tokens":20,"prompt_tokens":300,"prompt_cached_tokens":128,"total_tokens":320,"tokens_per_second":18.2,"speech_id":"s","metadata":{"model_name":"gpt-4o-mini","model_provider":"api.openai.com"}})")});
  run(state, {"livekit-agents", "llm_request", std::move(attributes)});
}
BENCHMARK(livekit_llm_request);

void texts_of_llm(benchmark::State& state) {
  const Classifier classifier;
  const BenchSpan span("pipecat", "llm", llm_attributes());
  model::SpanFacts facts;
  classifier.classify(span.span, facts);
  for (auto _ : state) benchmark::DoNotOptimize(classifier.texts(span.span, facts));
}
BENCHMARK(texts_of_llm);

void compile_table(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Classifier());
}
BENCHMARK(compile_table);

void print_attributes(benchmark::State& state) {
  const model::Attributes attributes = llm_attributes();
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_attributes_json(out, attributes);
    benchmark::DoNotOptimize(out);
  }
  state.SetBytesProcessed(static_cast<int64_t>(out.size()) * state.iterations());
}
BENCHMARK(print_attributes);

void parse_attributes(benchmark::State& state) {
  std::string json;
  append_attributes_json(json, llm_attributes());
  model::Attributes out;
  for (auto _ : state) {
    Arena arena(4096);
    parse_attributes_json(json, arena, out);
    benchmark::DoNotOptimize(out);
  }
  state.SetBytesProcessed(static_cast<int64_t>(json.size()) * state.iterations());
}
BENCHMARK(parse_attributes);

// 512 spans of the size that a real exporter sends.
void otlp_json(benchmark::State& state) {
  model::SpanBatch batch;
  batch.resources.emplace_back().attributes = {{"service.name", Value::of("agent")}};
  batch.scopes.emplace_back().name = "pipecat";
  for (int i = 0; i < 512; ++i) {
    model::Span& span = batch.spans.emplace_back();
    span.trace_id.bytes[0] = 1;
    span.span_id.bytes[0] = 1;
    span.name = "llm";
    span.start = {1'700'000'000'000'000'000};
    span.end = {1'700'000'001'000'000'000};
    span.attributes = llm_attributes();
    span.resource = &batch.resources[0];
    span.scope = &batch.scopes[0];
  }
  std::string json;
  append_otlp_json(json, batch);
  for (auto _ : state) benchmark::DoNotOptimize(traces_json_to_protobuf(json));
  state.SetBytesProcessed(static_cast<int64_t>(json.size()) * state.iterations());
  state.SetItemsProcessed(512 * state.iterations());
}
BENCHMARK(otlp_json);

}  // namespace
}  // namespace callscope::normalise
