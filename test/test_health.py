"""What a monitor asks: health, readiness, metrics; and what starting and stopping look like."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from otlp import GrpcSender, make_request, make_span, new_trace_id
from server import Project, Server

SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(\{.*\})? (NaN|[-+]?(?:Inf|[\d.]+(?:e[-+]?\d+)?))$")


def samples(server: Server) -> dict[str, float]:
    """Returns each line of /metrics; a line that is no Prometheus text fails the test."""
    answer = server.request("GET", "/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    found: dict[str, float] = {}
    for line in answer.text.splitlines():
        if line.startswith("#") or not line:
            continue
        match = SAMPLE.match(line)
        assert match, line
        found[match.group(1) + (match.group(2) or "")] = float(match.group(3))
    return found


def test_health_and_readiness(server: Server) -> None:
    assert server.request("GET", "/healthz").status_code == 200
    assert server.request("GET", "/readyz").status_code == 200


def test_metrics_count_what_came(server: Server, project: Project) -> None:
    def received() -> float:
        return sum(
            value
            for name, value in samples(server).items()
            if name.startswith("callscope_spans_received_total")
        )

    before = received()
    sender = GrpcSender(server)
    request = make_request([make_span("llm", new_trace_id()) for _ in range(25)])
    assert sender.send(request, headers=project.headers).accepted
    sender.close()
    assert received() >= before + 25


def test_the_first_start_says_how_to_connect(new_server: Callable[..., Server]) -> None:
    server = new_server()
    banner = "\n".join(server.banner)
    server.stop()
    said = banner + server.log_tail()
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in said
    assert "OTEL_EXPORTER_OTLP_HEADERS" in said
    assert "x-cekura-api-key=" in said


def test_one_server_a_folder(new_server: Callable[..., Server]) -> None:
    server = new_server()
    with pytest.raises(AssertionError, match="before it was ready"):
        Server(server.data).start()
    assert server.request("GET", "/healthz").status_code == 200


def test_keys_and_calls_outlive_a_restart(new_server: Callable[..., Server]) -> None:
    server = new_server()
    project = server.new_project()
    trace_id = new_trace_id()
    sender = GrpcSender(server)
    assert sender.send(make_request([make_span("llm", trace_id)]), headers=project.headers).accepted
    sender.close()
    call = project.wait_for_call(trace_id.hex())
    server.restart()
    assert project.read(f"calls/{call['id']}")["trace_ids"] == [trace_id.hex()]
    assert len(project.spans_of_trace(trace_id.hex())) == 1
    secret = project.key.encode()
    kept = [path for path in Path(server.data).rglob("*") if path.is_file() and secret in path.read_bytes()]
    assert kept == [], "a key is stored as it is"
