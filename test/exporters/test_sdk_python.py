"""The OpenTelemetry SDK for Python, unchanged, over gRPC and over HTTP."""

import pytest
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from server import Project


def grpc_exporter(project: Project) -> SpanExporter:
    return GrpcExporter(endpoint=project.server.grpc, insecure=True, headers=tuple(project.headers.items()))


def http_exporter(project: Project) -> SpanExporter:
    return HttpExporter(endpoint=project.server.http + "/v1/traces", headers=project.headers)


def gzip_exporter(project: Project) -> SpanExporter:
    return HttpExporter(
        endpoint=project.server.http + "/v1/traces", headers=project.headers, compression=Compression.Gzip
    )


def environment_exporter(project: Project) -> SpanExporter:
    """The exporter as a user has it: nothing in code, two variables outside."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", project.server.http)
        patch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"x-cekura-api-key={project.key}")
        return HttpExporter()


def environment_grpc_exporter(project: Project) -> SpanExporter:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{project.server.grpc}")
        patch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"x-cekura-api-key={project.key}")
        return GrpcExporter()


EXPORTERS = [grpc_exporter, http_exporter, gzip_exporter, environment_exporter, environment_grpc_exporter]


@pytest.mark.parametrize("make_exporter", EXPORTERS, ids=lambda function: function.__name__)
def test_a_call_arrives_whole(project: Project, make_exporter) -> None:
    provider = TracerProvider(
        resource=Resource.create({"service.name": "clinic-agent", "service.version": "7"})
    )
    provider.add_span_processor(BatchSpanProcessor(make_exporter(project)))
    tracer = provider.get_tracer("clinic", "1.2")

    with tracer.start_as_current_span("conversation") as root:
        root.set_attribute("plan", "pro")
        with tracer.start_as_current_span("stt") as span:
            span.set_attribute("stt.provider", "deepgram")
            span.set_attribute("stt.transcript", "Zwei Äpfel, bitte 🍎")
            span.set_attribute("stt.confidence", 0.87)
        with tracer.start_as_current_span("llm") as span:
            span.set_attribute("gen_ai.system", "openai")
            span.set_attribute("gen_ai.request.model", "gpt-4.1-mini")
            span.set_attribute("gen_ai.usage.input_tokens", 321)
            span.set_attribute("gen_ai.usage.output_tokens", 17)
        with tracer.start_as_current_span("tool_call") as span:
            span.set_attribute("function.name", "find_doctor")
            span.set_attribute("function.input", '{"day": "monday"}')
            span.set_attribute("tags", ["a", "b"])
            span.record_exception(LookupError("no doctor on monday"))
            span.set_status(trace.StatusCode.ERROR, "no doctor on monday")
    assert provider.force_flush()
    provider.shutdown()

    trace_id = f"{root.get_span_context().trace_id:032x}"
    spans = {span["name"]: span for span in project.wait_for_spans(trace_id, 4)}
    assert set(spans) == {"conversation", "stt", "llm", "tool_call"}
    assert spans["stt"]["parent_span_id"] == spans["conversation"]["span_id"]
    assert spans["conversation"]["parent_span_id"] == ""
    assert spans["stt"]["attributes"]["stt.transcript"] == "Zwei Äpfel, bitte 🍎"
    assert spans["stt"]["attributes"]["stt.confidence"] == 0.87
    assert spans["tool_call"]["attributes"]["tags"] == ["a", "b"]
    assert spans["llm"]["resource"]["service.name"] == "clinic-agent"
    assert spans["llm"]["scope"]["name"] == "clinic"
    assert spans["tool_call"]["events"][0]["name"] == "exception"
    assert int(spans["llm"]["end_time_unix_nano"]) >= int(spans["llm"]["start_time_unix_nano"])

    call = project.wait_for_call(trace_id)
    assert call["trace_ids"] == [trace_id]
    assert call["totals"]["input_tokens"] == 321
    assert call["totals"]["output_tokens"] == 17
    (tool,) = call["tools"]
    assert tool["name"] == "find_doctor"
    assert tool["is_error"] is True
    assert tool["arguments"] == '{"day": "monday"}'


def test_a_wrong_key_fails_the_export(project: Project) -> None:
    exporter = HttpExporter(
        endpoint=project.server.http + "/v1/traces", headers={"x-cekura-api-key": "no-such-key"}
    )
    provider = TracerProvider()
    span = provider.get_tracer("t").start_span("llm")
    span.end()
    assert exporter.export([span]) is SpanExportResult.FAILURE
    exporter.shutdown()
    provider.shutdown()
