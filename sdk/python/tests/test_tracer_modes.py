"""The modes, and their promise: nothing leaves before consent, and nothing stays after abort()."""

import asyncio
import json
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from callscope import ConfigurationError, SessionEndedError, SharedTracerError
from callscope.pipecat import PipecatTracer
from callscope.testing import FakeServer
from callscope.testing.pipecat import SCRIPT, Agent

TWO = SCRIPT[:2]


def test_track_sends_no_audio(server: FakeServer, call: Any) -> None:
    def set_up(tracer: Any, agent: Any) -> Any:
        arguments = SimpleNamespace(session_id="from-runner", body={"run_id": 3, "scenario_id": 5})
        return tracer.track_and_create_task(agent.pipeline, agent.context, runner_args=arguments)

    call(set_up)
    (post,) = server.posts
    assert post.path == "/test_framework/v1/pipecat/webhook/"
    assert post.body["session_id"] == "from-runner"
    assert post.body["provider_data"]["session_params"] == {"run_id": 3, "scenario_id": 5}
    assert "audio_s3_key" not in post.body
    assert "audio" not in post.body["provider_data"]
    assert server.recordings == []
    assert post.body["trace_id"] in {span.trace_id for span in server.spans}


def deferred(tracer: Any, agent: Any) -> Any:
    return tracer.observe_and_create_task(agent.pipeline, agent.context, defer_upload=True)


