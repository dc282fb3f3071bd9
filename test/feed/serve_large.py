"""Starts a server with one call of two hours and many small ones, prints where it is, and runs until its standard
input is closed. For figures: bench/pages.sh."""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import tell_livekit  # noqa: E402
import voices  # noqa: E402
from dialogues import SUPPORT  # noqa: E402
from otlp import GrpcSender, make_request, make_span, new_span_id, new_trace_id  # noqa: E402
from server import Project, Server, eventually  # noqa: E402
from story import repeated  # noqa: E402

SECOND_NS = 1_000_000_000
LONG_S = 7_200
CALLS_EACH_REQUEST = 500
SMALL_EVERY_NS = SECOND_NS // 2
WAIT_SECONDS = 900


def long_call(project: Project) -> int:
    once = voices.spoken_story(SUPPORT)
    times = int(LONG_S / once.end) + 1
    start = time.time_ns() - 3 * 3600 * SECOND_NS
    trace = tell_livekit.tell(project, repeated(once, times), start, room="RM_long")
    call = int(project.wait_for_call(trace)["id"])
    # Every other sample will do for a figure.
    piece = voices.record(once)[::2].tobytes()

    def pieces() -> Iterator[bytes]:
        for _ in range(times):
            yield piece

    sent = project.server.request(
        "POST",
        f"calls/{call}/recordings",
        key=project.key,
        data=pieces(),
        params={"sample_rate": voices.RATE // 2, "channels": 2, "encoding": "s16le", "agent_channel": 1},
        timeout=WAIT_SECONDS,
    )
    assert sent.status_code == 201, sent.text[:500]

    def heard() -> bool:
        return project.read(f"calls/{call}")["audio"]["state"] in ("done", "failed")

    eventually(heard, WAIT_SECONDS, every=0.5)
    return call


def small_calls(project: Project, count: int) -> None:
    sender = GrpcSender(project.server)
    now = time.time_ns()
    last = ""
    for first in range(0, count, CALLS_EACH_REQUEST):
        spans = []
        for number in range(first, min(first + CALLS_EACH_REQUEST, count)):
            start = now - number * SMALL_EVERY_NS - 60 * SECOND_NS
            trace, root = new_trace_id(), new_span_id()
            last = trace.hex()
            spans.append(
                make_span(
                    "conversation",
                    trace,
                    span_id=root,
                    start_ns=start,
                    duration_ms=40_000,
                    metadata__tier="gold" if number % 50 == 0 else "basic",
                )
            )
            values = {"gen_ai__request__model": "gpt-4o" if number % 7 == 0 else "gpt-4o-mini"}
            spans.append(
                make_span("llm", trace, parent=root, start_ns=start + SECOND_NS, duration_ms=700, **values)
            )
        outcome = sender.send(make_request(spans, service=f"agent-{first % 5}"), headers=project.headers)
        assert outcome.accepted, outcome
    project.wait_for_spans(last, 2, WAIT_SECONDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000, help="small calls")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callscope-feed-") as folder:
        server = Server(Path(folder) / "data").start()
        try:
            project = Project(1, server.key, server)
            large = long_call(project)
            many = Project(2, server.new_project("many").key, server)
            small_calls(many, arguments.calls)
            place = {"url": server.http, "key": server.key, "many_key": many.key, "calls": {"large": large}}
            print(json.dumps(place), flush=True)
            sys.stdin.read()
        finally:
            server.close()


if __name__ == "__main__":
    main()
