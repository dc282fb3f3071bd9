"""The REST client: made of the server's OpenAPI description; its errors, attempts and pages."""

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
from callscope import _connection

TOOL = Path(__file__).resolve().parents[1] / "tools" / "make_client.py"


def test_the_clients_are_made_of_the_servers_description() -> None:
    done = subprocess.run([sys.executable, str(TOOL), "--check"], check=False)
    assert done.returncode == 0, "run sdk/python/tools/make_client.py"


def test_one_client_blocks_and_the_other_is_awaited() -> None:
    blocks, awaited = callscope.Client("k"), callscope.AsyncClient("k")
    for name in vars(blocks):
        if name == "base_url":
            continue
        methods = {key for key, _ in inspect.getmembers(getattr(blocks, name), inspect.ismethod)}
        for key, method in inspect.getmembers(getattr(awaited, name), inspect.ismethod):
            assert key in methods
            if not key.startswith("_"):
                assert inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method), key


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
        (200, {}, {"items": [{"id": 3}], "next": None}),
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
    monkeypatch.setattr(_connection, "ATTEMPTS", 1)
    with pytest.raises(callscope.ServerError, match="cannot be reached"):
        callscope.Client("key", "http://127.0.0.1:9").server.get()
    with pytest.raises(callscope.ConfigurationError, match="CALLSCOPE_API_KEY"):
        callscope.Client()
