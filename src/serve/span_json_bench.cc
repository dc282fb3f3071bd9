// What writing a trace of 59 spans costs, as GET traces/{trace_id} does it.
#include <benchmark/benchmark.h>

#include "serve/span_json.h"

namespace callscope::serve {
namespace {

using model::Value;

// Spans as a voice agent sends them: one in three an LLM call with its messages.
model::SpanBatch make_trace() {
  model::SpanBatch batch;
  batch.resources.push_back({.attributes = {{"service.name", Value::of("front desk")},
                                            {"service.version", Value::of("1.4.2")},
                                            {"host.name", Value::of("pod-17")}}});
  batch.scopes.push_back({.name = "my.agent", .version = "1.2"});
  const std::string_view messages =
      batch.arena.copy(R"([{"role":"system","parts":[{"type":"text","content":")" +
                       std::string(900, 'x') + R"("}]}])");
  for (uint8_t i = 0; i < 59; ++i) {
    model::Span span;
    span.trace_id.bytes = {1, 2, 3};
    span.span_id.bytes = {i, 1};
    span.parent_span_id.bytes = {1};
    span.kind = model::OtelKind::kInternal;
    span.start = {1'795'273'200'000'000'000 + i};
    span.end = {1'795'273'200'900'000'000 + i};
    span.resource = &batch.resources.front();
    span.scope = &batch.scopes.front();
    span.attributes = {{"conversation.id", Value::of("5b1f6a52-64f5-4f5e-bc0c-2b8d8f5f4a11")}};
    if (i % 3 == 0) {
      span.name = "llm";
      span.attributes.insert(span.attributes.end(),
                             {{"gen_ai.system", Value::of("openai")},
                              {"gen_ai.request.model", Value::of("gpt-4.1")},
                              {"gen_ai.request.temperature", Value::of_double(0.7)},
                              {"gen_ai.usage.input_tokens", Value::of_int(1'234)},
                              {"gen_ai.usage.output_tokens", Value::of_int(56)},
                              {"gen_ai.input.messages", Value::of(messages)}});
    } else {
      span.name = i % 3 == 1 ? "tts" : "stt";
      span.attributes.push_back({"tts.provider", Value::of("cartesia")});
      span.attributes.push_back({"tts.characters", Value::of_int(120)});
      span.attributes.push_back(
          {"stt.transcript", Value::of("I would like to book a table for four tonight")});
    }
    batch.spans.push_back(std::move(span));
  }
  return batch;
}

void BM_WriteTrace(benchmark::State& state) {
  const normalise::Classifier classifier;
  const auto prices = calls::Prices::load();
  const model::SpanBatch trace = make_trace();
  size_t bytes = 0;
  for (auto _ : state) {
    std::string out;
    out.reserve(trace.spans.size() * 1'600);
    SpanJson json(classifier, *prices);
    for (const model::Span& span : trace.spans)
      json.append(out, span, state.range(0) == 0 ? SpanForm::kFull : SpanForm::kLight);
    bytes = out.size();
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(BM_WriteTrace)->ArgName("light")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace callscope::serve
