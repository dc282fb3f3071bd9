"""Builds OTLP requests and sends them over each transport, with the outcome in one shape."""

import base64
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import grpc
import requests
from google.protobuf.json_format import MessageToDict
from google.rpc import error_details_pb2, status_pb2
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from server import Server

TraceRequest = trace_service_pb2.ExportTraceServiceRequest
TraceResponse = trace_service_pb2.ExportTraceServiceResponse
LogRequest = logs_service_pb2.ExportLogsServiceRequest
LogResponse = logs_service_pb2.ExportLogsServiceResponse

TRACE_METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
LOG_METHOD = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
MILLISECOND = 1_000_000
SECOND = 1_000_000_000
GRPC_SECONDS = 60


def any_value(value: Any) -> AnyValue:
    match value:
        case None:
            return AnyValue()
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case str():
            return AnyValue(string_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
        case Mapping():
            answer = AnyValue()
            answer.kvlist_value.values.extend(attributes(value))
            return answer
        case Sequence():
            answer = AnyValue()
            answer.array_value.values.extend(any_value(item) for item in value)
            return answer
    raise TypeError(f"no AnyValue for {value!r}")


def attributes(values: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in values.items()]


def new_trace_id() -> bytes:
    return secrets.token_bytes(16)


def new_span_id() -> bytes:
    return secrets.token_bytes(8)


def make_span(
    name: str,
    trace_id: bytes,
    *,
    span_id: bytes | None = None,
    parent: bytes = b"",
    start_ns: int | None = None,
    duration_ms: float = 10,
    error: str | None = None,
    **values: Any,
) -> Span:
    """Returns a span that ends now, unless told otherwise; `a__b=1` is the attribute a.b."""
    duration_ns = int(duration_ms * MILLISECOND)
    start_ns = time.time_ns() - duration_ns if start_ns is None else start_ns
    span = Span(
        name=name,
        trace_id=trace_id,
        span_id=span_id or new_span_id(),
        parent_span_id=parent,
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=start_ns,
        end_time_unix_nano=start_ns + duration_ns,
        attributes=attributes({key.replace("__", "."): value for key, value in values.items()}),
    )
    if error is not None:
        span.status.code = 2
        span.status.message = error
    return span


def make_request(
    spans: Sequence[Span],
    *,
    service: str = "test-agent",
    scope: str = "test",
    resource: Mapping[str, Any] | None = None,
) -> TraceRequest:
    request = TraceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.extend(attributes({"service.name": service} | dict(resource or {})))
    scoped = group.scope_spans.add()
    scoped.scope.name = scope
    scoped.spans.extend(spans)
    return request


def make_call(
    trace_id: bytes, *, turns: int = 2, marker: str = "", start_ns: int | None = None
) -> list[Span]:
    """Returns the spans of a small call by the conversation/turn/stt/llm/tool_call/tts names."""
    start = start_ns or time.time_ns() - 10 * turns * SECOND
    root = new_span_id()
    spans = [
        make_span(
            "conversation", trace_id, span_id=root, start_ns=start, duration_ms=10_000 * turns, note=marker
        )
    ]
    for number in range(turns):
        at = start + 10 * number * SECOND
        turn = new_span_id()
        spans += [
            make_span("turn", trace_id, span_id=turn, parent=root, start_ns=at, duration_ms=9000),
            make_span(
                "stt",
                trace_id,
                parent=turn,
                start_ns=at,
                duration_ms=2000,
                stt__provider="deepgram",
                stt__transcript=f"question {number} {marker}",
                stt__confidence=0.93,
            ),
            make_span(
                "llm",
                trace_id,
                parent=turn,
                start_ns=at + 2100 * MILLISECOND,
                duration_ms=900,
                gen_ai__system="openai",
                gen_ai__request__model="gpt-4.1-mini",
                gen_ai__usage__input_tokens=300 + number,
                gen_ai__usage__output_tokens=20,
            ),
            make_span(
                "tool_call",
                trace_id,
                parent=turn,
                start_ns=at + 3000 * MILLISECOND,
                duration_ms=150,
                error="no such order" if number == 1 else None,
                function__name="look_up_order",
                function__input=json.dumps({"order": number, "note": marker}),
                function__output=json.dumps({"found": number != 1}),
            ),
            make_span(
                "tts",
                trace_id,
                parent=turn,
                start_ns=at + 3200 * MILLISECOND,
                duration_ms=1500,
                tts__provider="elevenlabs",
                tts__characters=42,
            ),
        ]
    return spans


def to_json(request: Any) -> dict[str, Any]:
    """Returns the request as OTLP/JSON has it: ids in hex, enumerations as numbers."""

    def hex_ids(node: Any) -> Any:
        if isinstance(node, list):
            return [hex_ids(item) for item in node]
        if isinstance(node, dict):
            return {
                key: base64.b64decode(value).hex()
                if key in ("traceId", "spanId", "parentSpanId")
                else hex_ids(value)
                for key, value in node.items()
            }
        return node

    return hex_ids(MessageToDict(request, use_integers_for_enums=True))


@dataclass(frozen=True)
class Outcome:
    """What the server answered: `code` is the gRPC code's name or the HTTP status."""

    code: str | int
    message: str = ""
    rejected: int = 0
    retry_after_s: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        return self.code in ("OK", 200)


class Sender(Protocol):
    """One way to send; `body` replaces the encoded request by bytes of the test's own."""

    name: str

    def send(
        self, request: Any = None, *, headers: Mapping[str, str], body: bytes | None = None
    ) -> Outcome: ...


class GrpcSender:
    name = "grpc"

    def __init__(
        self, server: Server, compression: grpc.Compression = grpc.Compression.NoCompression
    ) -> None:
        self._channel = grpc.insecure_channel(
            server.grpc, options=[("grpc.max_send_message_length", 1 << 30)], compression=compression
        )

    def close(self) -> None:
        self._channel.close()

    def send(self, request: Any = None, *, headers: Mapping[str, str], body: bytes | None = None) -> Outcome:
        logs = isinstance(request, LogRequest)
        call = self._channel.unary_unary(
            LOG_METHOD if logs else TRACE_METHOD,
            request_serializer=lambda data: data,
            response_deserializer=(LogResponse if logs else TraceResponse).FromString,
        )
        data = request.SerializeToString() if body is None else body
        metadata = [(key.lower(), value) for key, value in headers.items()]
        try:
            answer = call(data, metadata=metadata, timeout=GRPC_SECONDS)
        except grpc.RpcError as error:
            return Outcome(error.code().name, error.details() or "", retry_after_s=grpc_retry_after(error))
        partial = answer.partial_success
        rejected = partial.rejected_log_records if logs else partial.rejected_spans
        return Outcome("OK", partial.error_message, rejected)


def grpc_retry_after(error: grpc.RpcError) -> float | None:
    """Returns the seconds of the RetryInfo that the error carries, if any."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.RetryInfo()
                if detail.Unpack(info):
                    return info.retry_delay.seconds + info.retry_delay.nanos / 1e9
    return None


class HttpSender:
    def __init__(self, server: Server, content_type: str = "application/x-protobuf") -> None:
        self.name = "http-json" if content_type == "application/json" else "http-protobuf"
        self._url = server.http
        self._content_type = content_type
        self._session = requests.Session()

    def close(self) -> None:
        self._session.close()

    def encode(self, request: Any) -> bytes:
        if self._content_type == "application/json":
            return json.dumps(to_json(request)).encode()
        return request.SerializeToString()

    def send(self, request: Any = None, *, headers: Mapping[str, str], body: bytes | None = None) -> Outcome:
        logs = isinstance(request, LogRequest)
        answer = self._session.post(
            self._url + ("/v1/logs" if logs else "/v1/traces"),
            data=self.encode(request) if body is None else body,
            headers={"content-type": self._content_type} | dict(headers),
            timeout=60,
        )
        retry = answer.headers.get("retry-after")
        return Outcome(
            answer.status_code,
            *self._read(answer, logs),
            retry_after_s=float(retry) if retry else None,
            headers=answer.headers,
        )

    @staticmethod
    def _read(answer: requests.Response, logs: bool) -> tuple[str, int]:
        """Returns the message and the number of rejected items of the answer."""
        json_body = answer.headers.get("content-type", "").startswith("application/json")
        if answer.status_code != 200:
            if json_body:
                return answer.json().get("message", ""), 0
            return status_pb2.Status.FromString(answer.content).message, 0
        if json_body:
            partial = answer.json().get("partialSuccess", {})
            rejected = partial.get("rejectedLogRecords" if logs else "rejectedSpans", 0)
            return partial.get("errorMessage", ""), int(rejected)
        message = (LogResponse if logs else TraceResponse).FromString(answer.content)
        partial = message.partial_success
        return partial.error_message, partial.rejected_log_records if logs else partial.rejected_spans
