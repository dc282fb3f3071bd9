"""Sends encoded spans over OTLP, by gRPC or HTTP; channels are shared by the calls of a process."""

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from callscope._config import LOOPBACK, Target
from callscope._http import Unreachable, send
from callscope._upload import Later, Refused

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_RETRYABLE = {
    "CANCELLED",
    "DEADLINE_EXCEEDED",
    "RESOURCE_EXHAUSTED",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNAVAILABLE",
    "DATA_LOSS",
}
_KEY_REFUSED = {"UNAUTHENTICATED", "PERMISSION_DENIED"}

_lock = threading.Lock()
_channels: dict[tuple[str, bool], Any] = {}


def _same(data: bytes) -> bytes:
    return data


def _channel(host: str, secure: bool) -> Any:
    import grpc

    with _lock:
        channel = _channels.get((host, secure))
        if channel is None:
            # A dead server is asked again soon; the default waits up to two minutes.
            options = [
                ("grpc.initial_reconnect_backoff_ms", 100),
                ("grpc.min_reconnect_backoff_ms", 100),
                ("grpc.max_reconnect_backoff_ms", 2000),
                ("grpc.enable_retries", 0),
            ]
            if secure:
                path = os.environ.get("OTEL_EXPORTER_OTLP_CERTIFICATE")
                roots = Path(path).read_bytes() if path else None
                channel = grpc.secure_channel(host, grpc.ssl_channel_credentials(roots), options)
            else:
                channel = grpc.insecure_channel(host, options)
            _channels[host, secure] = channel
        return channel


def _grpc_sender(target: Target, timeout_s: float) -> Callable[[bytes], None]:
    parts = urlsplit(target.otlp if "//" in target.otlp else "//" + target.otlp)
    secure = parts.scheme == "https" or (not parts.scheme and parts.hostname not in LOOPBACK)
    host = parts.netloc if parts.port else f"{parts.netloc}:{443 if secure else 4317}"
    metadata = (*target.headers.items(), ("x-cekura-agent-id", str(target.agent_id)))

    def export(request: bytes) -> None:
        import grpc

        call = _channel(host, secure).unary_unary(
            EXPORT, request_serializer=_same, response_deserializer=_same
        )
        try:
            call(request, timeout=timeout_s, metadata=metadata)
        except grpc.RpcError as error:
            code, told = error.code().name, f"{error.code().name} {error.details()}"
            if code in _RETRYABLE:
                raise Later(told) from None
            raise Refused(f"spans were refused: {told}", key_refused=code in _KEY_REFUSED) from None

    return export


def _http_sender(target: Target, timeout_s: float) -> Callable[[bytes], None]:
    headers: Mapping[str, str] = target.headers | {
        "content-type": "application/x-protobuf",
        "x-cekura-agent-id": str(target.agent_id),
    }

    def export(request: bytes) -> None:
        try:
            answer = send("POST", target.otlp, headers=headers, body=request, timeout_s=timeout_s)
        except Unreachable as error:
            raise Later(str(error)) from None
        if answer.transient:
            raise Later(answer.told())
        if not answer.ok:
            raise Refused(f"spans were refused: {answer.told()}", key_refused=answer.status in (401, 403))

    return export


def span_exporter(target: Target, timeout_s: float) -> Callable[[bytes], None]:
    """Returns what sends one encoded request; it raises Later or Refused.

    An endpoint that ends in /v1/traces is spoken to by OTLP/HTTP, any other by gRPC.
    """
    if urlsplit(target.otlp).path.rstrip("/").endswith("/v1/traces"):
        return _http_sender(target, timeout_s)
    return _grpc_sender(target, timeout_s)
