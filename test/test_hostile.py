"""Every route of the API with hostile input: a clear error that names the field, never 500, never a hang."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlparse

import pytest
from otlp import GrpcSender, make_call, make_request, new_trace_id
from server import Project, Server

# Long enough for the slowest honest answer on a busy machine; a hang is longer.
ANSWER_SECONDS = 20
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
# Streams that go on by design, and routes with their own error format (test_s3.py, test_receive_table.py).
LEFT_OUT = ("/events", "/callscope-recordings/", "/v1/traces", "/v1/logs")

NUMBERS = (
    "-1",
    "0",
    "99999999999999999999",
    "-9223372036854775809",
    "1e400",
    "NaN",
    "0x10",
    "1.5",
    " 1",
    "１",
)
TEXTS = (
    "",
    "\x00",
    "'",
    '"; DROP TABLE calls; --',
    "%",
    "a" * 5000,
    "😀" * 100,
    "../../etc/passwd",
    "{}",
    "null",
)
CURSORS = ("x", "-1", "started_at.DESC.1", "started_at.DESC.x.y", "9" * 40, "latency.ASC.1.1", "1-zz", "\x00")
RAW = ("%ff%fe", "%c0%af", "%ed%a0%80", "%00")  # bytes that are no UTF-8, and none that a text should hold
DEEP = "[" * 100_000
BODIES = (
    b"",
    b"{",
    b"null",
    b"7",
    b'"text"',
    b"[]",
    b"[1,2,3]",
    b"\xff\xfe\x00",
    b'{"name":"\xff"}',
    b'{"a":' * 50_000,
    DEEP.encode(),
    b'{"' + b"k" * 100_000 + b'":1}',
    b'{"project_id":-1}',
    b'{"project_id":99999999999999999999}',
    b'{"project_id":"1"}',
    b'{"project_id":1.5}',
    b'{"project_id":[]}',
)
# Values that any member of a body may be given in place of its own.
VALUES: tuple[Any, ...] = (
    -1,
    2**63,
    -(2**70),
    1e308,
    True,
    "",
    "\x00",
    "\ud800",
    "x" * 100_000,
    [],
    [None],
    [[[]]],
    {},
    {"a": {"b": {"c": [1]}}},
)


@pytest.fixture(scope="module")
def victim(server: Server) -> tuple[Project, dict[str, Any]]:
    project = server.new_project()
    server.create("agents", project_id=project.id, name="front desk")
    trace_id = new_trace_id()
    sender = GrpcSender(server)
    assert sender.send(make_request(make_call(trace_id, turns=1)), headers=project.headers).accepted
    sender.close()
    call = project.wait_for_call(trace_id.hex())
    made = server.request(
        "POST", f"calls/{call['id']}/recordings?sample_rate=8000", key=project.key, data=b"\x00" * 8000
    )
    assert made.status_code == 201, made.text
    return project, project.read(f"calls/{call['id']}")


def resolve(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def members(document: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    schema = resolve(document, schema)
    names = list(schema.get("properties", {}))
    for part in schema.get("allOf", []) + schema.get("oneOf", []):
        names += members(document, part)
    return names


class Route:
    def __init__(self, document: dict[str, Any], path: str, method: str) -> None:
        self.path, self.method = path, method.upper()
        operation = document["paths"][path][method]
        shared = document["paths"][path].get("parameters", [])
        parameters = [resolve(document, each) for each in shared + operation.get("parameters", [])]
        self.query = [each["name"] for each in parameters if each["in"] == "query"]
        content = operation.get("requestBody", {}).get("content", {})
        self.takes_json = "application/json" in content
        self.members = members(document, content["application/json"]["schema"]) if self.takes_json else []

    def fill(self, call: dict[str, Any], id_: str | None = None) -> str:
        values = {
            "{id}": id_ or str(call["id"]),
            "{trace_id}": call["trace_ids"][0],
            "{span_id}": "0123456789abcdef",
            "{recording_id}": str(call["recordings"][0]["id"]),
            "{delivery_id}": "1",
            "{provider}": "retell",
            "{service}": "front desk",
        }
        path = self.path
        for name, value in values.items():
            path = path.replace(name, value)
        return path


def routes(server: Server) -> Iterator[Route]:
    document = server.get("/api/v1/openapi.json").json()
    for path, operations in document["paths"].items():
        if any(part in path for part in LEFT_OUT):
            continue
        for method in operations:
            if method in METHODS:
                yield Route(document, path, method)


class Judge:
    """Looks at answers and keeps what is wrong with them, so that one run tells of all."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def expect(self, holds: bool, told: str) -> None:
        if not holds:
            self.problems.append(told[:400])

    def look(self, answer: Any, told: str, started: float) -> None:
        """An answer in time; an error says in words what is wrong."""
        told = f"{told}: {answer.status_code} {answer.text[:200]}"
        self.expect(time.monotonic() - started < ANSWER_SECONDS, f"slow: {told}")
        self.expect(answer.status_code < 500, told)
        if answer.status_code < 400 or answer.request.method == "HEAD" or not answer.content:
            return
        self.expect(len(answer.content) < 10_000, f"repeats what was sent: {told}")
        body = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        ours, jaeger = body.get("error"), body.get("errors")
        is_clear = bool(ours["code"] and ours["message"]) if ours else bool(jaeger and jaeger[0]["msg"])
        self.expect(is_clear, f"not clear: {told}")

    def expect_field(self, answer: Any, told: str) -> None:
        error = answer.json().get("error") if answer.status_code == 400 else None
        if error and "the address" not in error["message"]:
            self.expect(bool(error["field"]), f"no field: {told}: {answer.text[:200]}")

    def ask(self, project: Project, route: Route, path: str, *, what: str = "", **arguments: Any) -> Any:
        started = time.monotonic()
        told = f"{route.method} {path[:150]} {what[:150]}"
        answer = project.server.request(
            route.method, path, key=project.key, timeout=ANSWER_SECONDS + 10, **arguments
        )
        self.look(answer, told, started)
        return answer


