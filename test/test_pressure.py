"""What the server does when there is too much of something, or too little disk."""

import concurrent.futures
import secrets
import shutil
import subprocess
import threading
from collections.abc import Callable

import pytest
from otlp import GrpcSender, HttpSender, Outcome, make_request, make_span, new_trace_id
from server import Server


def flood(server: Server, senders: int, requests: int) -> list[Outcome]:
    """Sends large requests from many threads at once; returns every answer."""
    headers = {"x-cekura-api-key": server.key}
    body = make_request(
        [make_span("llm", new_trace_id(), text="x" * 20_000) for _ in range(100)]
    ).SerializeToString()
    start = threading.Barrier(senders)

    def send() -> list[Outcome]:
        sender = HttpSender(server)
        start.wait(timeout=30)
        answers = [sender.send(body=body, headers=headers) for _ in range(requests)]
        sender.close()
        return answers

    with concurrent.futures.ThreadPoolExecutor(senders) as pool:
        futures = [pool.submit(send) for _ in range(senders)]
        return [answer for future in futures for answer in future.result()]


def test_too_much_in_flight_is_refused_and_may_be_retried(new_server: Callable[..., Server]) -> None:
    server = new_server(options=["--inflight-bytes-max", str(4 << 20)])
    answers = flood(server, senders=16, requests=6)
    assert {answer.code for answer in answers} <= {200, 429}
    refused = [answer for answer in answers if answer.code == 429]
    assert refused, "16 senders of 2 MB each never had more than 4 MiB in flight"
    assert all(answer.retry_after_s is not None for answer in refused)
    # It is over as soon as the others are done.
    sender = HttpSender(server)
    small = make_request([make_span("llm", new_trace_id())])
    assert sender.send(small, headers={"x-cekura-api-key": server.key}).accepted
    sender.close()


@pytest.fixture(params=[24 << 20, 0], ids=["with a reserve", "to the last byte"])
def small_disk(request: pytest.FixtureRequest, new_server: Callable[..., Server]) -> Server:
    """A server whose data folder is a file system of 48 MiB that only it sees."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    namespace = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    if (
        subprocess.run([*namespace, "mount -t tmpfs none /mnt"], capture_output=True, check=False).returncode
        != 0
    ):
        pytest.skip("may not make a mount namespace")
    # `sh -c SCRIPT NAME ARGUMENTS…`: the arguments are the server's command line; $4 is its data folder.
    script = 'mkdir -p "$4" && mount -t tmpfs -o size=48m callscope-test "$4" && exec "$@"'
    return new_server(
        wrapper=[*namespace, script, "small-disk"],
        options=["--disk-free-bytes-min", str(request.param), "--wal-file-bytes-max", str(4 << 20)],
    )


def test_a_full_disk_refuses_and_keeps_reading(small_disk: Server) -> None:
    server = small_disk
    project = server.new_project()
    headers = project.headers
    first = new_trace_id()
    sender = GrpcSender(server)
    assert sender.send(make_request([make_span("llm", first)]), headers=headers).accepted

    acknowledged: list[str] = []
    refusal: Outcome | None = None
    for _ in range(600):
        trace_id = new_trace_id()
        spans = [make_span("llm", trace_id, text=secrets.token_hex(2000)) for _ in range(100)]
        outcome = sender.send(make_request(spans), headers=headers)
        if outcome.accepted:
            acknowledged.append(trace_id.hex())
        else:
            refusal = outcome
            break
    sender.close()
    assert refusal is not None, "a disk of 48 MiB took everything"
    assert refusal.code in ("UNAVAILABLE", "RESOURCE_EXHAUSTED"), refusal
    assert refusal.message
    # Reads go on, over what was acknowledged.
    assert len(project.wait_for_spans(first.hex(), 1)) == 1
    assert len(project.wait_for_spans(acknowledged[-1], 100)) == 100
    assert server.get("/healthz").status_code == 200
    assert server.get("/readyz").status_code in (200, 503)


def test_a_folder_that_cannot_be_written(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("blocked") / "file"
    file.write_text("not a folder")
    with pytest.raises(AssertionError, match="before it was ready"):
        Server(file).start()
