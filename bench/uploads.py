#!/usr/bin/env python3
"""Uploads of recordings: how fast they reach the object store, and what memory they cost the server.

    bench/uploads.py                 a gigabyte in one body, and in four at once
    bench/uploads.py --megabytes 64  smaller ones

The bodies are raw samples, posted to /api/v1/calls/{id}/recordings over loopback; each is synced to disk
before it is answered. Sender and server share the machine.
"""

import argparse
import os
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "test"))
from server import Server

PIECE = os.urandom(1 << 20)


def make_call(server: Server) -> str:
    trace_id = os.urandom(16).hex()
    now = time.time_ns()
    span = {
        "traceId": trace_id,
        "spanId": os.urandom(8).hex(),
        "name": "conversation",
        "startTimeUnixNano": str(now - 10**9),
        "endTimeUnixNano": str(now),
    }
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    server.request("POST", "/v1/traces", key=server.key, json=body).raise_for_status()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for call in server.get("calls").json()["items"]:
            if trace_id in call["trace_ids"]:
                return f"/api/v1/calls/{call['id']}/recordings"
        time.sleep(0.05)
    raise SystemExit("the call did not appear")


def resident(server: Server) -> int:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) << 10


def upload(server: Server, path: str, megabytes: int) -> None:
    host, port = server.http.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=120) as client:
        head = (
            f"POST {path}?sample_rate=24000&channels=2 HTTP/1.1\r\nHost: bench\r\n"
            f"x-cekura-api-key: {server.key}\r\nContent-Length: {megabytes << 20}\r\n\r\n"
        )
        client.sendall(head.encode())
        for _ in range(megabytes):
            client.sendall(PIECE)
        answer = client.recv(4096)
    if not answer.startswith(b"HTTP/1.1 201 "):
        raise SystemExit(answer.decode(errors="replace"))


def measure(server: Server, path: str, senders: int, megabytes: int) -> None:
    before = peak = resident(server)
    is_over = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not is_over.wait(0.01):
            peak = max(peak, resident(server))

    watcher = threading.Thread(target=watch)
    threads = [threading.Thread(target=upload, args=(server, path, megabytes)) for _ in range(senders)]
    began = time.monotonic()
    for thread in [watcher, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - began
    is_over.set()
    watcher.join()
    print(
        f"{senders} x {megabytes} MiB: {senders * megabytes / seconds:.0f} MiB/s, "
        f"memory +{(peak - before) / (1 << 20):.1f} MiB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--megabytes", type=int, default=1024, help="of all bodies together")
    parser.add_argument("--folder", type=Path, help="where the data folder goes; default: a temporary one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        server = Server(Path(folder) / "data").start()
        try:
            path = make_call(server)
            upload(server, path, 16)  # so that what is allocated once is there
            measure(server, path, 1, arguments.megabytes)
            measure(server, path, 4, arguments.megabytes // 4)
        finally:
            server.close()


if __name__ == "__main__":
    main()
