"""The REST client: what it asks for is in the server's OpenAPI description, and errors are told."""

import asyncio
import inspect
import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import callscope
from callscope import _client

ROOT = Path(__file__).resolve().parents[3]
OPENAPI = json.loads((ROOT / "src" / "serve" / "openapi.json").read_text())


class Seen(_client.Connection):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__("key", "http://127.0.0.1:1", 1.0, None)
        self.requests: list[tuple[str, str, dict[str, Any]]] = []

    def send(self, method: str, path: str, query: Any, *_: Any, **__: Any) -> Any:
        self.requests.append((method, path, dict(query)))
        return {"items": [], "next": None}


def described(path: str) -> dict[str, Any]:
    """Returns the OpenAPI path item that a path belongs to, or nothing."""
    parts = ["api", "v1", *path.split("/")]
    for template, item in OPENAPI["paths"].items():
        wanted = template.strip("/").split("/")
        if len(wanted) == len(parts) and all(
            w == p or w.startswith("{") for w, p in zip(wanted, parts, strict=True)
        ):
            return dict(item)
    return {}


def parameters(operation: dict[str, Any]) -> set[str]:
    found = set()
    for parameter in operation.get("parameters", []):
        if "$ref" in parameter:
            parameter = OPENAPI["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
        found.add(parameter["name"])
    return found


def test_reading_asks_for_what_the_server_describes() -> None:
    seen = Seen()
    calls, traces, stats, agents = (
        kind(seen) for kind in (_client.Calls, _client.Traces, _client.Stats, _client.Agents)
    )
    calls.list()
    calls.get(1)
    calls.delete(1)
    calls.spans(1)
    calls.logs(1)
    traces.get("00" * 16)
    stats.latency()
    stats.tokens()
    stats.cost()
    stats.tools()
    agents.list()
    agents.create("front desk")
    for method, path, query in seen.requests:
        item = described(path)
        assert method.lower() in item, f"{method} {path}"
        assert set(query) <= parameters(item[method.lower()]), f"{method} {path}"


@pytest.mark.parametrize(
    ("kind", "schema"), [(_client.CallSummary, "CallSummary"), (_client.CallPage, "CallPage")]
)
def test_members_have_the_servers_names(kind: Any, schema: str) -> None:
    members = set(OPENAPI["components"]["schemas"][schema]["properties"])
    assert set(kind.__annotations__) <= members


def test_the_asynchronous_client_is_made_of_the_other() -> None:
    tool = ROOT / "sdk" / "python" / "tools" / "make_async.py"
    done = subprocess.run([sys.executable, str(tool), "--check"], check=False)
    assert done.returncode == 0, "run sdk/python/tools/make_async.py"
    for name, method in inspect.getmembers(callscope.AsyncClient("k").calls, inspect.ismethod):
        if not name.startswith("_"):
            assert inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method), name


@pytest.fixture
def answers() -> Any:
    """A server that answers what the test has put on the list, and then 200."""
    queue: list[tuple[int, dict[str, str], Any]] = []
    seen: list[tuple[str, str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            seen.append((self.command, self.path, self.headers["x-cekura-api-key"]))
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, body = queue.pop(0) if queue else (200, {}, {"items": [], "next": None})
            data = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_DELETE = _any

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", queue, seen
    server.shutdown()
    server.server_close()


def test_errors_have_their_kinds(answers: Any) -> None:
    url, queue, _ = answers
    client = callscope.Client("key", url)
    told = {"error": {"code": "x", "message": "no such call", "field": ""}}
    for status, kind in (
        (400, callscope.APIError),
        (401, callscope.AuthenticationError),
        (403, callscope.AuthenticationError),
        (404, callscope.NotFoundError),
    ):
        queue.append((status, {}, told))
        with pytest.raises(kind, match="no such call") as caught:
            client.calls.get(1)
        assert caught.value.status == status


def test_reading_is_tried_again_and_writing_is_not(answers: Any) -> None:
    url, queue, seen = answers
    client = callscope.Client("key", url, project_id=3)
    queue += [(503, {"Retry-After": "0"}, {}), (429, {"Retry-After": "0"}, {})]
    assert client.calls.list(limit=5) == {"items": [], "next": None}
    assert [path for _, path, _ in seen] == ["/api/v1/calls?limit=5&project_id=3"] * 3
    assert seen[0][2] == "key"
    queue.append((503, {}, {}))
    with pytest.raises(callscope.ServerError):
        client.calls.update(1, metadata={"a": 1})
    assert len(seen) == 4


def test_both_clients_go_through_all_pages(answers: Any) -> None:
    url, queue, seen = answers
    pages = [
        (200, {}, {"items": [{"id": 1}, {"id": 2}], "next": "c"}),
        (200, {}, {"items": [{"id": 3}]}),
    ]
    queue += pages
    assert [call["id"] for call in callscope.Client("key", url).calls.iterate(state="ended")] == [1, 2, 3]
    assert seen[1][1] == "/api/v1/calls?state=ended&cursor=c"

    async def again() -> list[int]:
        client = callscope.AsyncClient("key", url)
        return [call["id"] async for call in client.calls.iterate()]

    queue += pages
    assert asyncio.run(again()) == [1, 2, 3]


def test_a_server_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_client, "ATTEMPTS", 1)
    with pytest.raises(callscope.ServerError, match="cannot be reached"):
        callscope.Client("key", "http://127.0.0.1:9").server()
    with pytest.raises(callscope.ConfigurationError, match="CALLSCOPE_API_KEY"):
        callscope.Client()
