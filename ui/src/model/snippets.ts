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
from pipecat.utils.tracing.setup import setup_tracing

setup_tracing(service_name="my-agent", exporter=OTLPSpanExporter())

task = PipelineTask(
    pipeline,
    params=PipelineParams(enable_metrics=True),  # without it no first-byte times
    enable_turn_tracking=True,
    enable_tracing=True,
)`,
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
        span.set_attribute("gen_ai.request.model", "gpt-4o")`,
  },
  {
    id: 'node',
    label: 'Node',
    install: 'npm install @opentelemetry/sdk-node @opentelemetry/exporter-trace-otlp-proto',
    code: `import { NodeSDK } from '@opentelemetry/sdk-node';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';

const sdk = new NodeSDK({ serviceName: 'my-agent', traceExporter: new OTLPTraceExporter() });
sdk.start();
process.on('SIGTERM', () => sdk.shutdown());`,
  },
  {
    id: 'go',
    label: 'Go',
    install: 'go get go.opentelemetry.io/otel/sdk go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp',
    code: `exporter, err := otlptracehttp.New(ctx) // reads the two variables above
if err != nil {
    log.Fatal(err)
}
provider := trace.NewTracerProvider(
    trace.WithBatcher(exporter),
    trace.WithResource(resource.NewSchemaless(attribute.String("service.name", "my-agent"))),
)
defer provider.Shutdown(context.Background()) // sends what is left
otel.SetTracerProvider(provider)

ctx, span := otel.Tracer("my-agent").Start(ctx, "llm")
span.SetAttributes(attribute.String("gen_ai.request.model", "gpt-4o"))
span.End()`,
  },
];

/** What to tell a coding agent, so that it does all of this by itself. The key is not in it: it would end up in a log. */
export function promptSnippet(origin: string): string {
  return `Send this voice agent's OpenTelemetry traces to Callscope at ${origin}.

1. Find out how the agent is built: Pipecat, LiveKit Agents, or its own code (Python, Node or Go).
2. Install the OpenTelemetry SDK and the OTLP/HTTP exporter for its language. Configure the exporter only by the
   environment: OTEL_EXPORTER_OTLP_ENDPOINT=${origin} and
   OTEL_EXPORTER_OTLP_HEADERS=x-cekura-api-key=<the key, from the secret store; never in the code>.
3. Pipecat: call setup_tracing(service_name=..., exporter=OTLPSpanExporter()) once, and create the PipelineTask with
   enable_turn_tracking=True, enable_tracing=True and PipelineParams(enable_metrics=True).
   LiveKit Agents: call set_tracer_provider(provider) in the entrypoint before the session starts.
   Own code: one span around the call named "conversation" with the attribute conversation.id, and inside it one span
   each for stt, llm, tts and every tool. Set gen_ai.request.model, gen_ai.usage.input_tokens and
   gen_ai.usage.output_tokens on llm spans, metrics.ttfb in seconds on llm and tts spans, the transcript on stt spans.
4. Set service.name to the agent's name. Shut the tracer provider down when the process ends, so that the last spans are sent.
5. Make a short call and check that GET ${origin}/api/v1/calls?limit=1 with the header x-callscope-api-key lists it
   with turns, models and tools. Say which of them are missing and why.`;
}
