"""kill -9 at many points: what was acknowledged is there afterwards, once."""

import collections
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from otlp import GrpcSender, HttpSender, make_request, make_span, new_span_id, new_trace_id
from server import Project, Server

SENDERS = 3
KILLS = 10
SPANS_A_REQUEST = 40
# Small segments and a short flush make flushes, compactions and WAL cuts fall between the kills.
OFTEN = ["--flush-age-ms-max", "200", "--segment-bytes-max", "65536", "--wal-file-bytes-max", "131072"]


@dataclass
class Ledger:
    """What the senders sent, by trace, and what of it was acknowledged."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    changed: threading.Condition = field(init=False)
    acknowledged: dict[str, set[str]] = field(default_factory=lambda: collections.defaultdict(set))
    unknown: dict[str, set[str]] = field(default_factory=lambda: collections.defaultdict(set))
    requests: int = 0

    def __post_init__(self) -> None:
        self.changed = threading.Condition(self.lock)

    def note(self, spans: list[tuple[str, str]], acknowledged: bool) -> None:
        with self.changed:
            for trace, span in spans:
                (self.acknowledged if acknowledged else self.unknown)[trace].add(span)
            self.requests += acknowledged
            self.changed.notify_all()

    def wait_for_requests(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.requests >= count, timeout=60), "the load stands still"


def load(server: Server, project: Project, ledger: Ledger, seed: int, stop: threading.Event) -> None:
    """Sends requests that mix new traces with old ones until the server dies or it is told to stop."""
    choice = random.Random(seed)
    sender = GrpcSender(server) if seed % 2 else HttpSender(server)
    traces = [new_trace_id() for _ in range(6)]
    try:
        while not stop.is_set():
            traces[choice.randrange(len(traces))] = new_trace_id()
            spans = [
                make_span(
                    choice.choice(["llm", "stt", "tts", "turn"]),
                    choice.choice(traces),
                    span_id=new_span_id(),
                    text="words " * choice.randrange(40),
                )
                for _ in range(SPANS_A_REQUEST)
            ]
            ids = [(span.trace_id.hex(), span.span_id.hex()) for span in spans]
            try:
                accepted = sender.send(make_request(spans), headers=project.headers).accepted
            except OSError:
                accepted = False
            ledger.note(ids, accepted)
            if not accepted:
                return
    finally:
        sender.close()


def check_everything_once(project: Project, ledger: Ledger, traces: set[str]) -> None:
    for trace in traces:
        found = [span["span_id"] for span in project.spans_of_trace(trace)]
        assert len(found) == len(set(found)), f"{trace} holds a span twice"
        missing = ledger.acknowledged.get(trace, set()) - set(found)
        assert not missing, f"{len(missing)} acknowledged spans of {trace} are lost"
        invented = set(found) - ledger.acknowledged.get(trace, set()) - ledger.unknown.get(trace, set())
        assert not invented, f"{trace} holds spans that were never sent"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("options", [[], OFTEN], ids=["as usual", "flushing often"])
def test_nothing_acknowledged_is_lost_or_doubled(
    new_server: Callable[..., Server], options: list[str]
) -> None:
    choice = random.Random(20)
    server = new_server(options=options)
    project = server.new_project()
    ledger = Ledger()
    for kill in range(KILLS):
        before = set(ledger.acknowledged) | set(ledger.unknown)
        stop = threading.Event()
        threads = [
            threading.Thread(
                target=load, args=(server, project, ledger, 100 * kill + number, stop), daemon=True
            )
            for number in range(SENDERS)
        ]
        for thread in threads:
            thread.start()
        ledger.wait_for_requests(ledger.requests + choice.randrange(1, 60))
        server.kill9()
        stop.set()
        for thread in threads:
            thread.join(timeout=60)
            assert not thread.is_alive()
        server.start()
        check_everything_once(project, ledger, (set(ledger.acknowledged) | set(ledger.unknown)) - before)
    # And once more over all of it: what survived one crash has to survive the next ones.
    check_everything_once(project, ledger, set(ledger.acknowledged) | set(ledger.unknown))


def test_a_retry_after_a_crash_is_not_doubled(new_server: Callable[..., Server]) -> None:
    server = new_server()
    project = server.new_project()
    trace_id = new_trace_id()
    request = make_request([make_span("llm", trace_id, number=number) for number in range(50)])
    for _ in range(3):
        sender = GrpcSender(server)
        assert sender.send(request, headers=project.headers).accepted
        sender.close()
        server.kill9()
        server.start()
    found = [span["span_id"] for span in project.wait_for_spans(trace_id.hex(), 50)]
    assert sorted(found) == sorted(
        span.span_id.hex() for span in request.resource_spans[0].scope_spans[0].spans
    )
    call = project.wait_for_call(trace_id.hex())
    assert call["span_count"] == 50


def test_sigterm_loses_nothing(new_server: Callable[..., Server]) -> None:
    server = new_server()
    project = server.new_project()
    ledger = Ledger()
    stop = threading.Event()
    threads = [
        threading.Thread(target=load, args=(server, project, ledger, number, stop), daemon=True)
        for number in range(SENDERS)
    ]
    for thread in threads:
        thread.start()
    ledger.wait_for_requests(30)
    server.stop()
    stop.set()
    for thread in threads:
        thread.join(timeout=60)
    server.start()
    check_everything_once(project, ledger, set(ledger.acknowledged) | set(ledger.unknown))
    server.restart()
    check_everything_once(project, ledger, set(ledger.acknowledged))


def test_a_torn_wal_tail_is_cut(new_server: Callable[..., Server]) -> None:
    server = new_server()
    project = server.new_project()
    trace_id = new_trace_id()
    sender = GrpcSender(server)
    assert sender.send(make_request([make_span("llm", trace_id)]), headers=project.headers).accepted
    sender.close()
    server.kill9()
    files = [path for path in (server.data / "wal").rglob("*") if path.is_file()]
    assert files
    newest = max(files, key=lambda path: path.stat().st_mtime_ns)
    with newest.open("ab") as wal:
        wal.write(b"\x00\x01torn tail of a write that never ended" * 3)
    server.start()
    assert len(project.wait_for_spans(trace_id.hex(), 1)) == 1
    assert "torn tail" in server.log_tail()