@pytest.fixture
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    assert not judge.problems, f"{len(judge.problems)} problems\n" + "\n".join(judge.problems[:60])


def test_parameters(server: Server, judge: Judge, victim: tuple[Project, dict[str, Any]]) -> None:
    project, call = victim
    for route in routes(server):
        if route.method not in ("GET", "HEAD"):
            continue
        path = route.fill(call)
        for name in route.query:
            if name in ("attribute", "metadata"):
                name += ".key"
            values = CURSORS if name == "cursor" else (*NUMBERS, *TEXTS)
            for value in (*(quote(each) for each in values), *RAW):
                answer = judge.ask(project, route, f"{path}?{name}={value}")
                judge.expect_field(answer, f"{path}?{name}={value[:50]}")
            judge.ask(project, route, f"{path}?{name}=1&{name}=1")
        answer = judge.ask(project, route, f"{path}?surprise=1")
        if path.startswith("/api/") and route.query:
            judge.expect(answer.status_code in (400, 401, 403, 404), f"{path}?surprise: {answer.status_code}")


def test_ids_in_paths(server: Server, judge: Judge, victim: tuple[Project, dict[str, Any]]) -> None:
    project, call = victim
    ids = ("{id}", "{trace_id}", "{span_id}", "{recording_id}", "{delivery_id}")
    for route in routes(server):
        for part in ids:
            if part not in route.path:
                continue
            head, _, tail = route.path.partition(part)
            for id_ in (*(quote(each) for each in (*NUMBERS, "x", "a" * 3000, "'")), "%ff", "%00", "..%2f.."):
                path = f"{fill(head, call)}{id_}{fill(tail, call)}"
                answer = judge.ask(project, route, path, json={})
                judge.expect(answer.status_code >= 400, f"{route.method} {path[:200]}: {answer.status_code}")


def fill(part: str, call: dict[str, Any]) -> str:
    route = Route.__new__(Route)
    route.path = part
    return route.fill(call)


def test_bodies(server: Server, judge: Judge, victim: tuple[Project, dict[str, Any]]) -> None:
    project, call = victim
    headers = {"Content-Type": "application/json"}
    for route in routes(server):
        if route.method in ("GET", "HEAD", "DELETE"):
            continue
        path = route.fill(call)
        for body in BODIES:
            answer = judge.ask(project, route, path, what=repr(body[:40]), data=body, headers=headers)
            if route.takes_json and body[:1] not in (b"{", b"["):
                told = f"{route.method} {path} {body[:40]!r}: {answer.status_code} {answer.text[:200]}"
                judge.expect(answer.status_code in (400, 403, 404), told)
        for name in route.members:
            for value in VALUES:
                body = json.dumps({name: value}).encode()
                answer = judge.ask(project, route, path, what=body[:60].decode(), data=body, headers=headers)
                judge.expect_field(answer, f"{route.method} {path} {body[:80]!r}")


def test_other_methods(server: Server, judge: Judge, victim: tuple[Project, dict[str, Any]]) -> None:
    project, call = victim
    described = server.get("/api/v1/openapi.json").json()["paths"]
    for path in {route.path for route in routes(server)}:
        for method in ("TRACE", "PUT", "PATCH", "DELETE", "BREW"):
            if method.lower() in described[path]:
                continue
            started = time.monotonic()
            filled = fill(path, call)
            answer = server.request(method, filled, key=project.key, timeout=ANSWER_SECONDS)
            told = f"{method} {filled}"
            judge.look(answer, told, started)
            judge.expect(answer.status_code in (400, 405), f"{told}: {answer.status_code}")


def test_the_wire(server: Server, victim: tuple[Project, dict[str, Any]]) -> None:
    """What no client library would send: an answer or a closed connection, and the server lives on."""
    project, call = victim
    where = urlparse(server.http)
    line = f"/api/v1/calls/{call['id']}"
    key = f"x-cekura-api-key: {project.key}\r\n"
    requests = (
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET {line} HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n{key}\r\n".encode(),
        f"POST {line}/merge HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n{key}\r\n".encode(),
        f"POST {line}/merge HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n{key}\r\nZZ\r\n".encode(),
        f"GET {line}?\xff\xfe=1 HTTP/1.1\r\nHost: x\r\n{key}\r\n".encode("latin-1"),
        f"GET {line}%zz HTTP/1.1\r\nHost: x\r\n{key}\r\n".encode(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 1000,
    )
    for request in requests:
        with socket.create_connection((where.hostname, where.port), timeout=ANSWER_SECONDS) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while part := connection.recv(65536):
                answer += part
        status = int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0
        assert status == 0 or 400 <= status < 500 or status == 505, f"{request[:60]!r}: {answer[:200]!r}"
    assert project.read(f"calls/{call['id']}")["id"] == call["id"]
