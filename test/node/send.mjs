// Sends one small call with the OpenTelemetry SDK for Node over OTLP/HTTP as JSON, to where
// OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS point, and prints its trace id.
import { SpanStatusCode, context, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ "service.name": "node-agent" }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
const tracer = provider.getTracer("node-test", "2.0");

const root = tracer.startSpan("conversation");
const within = trace.setSpan(context.active(), root);
const llm = tracer.startSpan(
  "llm",
  {
    attributes: {
      "gen_ai.system": "openai",
      "gen_ai.request.model": "gpt-4.1-mini",
      "gen_ai.usage.input_tokens": 111,
      "gen_ai.usage.output_tokens": 9,
      "sampling.temperature": 0.5,
      "stop.sequences": ["\n", "END"],
      greeting: "Grüß Gott ☎",
      cached: true,
    },
  },
  within,
);
llm.addEvent("first token", { index: 0 });
llm.end();
const tool = tracer.startSpan("tool_call", { attributes: { "function.name": "transfer" } }, within);
tool.recordException(new Error("line busy"));
tool.setStatus({ code: SpanStatusCode.ERROR, message: "line busy" });
tool.end();
root.end();

await provider.forceFlush();
await provider.shutdown();
console.log(root.spanContext().traceId);
