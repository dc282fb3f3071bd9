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
];
