"""Webhooks of complete calls, from a posted call log to a receiver on this machine."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from server import Project, Server, eventually

TRANSCRIPT = [
    {"role": "Testing Agent", "content": "Hi", "start_time": 0.4, "end_time": 0.9},
    {"role": "Main Agent", "content": "Hello", "start_time": 1.6, "end_time": 2.1},
]


class Receiver:
    """Answers each POST with `status` and keeps what came."""

    def __init__(self) -> None:
        self.status = 200
        self.received: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def hooked(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", options=["--fetch-allow", "127.0.0.1", "--webhook-settle-ms", "200"])
    yield server.start()
    server.close()


def post_call(project: Project, call_id: str) -> int:
    answer = project.server.request(
        "POST",
        "/observability/v1/observe/",
        key=project.key,
        json={
            "assistant_id": "a",
            "call_id": call_id,
            "transcript_json": TRANSCRIPT,
            "call_ended_reason": "done",
        },
    )
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def deliveries(project: Project, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    return project.items(f"webhooks/{webhook['id']}/deliveries")


def test_a_call_is_delivered_signed_and_once(hooked: Server, receiver: Receiver) -> None:
    project = hooked.new_project()
    webhook = hooked.create("webhooks", project_id=project.id, url=receiver.url)
    call = post_call(project, "sess-1")
    eventually(lambda: receiver.received)
    headers, body = receiver.received[0]
    told = json.loads(body)
    assert (told["event"], told["call"]["id"], told["call"]["call_id"]) == ("call.completed", call, "sess-1")
    assert headers["X-Callscope-Delivery"] == str(told["id"]) == headers["X-CEKURA-IDEMPOTENCY-KEY"]
    assert headers["X-CEKURA-SECRET"] == webhook["secret"]
    parts = dict(part.split("=", 1) for part in headers["X-Callscope-Signature"].split(","))
    wanted = hmac.new(webhook["secret"].encode(), parts["t"].encode() + b"." + body, hashlib.sha256)
    assert parts["v1"] == wanted.hexdigest()
    done = eventually(lambda: [d for d in deliveries(project, webhook) if d["state"] == "delivered"])
    assert (done[0]["call_id"], done[0]["attempts"], done[0]["last_status"]) == (call, 1, 200)

    post_call(project, "sess-1")
    post_call(project, "sess-2")
    eventually(lambda: len(receiver.received) == 2)
    assert json.loads(receiver.received[1][1])["call"]["call_id"] == "sess-2"
    assert webhook["secret"] not in hooked.log_tail()


def test_what_is_pending_survives_a_crash(hooked: Server, receiver: Receiver) -> None:
    project = hooked.new_project()
    webhook = hooked.create("webhooks", project_id=project.id, url=receiver.url)
    receiver.status = 503
    call = post_call(project, "sess-1")
    eventually(lambda: [d for d in deliveries(project, webhook) if d["last_status"] == 503])
    hooked.kill9()
    receiver.status = 200
    hooked.start()
    [pending] = deliveries(project, webhook)
    assert (pending["state"], pending["call_id"]) == ("pending", call)
    path = f"webhooks/{webhook['id']}/deliveries/{pending['id']}/replay"
    assert hooked.request("POST", path, key=project.key).status_code == 202
    eventually(lambda: deliveries(project, webhook)[0]["state"] == "delivered")
