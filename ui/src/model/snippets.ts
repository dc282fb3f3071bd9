// How to point an agent at this server, ready to paste.

export interface Snippet {
  readonly id: string;
  readonly label: string;
  readonly install: string;
  readonly code: string;
  readonly note?: string;
}

export function environmentSnippet(origin: string, key: string): string {
  return `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}\nexport OTEL_EXPORTER_OTLP_HEADERS=x-cekura-api-key=${key}`;
}

export const kSnippets: readonly Snippet[] = [
  {
    id: 'pipecat',
    label: 'Pipecat',
    install: 'pip install "pipecat-ai[tracing]" opentelemetry-exporter-otlp-proto-http',
    code: `from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.utils.tracing.setup import setup_tracing

setup_tracing(service_name="my-agent", exporter=OTLPSpanExporter())

worker = PipelineWorker(
    pipeline,
    # Without them there are no first-byte times and no tokens.
    params=PipelineParams(enable_metrics=True, enable_usage_metrics=True),
    enable_turn_tracking=True,
    enable_tracing=True,
)`,
    note: 'Before Pipecat 1.0 the class is PipelineTask, in pipecat.pipeline.task, with the same arguments.',
  },
  {
    id: 'livekit',
    label: 'LiveKit Agents',
    install: 'pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http',
    code: `from livekit.agents.telemetry import set_tracer_provider
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider(resource=Resource.create({"service.name": "my-agent"}))
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
set_tracer_provider(provider)  # in the entrypoint, before the session starts`,
    note: 'From 1.5 on LiveKit can send transcript and recording too, without code: see “LiveKit and providers”.',
  },
  {
    id: 'python',
    label: 'Python',
    install: 'pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http',
    code: `from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider(resource=Resource.create({"service.name": "my-agent"}))
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)

tracer = trace.get_tracer("my-agent")
with tracer.start_as_current_span("conversation"):
    with tracer.start_as_current_span("llm") as span:
        span.set_attribute("gen_ai.request.model", "gpt-4o")

provider.shutdown()  # when the process ends: sends what is left`,
  },
  {
    id: 'node',
    label: 'Node',
    install: 'npm install @opentelemetry/api @opentelemetry/resources @opentelemetry/sdk-trace-node @opentelemetry/exporter-trace-otlp-http',
    code: `import { context, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'my-agent' }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();

const tracer = trace.getTracer('my-agent');
const call = tracer.startSpan('conversation');
const inCall = trace.setSpan(context.active(), call);
const llm = tracer.startSpan('llm', { attributes: { 'gen_ai.request.model': 'gpt-4o' } }, inCall);
llm.end();
call.end();

await provider.shutdown(); // when the process ends: sends what is left`,
    note: 'An ES module: name the file agent.mjs, or set "type": "module" in package.json.',
  },
  {
    id: 'go',
    label: 'Go',
    install: 'go get go.opentelemetry.io/otel go.opentelemetry.io/otel/sdk go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp',
    code: `package main

import (
    "context"
    "log"

    "go.opentelemetry.io/otel"
    "go.opentelemetry.io/otel/attribute"
    "go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
    "go.opentelemetry.io/otel/sdk/resource"
    "go.opentelemetry.io/otel/sdk/trace"
)

func main() {
    ctx := context.Background()
    exporter, err := otlptracehttp.New(ctx) // reads the two variables above
    if err != nil {
        log.Fatal(err)
    }
    provider := trace.NewTracerProvider(
        trace.WithBatcher(exporter),
        trace.WithResource(resource.NewSchemaless(attribute.String("service.name", "my-agent"))),
    )
    defer provider.Shutdown(ctx) // sends what is left
    otel.SetTracerProvider(provider)

    tracer := otel.Tracer("my-agent")
    inCall, call := tracer.Start(ctx, "conversation")
    defer call.End()
    _, llm := tracer.Start(inCall, "llm")
    llm.SetAttributes(attribute.String("gen_ai.request.model", "gpt-4o"))
    llm.End()
}`,
  },
];

/** What to tell a coding agent, so that it does all of this by itself. The key is not in it: it would end up in a log. */
export function promptSnippet(origin: string): string {
  return `Send this voice agent's OpenTelemetry traces to Callscope at ${origin}.

1. Find out how the agent is built: Pipecat, LiveKit Agents, or its own code (Python, Node or Go).
2. Install the OpenTelemetry SDK and the OTLP/HTTP exporter for its language. Configure the exporter only by the
   environment: OTEL_EXPORTER_OTLP_ENDPOINT=${origin} and
   OTEL_EXPORTER_OTLP_HEADERS=x-cekura-api-key=<the key, from the secret store; never in the code>.
3. Pipecat: call setup_tracing(service_name=..., exporter=OTLPSpanExporter()) once, and create the PipelineWorker
   (PipelineTask before 1.0) with enable_turn_tracking=True, enable_tracing=True and
   PipelineParams(enable_metrics=True, enable_usage_metrics=True).
   LiveKit Agents: call set_tracer_provider(provider) in the entrypoint before the session starts.
   Own code: one span around the call named "conversation" with the attribute conversation.id, and inside it one span
   each for stt, llm, tts and every tool. Set gen_ai.request.model, gen_ai.usage.input_tokens and
   gen_ai.usage.output_tokens on llm spans, metrics.ttfb in seconds on llm and tts spans, the transcript on stt spans.
4. Set service.name to the agent's name. Shut the tracer provider down when the process ends, so that the last spans are sent.
5. Make a short call and check that GET ${origin}/api/v1/calls?limit=1 with the header x-callscope-api-key lists it
   with turns, models and tools. Say which of them are missing and why.`;
}
