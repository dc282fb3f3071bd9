#!/usr/bin/env python3
"""Call logs and sessions: how many are acknowledged and synced, and how long each waits.

    bench/call_logs.py                       all three parts
    bench/call_logs.py --logs 5000           a shorter first part
    bench/call_logs.py --otlpload PATH       the loader of bench/ingest.py, for the second part

1. Call logs of 20 transcript entries over 8 connections, each sent as soon as the one before was answered.
2. 200 of them a second, counted from when each was due, while otlpload sends 50,000 spans a second.
3. Sessions of the Pipecat SDK, one at a time: its clients block on them.

An answer comes once the log is synced to disk. Sender, loader and server share the machine; its load average
and the server's CPU time are printed beside the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ingest import find_otlpload

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "test"))
from server import Server

CONNECTIONS = 8
ENTRIES = 20
RATE = 200
SPANS_PER_S = 50_000
SENTENCES = (
    "I'd like to book a table for four tomorrow evening, if there is one left.",
    "Let me look at what we have. Would half past seven be all right for you?",
    "That would be perfect. Could we sit outside, or is it too cold for that?",
    "There is a covered terrace with heaters. I have put you down for it; may I have your name?",
)


def transcript() -> list[dict[str, object]]:
    return [
        {
            "role": "Main Agent" if number % 2 else "Testing Agent",
            "content": SENTENCES[number % len(SENTENCES)],
            "start_time": number * 4.0,
            "end_time": number * 4.0 + 3.2,
        }
        for number in range(ENTRIES)
    ]


def call_log(number: int) -> bytes:
    return json.dumps(
        {
            "call_id": f"bench-{os.getpid()}-{number}",
            "agent": 1,
            "transcript_json": transcript(),
            "metadata": {"plan": "pro", "region": "eu"},
            "call_ended_reason": "customer-ended-call",
            "timestamp": "2026-11-20T03:04:05Z",
        }
    ).encode()


def session(number: int) -> bytes:
    entries = [
        {"role": "assistant" if entry["role"] == "Main Agent" else "user", "content": entry["content"]}
        | {name: entry[name] for name in ("start_time", "end_time")}
        for entry in transcript()
    ]
    return json.dumps(
        {
            "agent_id": 1,
            "session_id": f"bench-{os.getpid()}-{number}",
            "session_start": "2026-11-20T03:04:05Z",
            "session_end": "2026-11-20T03:05:25Z",
            "transcript": entries,
        }
    ).encode()


class Connection:
    """Posts over one socket; a client library would be the bottleneck."""

    def __init__(self, server: Server, path: str) -> None:
        host, port = server.http.removeprefix("http://").split(":")
        self._socket = socket.create_connection((host, int(port)), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nx-cekura-api-key: {server.key}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()

    def post(self, body: bytes) -> None:
        self._socket.sendall(self._head + str(len(body)).encode() + b"\r\n\r\n" + body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._read()
        head, _, rest = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 201"):
            raise SystemExit(f"answered with {answer[:500]!r}")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        left = length - len(rest)
        while left > 0:
            left -= len(self._read())

    def _read(self) -> bytes:
        part = self._socket.recv(1 << 16)
        if not part:
            raise SystemExit("the server closed the connection")
        return part


def cpu_s(server: Server) -> float:
    fields = Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def at(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))] * 1e3


def report(what: str, times: list[float], wall_s: float, cpu: float) -> None:
    print(
        f"{what}: {len(times) / wall_s:,.0f}/s, p50 {at(times, 0.5):.1f} ms, p99 {at(times, 0.99):.1f} ms,"
        f" longest {max(times) * 1e3:.1f} ms, server CPU {cpu / len(times) * 1e6:,.0f} us each,"
        f" load average {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def on_all(server: Server, path: str, send: Callable[[Connection, int], list[float]]) -> list[float]:
    """Runs `send` on each connection and returns all the times."""
    results: list[list[float]] = [[] for _ in range(CONNECTIONS)]

    def run(number: int) -> None:
        results[number] = send(Connection(server, path), number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = [each for result in results for each in result]
    if not times or any(not result for result in results):
        raise SystemExit("a connection failed")
    return times


def as_fast_as_answered(server: Server, logs: int) -> None:
    bodies = [call_log(number) for number in range(logs)]

    def send(connection: Connection, number: int) -> list[float]:
        times = []
        for body in bodies[number::CONNECTIONS]:
            started = time.monotonic()
            connection.post(body)
            times.append(time.monotonic() - started)
        return times

    before, started = cpu_s(server), time.monotonic()
    times = on_all(server, "/observability/v1/observe/", send)
    report("call logs", times, time.monotonic() - started, cpu_s(server) - before)


def beside_spans(server: Server, otlpload: str, seconds: int) -> None:
    load = [otlpload, "load", "-target", server.grpc, "-H", f"x-cekura-api-key={server.key}"]
    load += ["-rate", str(SPANS_PER_S), "-spans", str(SPANS_PER_S * (seconds + 5)), "-pid", str(server.pid)]
    bodies = [call_log(1_000_000 + number) for number in range(RATE * seconds)]
    with tempfile.NamedTemporaryFile("r", suffix=".json") as result:
        loader = subprocess.Popen([*load, "-json", result.name], stdout=subprocess.DEVNULL)
        wait_for_spans(server)
        first = time.monotonic() + 0.1

        def send(connection: Connection, number: int) -> list[float]:
            times = []
            for index in range(number, len(bodies), CONNECTIONS):
                due = first + index / RATE
                time.sleep(max(0.0, due - time.monotonic()))
                connection.post(bodies[index])
                times.append(time.monotonic() - due)
            return times

        before = cpu_s(server)
        times = on_all(server, "/observability/v1/observe/", send)
        report(
            f"call logs beside {SPANS_PER_S:,} spans/s",
            times,
            time.monotonic() - first,
            cpu_s(server) - before,
        )
        loader.wait()
        done = json.loads(result.read().splitlines()[-1])
        print(
            f"  spans at the same time: {done['spans_per_s']:,.0f}/s, p99 {done['p99_ms']:.1f} ms", flush=True
        )


def wait_for_spans(server: Server) -> None:
    """The loader makes its corpus first."""
    before = cpu_s(server)
    deadline = time.monotonic() + 60
    while cpu_s(server) - before < 0.5 and time.monotonic() < deadline:
        time.sleep(0.05)


def one_at_a_time(server: Server, count: int) -> None:
    connection = Connection(server, "/observability/v1/pipecat/observe/")
    times = []
    before, started = cpu_s(server), time.monotonic()
    for number in range(count):
        body = session(number)
        sent = time.monotonic()
        connection.post(body)
        times.append(time.monotonic() - sent)
    report("sessions, one at a time", times, time.monotonic() - started, cpu_s(server) - before)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--logs", type=int, default=20_000, help="of the first part")
    parser.add_argument("--seconds", type=int, default=20, help="of the second part")
    parser.add_argument("--sessions", type=int, default=500, help="of the third part")
    parser.add_argument("--otlpload", help="path of the load generator's binary")
    options = parser.parse_args()
    otlpload = find_otlpload(options.otlpload)
    with tempfile.TemporaryDirectory(prefix="callscope-bench-") as folder:
        server = Server(Path(folder) / "data").start()
        try:
            as_fast_as_answered(server, options.logs)
            one_at_a_time(server, options.sessions)
            beside_spans(server, otlpload, options.seconds)
        finally:
            server.kill9()


if __name__ == "__main__":
    main()