def test_without_consent_nothing_leaves_the_process(
    server: FakeServer, call: Any, spool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    handed: list[Any] = []

    def set_up(tracer: Any, agent: Any) -> Any:
        tracer.on_observability_ready(handed.append)
        return deferred(tracer, agent)

    run = call(set_up, script=TWO)
    assert server.requests == []
    assert handed == []
    assert run.tracer.get_session_metadata()["sent"] is False
    # Nor is anything left on disk.
    assert not spool.exists() or list(spool.iterdir()) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_with_consent_everything_is_sent_from_the_start(server: FakeServer, call: Any) -> None:
    seen_before: list[str] = []

    async def before(tracer: Any, number: int) -> None:
        if number == 1:
            seen_before.extend(server.requests)
            await tracer.start_audio_upload()

    call(deferred, script=TWO, before=before)
    assert seen_before == []
    (payload,) = server.payloads
    assert payload["audio_consent_granted"] is True
    assert [e["content"] for e in payload["transcript"] if e["role"] == "user"] == [e.caller for e in TWO]
    assert len(server.recording_of(payload).pcm) == payload["provider_data"]["audio"]["frames"] * 4
    turns = [s.attributes["turn.number"] for s in server.spans_of(payload["trace_id"]) if s.name == "turn"]
    assert sorted(turns) == [1, 2]


def test_abort_before_consent_sends_nothing(server: FakeServer, call: Any, spool: Path) -> None:
    async def before(tracer: Any, number: int) -> None:
        if number == 1:
            await tracer.abort()

    call(deferred, script=TWO, before=before)
    assert server.requests == []
    assert not spool.exists() or list(spool.iterdir()) == []


def test_abort_withdraws_what_was_sent(server: FakeServer, call: Any, spool: Path) -> None:
    at_abort: list[int] = []

    async def before(tracer: Any, number: int) -> None:
        if number == 2:
            await asyncio.to_thread(server.wait_for, lambda: server.spans)
            await tracer.abort()
            at_abort.append(len(server.spans))

    call(script=SCRIPT[:4], before=before)
    assert server.payloads == []
    # No span after abort(), the conversation's and the turns' that ended later least of all.
    assert len(server.spans) == at_abort[0]
    assert "conversation" not in {span.name for span in server.spans}
    (order,) = server.withdrawn
    assert order["agent_id"] == 7
    assert order["trace_id"] == server.spans[0].trace_id
    assert order["session_id"]
    assert order["session_start"]
    assert not any(recording.complete for recording in server.recordings)
    assert list(spool.iterdir()) == []


def test_abort_after_the_end_withdraws_too(server: FakeServer, call: Any) -> None:
    async def after(tracer: Any) -> None:
        assert await tracer.wait_sent(30)
        await tracer.abort()

    call(after=after)
    server.wait_for(lambda: server.withdrawn)
    assert len(server.payloads) == 1


def test_abort_recording_drops_the_audio_alone(server: FakeServer, call: Any) -> None:
    async def before(tracer: Any, number: int) -> None:
        if number == 1:
            await tracer.abort_recording()

    call(script=TWO, before=before)
    (payload,) = server.payloads
    assert "audio_s3_key" not in payload
    assert "audio" not in payload["provider_data"]
    assert payload["provider_data"]["session_metadata"]["audio_discarded"] is True
    assert not any(recording.complete for recording in server.recordings)
    assert len(payload["transcript"]) > 3
    assert payload["trace_id"]


@pytest.mark.parametrize("how", ["argument", "CALLSCOPE_TRACER_ENABLED", "CEKURA_TRACER_ENABLED"])
def test_switched_off_means_off(
    server: FakeServer, call: Any, new_tracer: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how != "argument":
        monkeypatch.setenv(how, "false")
    tracer = new_tracer(enabled=False if how == "argument" else None)
    assert tracer.is_enabled() is False
    call(tracer=tracer)
    assert server.requests == []


def test_spans_alone_can_be_left_out(server: FakeServer, call: Any, new_tracer: Any) -> None:
    call(tracer=new_tracer(enable_otel_traces=False))
    (payload,) = server.payloads
    assert "trace_id" not in payload
    assert server.spans == []
    assert payload["audio_s3_key"]


def test_missing_aggregators_are_named_and_spans_still_come(
    server: FakeServer, call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    call(agent=Agent(SCRIPT[:1], with_aggregators=False))
    assert "LLMUserAggregator and LLMAssistantAggregator not found in pipeline" in caplog.text
    assert "LLMContextAggregatorPair(context)" in caplog.text
    assert server.payloads == []
    assert {"conversation"} <= {span.name for span in server.spans}


def test_the_host_may_post_by_itself(server: FakeServer, call: Any) -> None:
    handed: list[dict[str, Any]] = []

    async def ready(payload: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        handed.append(payload)

    def set_up(tracer: Any, agent: Any) -> Any:
        tracer.disable_auto_post()
        tracer.on_observability_ready(ready)
        return tracer.observe_and_create_task(agent.pipeline, agent.context, defer_evaluation=True)

    call(set_up)
    assert server.payloads == []
    (payload,) = handed
    assert payload["transcript"]
    assert payload["audio_s3_key"]
    assert payload["defer_evaluation"] is True


def test_metadata_can_change_until_the_end(server: FakeServer, call: Any) -> None:
    async def before(tracer: Any, _number: int) -> None:
        tracer.set_custom_metadata({"outcome": "booked", "deep": {"n": [1, None]}})

    run = call(before=before)
    (payload,) = server.payloads
    assert payload["provider_data"]["custom_metadata"] == {"outcome": "booked", "deep": {"n": [1, None]}}
    assert run.tracer.get_custom_metadata()["outcome"] == "booked"
    with pytest.raises(SessionEndedError, match="after the end of call"):
        run.tracer.set_custom_metadata({"too": "late"})
    with pytest.raises(SessionEndedError, match="session_id="):
        run.tracer.session_id = "other"


def test_session_ids_are_unique_and_arguments_win(new_tracer: Any) -> None:
    given = SimpleNamespace(session_id="runner", body=None)

    async def ids() -> list[str | None]:
        found = []
        for arguments in (
            {},
            {},
            {"runner_args": given},
            {"runner_args": given, "session_id": "mine"},
        ):
            tracer = new_tracer()
            agent = Agent(SCRIPT[:1])
            tracer.observe_pipeline(agent.pipeline, agent.context, **arguments)
            found.append(tracer.session_id)
        return found

    one, two, three, four = asyncio.run(ids())
    assert one != two
    assert (three, four) == ("runner", "mine")


def test_a_shared_tracer_is_refused_with_the_remedy(new_tracer: Any) -> None:
    async def share() -> None:
        tracer = new_tracer()
        first, second = Agent(SCRIPT[:1]), Agent(SCRIPT[:1])
        tracer.observe_pipeline(first.pipeline, first.context)
        with pytest.raises(SharedTracerError, match="inside the bot function"):
            tracer.observe_pipeline(second.pipeline, second.context)

    asyncio.run(share())


def test_a_pipeline_is_observed_once(new_tracer: Any) -> None:
    async def twice() -> None:
        agent = Agent(SCRIPT[:1])
        new_tracer().observe_pipeline(agent.pipeline, agent.context)
        with pytest.raises(Exception, match="observed already"):
            new_tracer().track_pipeline(agent.pipeline, agent.context)

    asyncio.run(twice())


def test_a_tracer_may_take_the_next_call_after_the_first(server: FakeServer, call: Any) -> None:
    first = call()
    call(tracer=first.tracer)
    one, two = server.payloads
    assert one["session_id"] != two["session_id"]
    assert one["trace_id"] != two["trace_id"]


@pytest.mark.parametrize("missing", ["pipeline", "context"])
def test_nothing_to_observe_is_an_error(new_tracer: Any, missing: str) -> None:
    agent = asyncio.run(_agent())
    arguments = {"pipeline": agent.pipeline, "context": agent.context} | {missing: None}
    with pytest.raises(ValueError, match=missing):
        new_tracer().observe_pipeline(**arguments)


async def _agent() -> Agent:
    return Agent(SCRIPT[:1])


def test_settings_come_from_the_environment(
    server: FakeServer, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLSCOPE_API_KEY", server.key)
    monkeypatch.setenv("CALLSCOPE_AGENT_ID", "9")
    monkeypatch.setenv("CALLSCOPE_URL", server.url + "/")
    call(tracer=PipecatTracer())
    (payload,) = server.payloads
    assert payload["agent_id"] == 9
    # The one URL is enough: spans go there as well.
    assert "POST /v1/traces" in server.requests


def test_missing_settings_say_what_to_do(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConfigurationError, match="CALLSCOPE_API_KEY"):
        PipecatTracer()
    with pytest.raises(ConfigurationError, match="CALLSCOPE_AGENT_ID"):
        PipecatTracer("key")
    # In production the agent goes on without.
    monkeypatch.setenv("CALLSCOPE_STRICT", "false")
    assert PipecatTracer().is_enabled() is False
    assert "CALLSCOPE_API_KEY" in caplog.text


def test_twenty_calls_at_once_keep_apart(server: FakeServer, new_tracer: Any) -> None:
    keys = {number: f"key-{number}" for number in range(20)}

    async def one(number: int) -> None:
        from loguru import logger

        async def tool(parameters: Any) -> None:
            logger.info(f"line of {number}")
            await parameters.result_callback({"table": number})

        agent = Agent(SCRIPT[1:2], tools={"find_table": tool}, audio=number % 2 == 0)
        tracer = new_tracer(number, api_key=keys[number])
        task = tracer.observe_and_create_task(
            agent.pipeline, agent.context, session_id=f"s-{number}", custom_metadata={"number": number}
        )
        await agent.run(task)
        assert await tracer.wait_sent(60)

    async def all_of_them() -> None:
        await asyncio.gather(*(one(number) for number in keys))

    asyncio.run(all_of_them())
    assert len(server.payloads) == 20
    for post in server.posts:
        number = post.body["agent_id"]
        assert post.headers["x-cekura-api-key"] == keys[number]
        assert post.body["session_id"] == f"s-{number}"
        assert post.body["provider_data"]["custom_metadata"] == {"number": number}
        lines = [line["message"] for line in post.body["logs"] if line["message"].startswith("line of")]
        assert lines == [f"line of {number}"]
        results = [e for e in post.body["transcript"] if e["role"] == "tool"]
        assert [json.loads(e["content"])["table"] for e in results] == [number]
        spans = server.spans_of(post.body["trace_id"])
        assert {(span.agent_id, span.key) for span in spans} == {(str(number), keys[number])}
        assert {"conversation", "turn", "execute_tool find_table"} <= {span.name for span in spans}
