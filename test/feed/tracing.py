"""OpenTelemetry's own SDK and exporters, with times of our choosing."""

from collections.abc import Mapping
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, Status, StatusCode
from server import Project

SECOND = 1_000_000_000
# A call is told faster than it is sent.
QUEUE_SPANS = 50_000


def grpc_exporter(project: Project) -> SpanExporter:
    return GrpcExporter(endpoint=f"http://{project.server.grpc}", insecure=True, headers=project.headers)


def http_exporter(project: Project) -> SpanExporter:
    return HttpExporter(endpoint=project.server.url("/v1/traces"), headers=project.headers)


class Tracing:
    """Makes the spans of one call: `span(...)` is given seconds from the call's start."""

    def __init__(self, exporter: SpanExporter, service: str, scope: str, start_ns: int) -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": service}))
        self._provider.add_span_processor(
            BatchSpanProcessor(exporter, schedule_delay_millis=200, max_queue_size=QUEUE_SPANS)
        )
        self._tracer = self._provider.get_tracer(scope, "1.14.0" if scope.startswith("pipecat") else "1.8.9")
        self.start_ns = start_ns

    def at(self, seconds: float) -> int:
        return self.start_ns + int(seconds * SECOND)

    def open(
        self, name: str, start: float, attributes: Mapping[str, Any], parent: Span | None = None
    ) -> Span:
        context = None if parent is None else trace.set_span_in_context(parent)
        return self._tracer.start_span(name, context, attributes=attributes, start_time=self.at(start))

    def span(
        self,
        name: str,
        times: tuple[float, float],
        attributes: Mapping[str, Any],
        parent: Span | None = None,
        error: str = "",
    ) -> Span:
        made = self.open(name, times[0], attributes, parent)
        if error:
            made.set_status(Status(StatusCode.ERROR, error))
            made.add_event(
                "exception",
                {"exception.type": error.split(":")[0], "exception.message": error},
                self.at(times[1]),
            )
        made.end(self.at(times[1]))
        return made

    def flush(self) -> None:
        assert self._provider.force_flush(), "the exporter did not get rid of its spans"

    def close(self) -> None:
        self._provider.shutdown()


def trace_id(span: Span) -> str:
    return f"{span.get_span_context().trace_id:032x}"
