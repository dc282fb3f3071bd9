"""A server that is away, refuses, or comes back; and a host that must not notice."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callscope import _logs, _post, _recover
from callscope._config import Limits, make_target
from callscope._http import Answer
from callscope.pipecat import _tracer
from callscope.testing import FakeServer
from callscope.testing.pipecat import SCRIPT, Agent


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Limits:
    """Gives up within seconds, that a test needs not wait a minute."""
    limits = replace(Limits(), finish_s=1.5, request_s=1.0, tick_s=0.05, send_every_s=0.05)
    monkeypatch.setattr(_tracer, "Limits", lambda: limits)
    monkeypatch.setattr(_post, "_warned", set())
    return limits


def test_a_dead_server_costs_the_host_nothing_and_gets_the_call_later(
    server: FakeServer, call: Any, impatient: Limits, spool: Path, caplog: pytest.LogCaptureFixture
) -> None:
    target = make_target(server.key, 7, server.url, server.otlp)
    server.stop()
    run = call(wait=False)
    assert asyncio.run(run.tracer.wait_sent(30))
    assert run.tracer.get_session_metadata()["sent"] is False
    assert "cannot be reached" in caplog.text
    # It waits on disk, without the key.
    (folder,) = spool.iterdir()
    assert {"state.json", "payload.json", "audio.pcm"} <= {path.name for path in folder.iterdir()}
    kept = b"".join(path.read_bytes() for path in folder.iterdir())
    assert server.key.encode() not in kept
    assert folder.stat().st_mode & 0o077 == 0

    server.start()
    assert _recover.send_left_behind(replace(target, api_key="another key"), spool, impatient) == 0
    assert server.payloads == []
    server.wait_for(lambda: _recover.send_left_behind(target, spool, impatient) == 1)
    (payload,) = server.payloads
    assert len(server.recording_of(payload).pcm) == payload["provider_data"]["audio"]["frames"] * 4
    assert {"conversation", "turn"} <= {span.name for span in server.spans_of(payload["trace_id"])}
    assert list(spool.iterdir()) == []


@pytest.mark.usefixtures("impatient")
def test_without_a_spool_the_call_is_dropped_and_counted(
    server: FakeServer,
    call: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("CALLSCOPE_SPOOL", "off")
    server.stop()
    run = call()
    assert "dropped parts of call" in caplog.text
    assert run.tracer.get_session_metadata()["dropped"]["payloads"] == 1
    assert list(tmp_path.iterdir()) == []


def test_a_server_killed_in_the_call_gets_all_of_it(server: FakeServer, call: Any) -> None:
    async def before(_tracer: Any, number: int) -> None:
        if number == 1:
            await asyncio.to_thread(server.stop)
        elif number == 3:
            server.forget_uploads()
            await asyncio.to_thread(server.start)

    call(script=SCRIPT, before=before)
    (payload,) = server.payloads
    assert [e["content"] for e in payload["transcript"] if e["role"] == "user"] == [e.caller for e in SCRIPT]
    spans = server.spans_of(payload["trace_id"])
    assert sorted(s.attributes["turn.number"] for s in spans if s.name == "turn") == [1, 2, 3, 4, 5]
    assert len(server.recording_of(payload).pcm) == payload["provider_data"]["audio"]["frames"] * 4


def test_a_post_is_repeated_with_the_same_idempotency_key(server: FakeServer, call: Any) -> None:
    failing = iter([503, 500, None])
    server.fails = lambda request: next(failing, None) if "observe" in request and "POST" in request else None
    call()
    assert [request for request in server.requests if request.endswith("/observe/")] == [
        "POST /observability/v1/pipecat/observe/"
    ] * 3
    assert len(server.payloads) == 1


def test_parts_are_repeated_and_a_forgotten_upload_begins_again(server: FakeServer, call: Any) -> None:
    answers = iter([500, 404])
    server.fails = lambda request: next(answers, None) if request.startswith("PUT /egress") else None
    call()
    (payload,) = server.payloads
    assert len(server.recording_of(payload).pcm) == payload["provider_data"]["audio"]["frames"] * 4


@pytest.mark.usefixtures("impatient")
def test_a_refused_key_is_told_once_with_the_remedy(
    server: FakeServer, call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.refused_keys.add(server.key)
    call()
    assert caplog.text.count("refused the API key for agent 7") == 1
    assert "CALLSCOPE_API_KEY" in caplog.text
    assert server.payloads == []


def test_an_answer_in_protobuf_is_told_in_words() -> None:
    status = {"Content-Type": "application/x-protobuf"}
    assert Answer(400, status, b"\x08\x03\x12\x05words").told() == "400 words"
    assert Answer(400, status, b"\x12\xff").told() == "400"
    assert Answer(400, {}, b"plain").told() == "400 plain"


def test_a_program_without_log_handlers_still_prints_its_warnings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    _logs.install()
    try:
        for name in ("callscope", "the_host"):
            logging.getLogger(name).warning("%s warns", name)
            logging.getLogger(name).info("not printed")
    finally:
        _logs.remove()
    assert capsys.readouterr().err == "callscope warns\nthe_host warns\n"


@pytest.mark.usefixtures("impatient")
def test_audio_that_cannot_be_sent_yet_comes_later(server: FakeServer, call: Any, spool: Path) -> None:
    server.fails = lambda request: 503 if request.startswith("PUT /egress") else None
    call()
    (first,) = server.payloads
    assert "audio_s3_key" not in first
    server.fails = lambda _request: None
    target = make_target(server.key, 7, server.url, server.otlp)
    assert _recover.send_left_behind(target, spool, Limits()) == 1
    _, second = server.posts
    assert second.headers["idempotency-key"] == server.posts[0].headers["idempotency-key"]
    assert second.body["transcript"] == first["transcript"]
    assert len(server.recording_of(second.body).pcm) == second.body["provider_data"]["audio"]["frames"] * 4


def test_no_place_for_audio_leaves_the_rest(server: FakeServer, call: Any) -> None:
    server.gives_credentials = False
    call()
    (payload,) = server.payloads
    assert "audio_s3_key" not in payload
    assert payload["transcript"]
    assert server.spans


def test_a_withdrawal_waits_for_a_dead_server(
    server: FakeServer, call: Any, impatient: Limits, spool: Path
) -> None:
    target = make_target(server.key, 7, server.url, server.otlp)

    async def before(tracer: Any, number: int) -> None:
        if number == 1:
            await asyncio.to_thread(server.wait_for, lambda: server.spans)
            await asyncio.to_thread(server.stop)
            await tracer.abort()

    call(script=SCRIPT[:2], before=before)
    (folder,) = spool.iterdir()
    assert {path.name for path in folder.iterdir()} == {"lock", "state.json", "withdraw.json"}
    server.start()
    server.wait_for(lambda: _recover.send_left_behind(target, spool, impatient) == 1)
    (order,) = server.withdrawn
    assert order["trace_id"] == server.spans[0].trace_id


def test_a_failure_of_ours_never_reaches_the_pipeline(
    server: FakeServer, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callscope.pipecat._transcript import Transcript

    monkeypatch.setenv("CALLSCOPE_STRICT", "false")

    def broken(*_: Any) -> None:
        raise RuntimeError("broken on purpose")

    for name in ("caller_said", "played", "tool_started", "speech_started"):
        monkeypatch.setattr(Transcript, name, broken)
    agent = Agent(SCRIPT[:2])
    call(agent=agent)
    # The agent has had its talk.
    said = [message for message in agent.context.get_messages() if message["role"] == "assistant"]
    assert len(said) >= 2
    assert len(server.payloads) == 1


def test_a_full_disk_costs_the_audio_alone(
    server: FakeServer, call: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from callscope._recording import Recording

    monkeypatch.setattr(_post, "_warned", set())

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Recording, "write_until", full)
    call()
    (payload,) = server.payloads
    assert payload["transcript"]
    assert "audio_s3_key" not in payload
    assert "audio" not in payload["provider_data"]
    assert "No space left on device" in caplog.text
    assert server.spans


@pytest.mark.parametrize("moment", ["POST /observability", "PUT /egress", "GRPC export"])
def test_abort_is_kept_whatever_is_being_sent(
    server: FakeServer, call: Any, spool: Path, moment: str
) -> None:
    """The call is aborted just as that request comes, before and after its end."""
    tracers: list[Any] = []

    def abort(request: str) -> None:
        if request.startswith(moment) and tracers:
            tracers[0]._session.abort()

    server.fails = abort

    def set_up(tracer: Any, agent: Any) -> Any:
        tracers.append(tracer)
        return tracer.observe_and_create_task(agent.pipeline, agent.context)

    call(set_up)
    server.wait_for(lambda: server.withdrawn)
    assert len(server.withdrawn) == 1
    # What was on its way may have come; nothing followed it but the order to forget it.
    last = server.requests[server.requests.index("POST /api/v1/sessions/withdraw") :]
    assert last == ["POST /api/v1/sessions/withdraw"]
    assert list(spool.iterdir()) == []


BOT = """
import asyncio, sys, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[1])
from loguru import logger
logger.remove()
from callscope.pipecat import PipecatTracer
from callscope.testing.pipecat import SCRIPT, Agent

async def bot():
    agent = Agent(SCRIPT[:1])
    tracer = PipecatTracer()
    await agent.run(tracer.observe_and_create_task(agent.pipeline, agent.context))

asyncio.run(bot())
"""


def test_a_bot_that_exits_after_the_hang_up_still_sends(server: FakeServer, tmp_path: Path) -> None:
    source = str(Path(__file__).resolve().parents[1] / "src")
    environment = os.environ | {
        "CALLSCOPE_API_KEY": server.key,
        "CALLSCOPE_AGENT_ID": "3",
        "CALLSCOPE_URL": server.url,
        "CALLSCOPE_OTLP_ENDPOINT": server.otlp,
        "CALLSCOPE_SPOOL": str(tmp_path / "spool"),
    }
    done = subprocess.run(
        [sys.executable, "-c", BOT, source],
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (payload,) = server.payloads
    assert payload["agent_id"] == 3
    assert payload["audio_s3_key"]
    assert {"conversation"} <= {span.name for span in server.spans_of(payload["trace_id"])}
    assert json.dumps(payload)
