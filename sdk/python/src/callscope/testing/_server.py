"""The fake server: HTTP, S3 and OTLP, in threads of the test's process."""

import hashlib
import http.server
import json
import re
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from callscope._sigv4 import AccessKey, signed_headers

OBSERVE = "/observability/v1/pipecat/observe"
TRACK = "/test_framework/v1/pipecat/webhook"
CREDENTIALS = "/observability/v1/pipecat/egress-credentials"
CALL_LOG = "/observability/v1/observe"
WITHDRAW = "/api/v1/sessions/withdraw"
EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
RECORDS_MAX = 100_000


@dataclass
class Post:
    """One request with a JSON body."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass
class Recording:
    """One multipart upload."""

    key: str
    agent_id: int
    parts: dict[int, bytes] = field(default_factory=dict)
    complete: bool = False
    aborted: bool = False

    @property
    def pcm(self) -> bytes:
        return b"".join(self.parts[number] for number in sorted(self.parts))


@dataclass
class SpanRow:
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    start_ns: int
    end_ns: int
    attributes: dict[str, Any]
    scope: str
    is_error: bool
    agent_id: str
    key: str


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    return getattr(value, kind) if kind else None


class FakeServer:
    """Takes every key but those in `refused_keys`. Everything it has taken is in its lists."""

    def __init__(self, *, port: int = 0, grpc_port: int = 0) -> None:
        self.key = "test-" + secrets.token_hex(8)
        self.refused_keys: set[str] = set()
        self.posts: list[Post] = []
        self.spans: list[SpanRow] = []
        self.recordings: list[Recording] = []
        # Every request in order, as "METHOD /path"; OTLP as "GRPC export".
        self.requests: list[str] = []
        # Asked with "METHOD /path" before a request is answered: a status answers instead.
        self.fails: Callable[[str], int | None] = lambda _request: None
        self.gives_credentials = True
        self._access: dict[str, AccessKey] = {}
        self._uploads: dict[str, Recording] = {}
        self._lock = threading.Lock()
        self._port, self._grpc_port = port, grpc_port
        self._http: http.server.ThreadingHTTPServer | None = None
        self._grpc: Any = None

    def __enter__(self) -> "FakeServer":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> "FakeServer":
        """Listens; after stop() again on the same ports, with everything it knew."""
        fake = self

        class Handler(_Handler):
            server_of_test = fake

        self._http = _Http(("127.0.0.1", self._port), Handler)
        self._port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        self._start_grpc()
        return self

    def _start_grpc(self) -> None:
        import grpc

        def export(request: bytes, context: Any) -> bytes:
            headers = dict(context.invocation_metadata())
            status = self._seen("GRPC export", headers)
            if status is not None:
                code = grpc.StatusCode.UNAUTHENTICATED if status == 401 else grpc.StatusCode.UNAVAILABLE
                context.abort(code, f"told to fail with {status}")
            self.take_spans(request, headers)
            return b""

        handler = grpc.unary_unary_rpc_method_handler(export)
        service, method = EXPORT.strip("/").split("/")
        self._grpc = grpc.server(ThreadPoolExecutor(4), options=[("grpc.so_reuseport", 0)])
        self._grpc.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service, {method: handler}),)
        )
        self._grpc_port = self._grpc.add_insecure_port(f"127.0.0.1:{self._grpc_port}")
        self._grpc.start()

    def stop(self) -> None:
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None
        if self._grpc is not None:
            self._grpc.stop(None).wait()
            self._grpc = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def otlp(self) -> str:
        return f"http://127.0.0.1:{self._grpc_port}"

    # What a test looks at.

    @property
    def payloads(self) -> list[dict[str, Any]]:
        """The call logs, observed and tracked."""
        return [post.body for post in self.posts if post.path.rstrip("/") in (OBSERVE, TRACK, CALL_LOG)]

    @property
    def withdrawn(self) -> list[dict[str, Any]]:
        return [post.body for post in self.posts if post.path == WITHDRAW]

    def spans_of(self, trace_id: str) -> list[SpanRow]:
        return [span for span in list(self.spans) if span.trace_id == trace_id]

    def recording_of(self, payload: dict[str, Any]) -> Recording:
        (found,) = [r for r in self.recordings if r.key == payload["audio_s3_key"] and r.complete]
        return found

    def wait_for(self, condition: Callable[[], Any], timeout_s: float = 10.0) -> Any:
        """Returns what the condition gives, once that is something."""
        deadline = time.monotonic() + timeout_s
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {timeout_s} s; requests: {self.requests[-20:]}")
            time.sleep(0.01)
        return found

    # What comes.

    def _seen(self, request: str, headers: dict[str, str]) -> int | None:
        with self._lock:
            if len(self.requests) < RECORDS_MAX:
                self.requests.append(request)
        key = headers.get("x-cekura-api-key", "")
        if "/egress/" not in request and (not key or key in self.refused_keys):
            return 401
        return self.fails(request)

    def take_spans(self, request: bytes, headers: dict[str, str]) -> None:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        message = ExportTraceServiceRequest.FromString(request)
        rows = [
            SpanRow(
                span.name,
                span.trace_id.hex(),
                span.span_id.hex(),
                span.parent_span_id.hex(),
                span.start_time_unix_nano,
                span.end_time_unix_nano,
                {item.key: _value(item.value) for item in span.attributes},
                scope.scope.name,
                span.status.code == 2,
                headers.get("x-cekura-agent-id", ""),
                headers.get("x-cekura-api-key", ""),
            )
            for resource in message.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        with self._lock:
            self.spans += rows

    def credentials(self, agent_id: int) -> dict[str, str]:
        access = AccessKey(secrets.token_hex(8), secrets.token_hex(16), secrets.token_hex(8), "local")
        recording = Recording(f"agents/{agent_id}/{secrets.token_hex(8)}.pcm", agent_id)
        with self._lock:
            self._access[recording.key] = access
            self.recordings.append(recording)
        return {
            "access_key": access.access_key,
            "secret_key": access.secret_key,
            "session_token": access.session_token,
            "region": access.region,
            "bucket": "egress",
            "key": recording.key,
            "endpoint_url": self.url,
        }

    def s3(
        self, method: str, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(url)
        key = unquote(parts.path.removeprefix("/egress/"))
        query = parse_qs(parts.query, keep_blank_values=True)
        access = self._access.get(key)
        if access is None or not self._signed(method, url, headers, body, access):
            return 403, {}, b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
        recording = next(r for r in self.recordings if r.key == key)
        if method == "POST" and "uploads" in query:
            upload = secrets.token_hex(8)
            with self._lock:
                self._uploads[upload] = recording
                recording.parts.clear()
            return (
                200,
                {},
                f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>".encode(),
            )
        upload = query["uploadId"][0]
        if upload not in self._uploads:
            return 404, {}, b"<Error><Code>NoSuchUpload</Code></Error>"
        if method == "PUT":
            number = int(query["partNumber"][0])
            recording.parts[number] = body
            return 200, {"ETag": f'"{hashlib.md5(body).hexdigest()}"'}, b""
        if method == "DELETE":
            recording.aborted = True
            recording.parts.clear()
            del self._uploads[upload]
            return 204, {}, b""
        numbers = [int(n) for n in re.findall(rb"<PartNumber>(\d+)</PartNumber>", body)]
        if numbers != sorted(recording.parts):
            return 400, {}, b"<Error><Code>InvalidPart</Code></Error>"
        recording.complete = True
        return 200, {}, b"<CompleteMultipartUploadResult><Key/></CompleteMultipartUploadResult>"

    def forget_uploads(self) -> None:
        """As after a restart that has lost them."""
        with self._lock:
            self._uploads.clear()

    def _signed(self, method: str, url: str, headers: dict[str, str], body: bytes, access: AccessKey) -> bool:
        from datetime import datetime, timezone

        names = re.search(r"SignedHeaders=([^,]+)", headers.get("authorization", ""))
        if names is None:
            return False
        own = ("host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token")
        signed = {name: headers[name] for name in names[1].split(";") if name not in own}
        now = datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
        expected = signed_headers(method, self.url + url, signed, body, access, now)
        return expected["authorization"] == headers["authorization"]

    def answer(
        self, method: str, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        path = urlsplit(url).path
        status = self._seen(f"{method} {path}", headers)
        if status is not None:
            return status, {}, json.dumps({"error": f"told to fail with {status}"}).encode()
        if path.startswith("/egress/"):
            return self.s3(method, url, headers, body)
        json_type = {"Content-Type": "application/json"}
        if path == CREDENTIALS and method == "GET":
            if not self.gives_credentials:
                return 404, json_type, b"{}"
            agent_id = int(parse_qs(urlsplit(url).query)["agent_id"][0])
            return 200, json_type, json.dumps(self.credentials(agent_id)).encode()
        if path == "/v1/traces" and method == "POST":
            self.take_spans(body, headers)
            return 200, {"Content-Type": "application/x-protobuf"}, b""
        if path.rstrip("/") in (OBSERVE, TRACK, CALL_LOG, WITHDRAW) and method == "POST":
            with self._lock:
                self.posts.append(Post(path, json.loads(body), headers))
                number = len(self.posts)
            given = {"withdrawn": True} if path == WITHDRAW else {"id": number}
            return 200, json_type, json.dumps(given).encode()
        return 404, json_type, b"{}"


class _Http(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_test: FakeServer

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, given, answer = self.server_of_test.answer(self.command, self.path, headers, body)
        self.send_response(status)
        for name, value in given.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = _any

    def log_message(self, format: str, *args: Any) -> None:
        pass
