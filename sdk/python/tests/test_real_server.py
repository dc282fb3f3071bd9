"""Against the built server, where there is one: what its API tells of the calls that were sent."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from loguru import logger

from callscope.pipecat import PipecatTracer, _tracer
from callscope.testing.pipecat import SCRIPT, Agent, Exchange

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "test"))

if not os.environ.get("CALLSCOPE_BIN"):
    pytest.skip("CALLSCOPE_BIN names no server", allow_module_level=True)

from server import Project, Server, eventually


class Home(Server):
    """Comes back on the ports that it had."""

    def command(self) -> list[str]:
        command = super().command()
        if self.http:
            command[command.index("--grpc") + 1] = self.grpc
            command[command.index("--http") + 1] = self.http.removeprefix("http://")
        return command


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("real") / "data").start()
    probe = running.request(
        "GET", "/observability/v1/pipecat/egress-credentials", key=running.key, params={"agent_id": 1}
    )
    if "json" not in probe.headers.get("Content-Type", "") or probe.status_code == 404:
        running.close()
        pytest.skip("this server takes no sessions")
    yield running
    running.close()


@pytest.fixture
def project(server: Server) -> Project:
    return server.new_project()


@pytest.fixture
def agent_id(project: Project) -> int:
    answer = project.server.request("POST", "agents", key=project.key, json={"name": "front desk"})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def make_call(
    project: Project, agent_id: int, script: Any, before: Any = None, **options: Any
) -> tuple[PipecatTracer, Agent]:
    """Makes one call, and waits until the SDK is done with it."""

    async def main() -> tuple[PipecatTracer, Agent]:
        server = project.server
        tracer = PipecatTracer(project.key, agent_id, host=server.http, otel_endpoint=f"http://{server.grpc}")
        agent = Agent(script, real_time=True, utterance_s=0.3, character_s=0.02)
        if before is not None:
            agent.before = lambda number: before(tracer, number)
        task = tracer.observe_and_create_task(agent.pipeline, agent.context, **options)
        await agent.run(task)
        assert await tracer.wait_sent(60)
        return tracer, agent

    return asyncio.run(main())


def test_an_agent_that_is_not_there_is_told_once_with_the_remedy(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    make_call(project, 999_999, SCRIPT[:1])
    assert caplog.text.count("has no agent 999999. Set agent_id") == 1
    assert "refused" not in caplog.text
    assert project.items("calls") == []


def the_call(project: Project) -> dict[str, Any]:
    (found,) = project.items("calls")
    return dict(project.read(f"calls/{found['id']}"))


def test_an_observed_call_is_one_call_with_everything(project: Project, agent_id: int) -> None:
    tracer, _ = make_call(project, agent_id, SCRIPT, session_id="real-1", custom_metadata={"tier": "gold"})
    assert tracer.get_session_metadata()["sent"] is True

    def complete() -> dict[str, Any]:
        call = the_call(project)
        assert call.get("recordings"), "no recording yet"
        assert call["recordings"][0]["state"] == "complete", call["recordings"]
        return call

    call = eventually(complete)
    assert call["agent_id"] == agent_id
    assert call["call_id"] == "real-1"
    assert call["trace_ids"] == [tracer.get_session_metadata()["trace_id"]]
    assert call["metadata"]["tier"] == "gold"
    assert "session" in call["sources"]
    assert len(call["turns"]) == len(SCRIPT)
    assert [turn["user"]["text"] for turn in call["turns"]] == [exchange.caller for exchange in SCRIPT]
    assert call["turns"][2]["interrupted"] is True

    # Tools have spans of their own, with errors and times.
    tools = {tool["name"]: tool for tool in call["tools"]}
    assert set(tools) == {"find_table", "book_table"}
    assert not any(tool["synthetic"] for tool in tools.values())
    assert tools["book_table"]["is_error"] is True
    assert tools["find_table"]["duration_ms"] >= 20

    said = [entry for entry in call["transcript"] if entry["role"] in ("caller", "agent")]
    assert [entry["text"] for entry in said if entry["role"] == "caller"] == [e.caller for e in SCRIPT]
    cut = [entry for entry in said if entry.get("interrupted")]
    assert len(cut) == 1
    assert cut[0]["generated_text"].startswith("I could not book it")

    recording = call["recordings"][0]
    assert recording["channels"] == 2
    assert recording["sample_rate_hz"] == 24_000
    assert recording["agent_channel"] == 1
    played = project.server.request("GET", recording["url"], key=project.key)
    assert played.content[:4] == b"RIFF"


def test_a_tracked_call_has_all_but_sound(project: Project, agent_id: int) -> None:
    async def main() -> None:
        server = project.server
        tracer = PipecatTracer(project.key, agent_id, host=server.http, otel_endpoint=f"http://{server.grpc}")
        agent = Agent(SCRIPT, real_time=True, utterance_s=0.3, character_s=0.02)
        task = tracer.track_and_create_task(agent.pipeline, agent.context, session_id="tracked-1")
        await agent.run(task)
        assert await tracer.wait_sent(60)

    asyncio.run(main())

    def complete() -> dict[str, Any]:
        call = the_call(project)
        assert {"otlp", "session"} <= set(call["sources"]), call["sources"]
        assert len(call["turns"]) == len(SCRIPT)
        return call

    call = eventually(complete)
    assert call["call_id"] == "tracked-1"
    assert call["recordings"] == []
    assert {tool["name"] for tool in call["tools"]} == {"find_table", "book_table"}


def test_with_consent_all_that_was_held_back_comes(project: Project, agent_id: int) -> None:
    async def before(tracer: PipecatTracer, number: int) -> None:
        if number == 2:
            assert project.items("calls") == []
            await tracer.start_audio_upload()

    make_call(project, agent_id, SCRIPT, before, defer_upload=True, session_id="agreed")

    def complete() -> dict[str, Any]:
        call = the_call(project)
        assert call["recordings"][0]["state"] == "complete"
        assert len(call["turns"]) == len(SCRIPT)
        return call

    call = eventually(complete)
    said = [entry["text"] for entry in call["transcript"] if entry["role"] == "caller"]
    assert said == [exchange.caller for exchange in SCRIPT]
    # The sound from before the consent is there as well.
    assert call["recordings"][0]["duration_s"] > call["duration_s"] - 1


def test_abort_before_consent_leaves_nothing(project: Project, agent_id: int) -> None:
    async def before(tracer: PipecatTracer, number: int) -> None:
        if number == 1:
            await tracer.abort()
            await tracer.start_audio_upload()  # too late: it is gone

    make_call(project, agent_id, SCRIPT[:2], before, defer_upload=True)
    assert project.items("calls") == []


def test_abort_after_consent_takes_back_what_was_sent(project: Project, agent_id: int) -> None:
    async def before(tracer: PipecatTracer, number: int) -> None:
        if number == 1:
            await tracer.start_audio_upload()
            await asyncio.to_thread(eventually, lambda: project.items("calls") or None, 10)
        elif number == 2:
            await tracer.abort()

    make_call(project, agent_id, (*SCRIPT[:2], SCRIPT[3]), before, defer_upload=True)

    def gone() -> bool:
        assert project.items("calls") == []
        return True

    eventually(gone)


def test_twenty_calls_at_once_stay_apart(server: Server) -> None:
    """Two projects with a key and an agent each; every call has its own words, tools, log and sound."""
    projects = [server.new_project() for _ in range(2)]
    agents = [
        server.request("POST", "agents", key=project.key, json={"name": "desk"}).json()["id"]
        for project in projects
    ]

    async def one(number: int) -> None:
        project, agent_id = projects[number % 2], agents[number % 2]
        tracer = PipecatTracer(project.key, agent_id, host=server.http, otel_endpoint=f"http://{server.grpc}")
        script = (
            Exchange(f"I am caller {number}.", f"Hello caller {number}."),
            Exchange("A table.", f"Done, {number}.", tools=(("find_table", {"guests": number}),)),
        )
        agent = Agent(script, real_time=True, utterance_s=0.3, character_s=0.02)
        task = tracer.observe_and_create_task(agent.pipeline, agent.context, session_id=f"at-once-{number}")

        async def before(_turn: int) -> None:
            logger.info("words of caller {}", number)

        agent.before = before
        await agent.run(task)
        assert await tracer.wait_sent(90)

    async def main() -> None:
        await asyncio.gather(*(one(number) for number in range(20)))

    asyncio.run(main())

    def complete(project: Project) -> list[dict[str, Any]]:
        calls = [project.read(f"calls/{call['id']}") for call in project.items("calls")]
        assert len(calls) == 10, [call["call_id"] for call in calls]
        for call in calls:
            assert [each["state"] for each in call["recordings"]] == ["complete"], call["call_id"]
            assert len(call["turns"]) == 2, (call["call_id"], call["turns"])
        return calls

    for parity, (project, agent_id) in enumerate(zip(projects, agents, strict=True)):
        calls = eventually(lambda project=project: complete(project))
        numbers = {int(call["call_id"].removeprefix("at-once-")) for call in calls}
        assert numbers == set(range(parity, 20, 2))
        for call in calls:
            number = int(call["call_id"].removeprefix("at-once-"))
            assert call["agent_id"] == agent_id
            assert len(call["trace_ids"]) == 1
            assert [turn["user"]["text"] for turn in call["turns"]] == [f"I am caller {number}.", "A table."]
            (tool,) = call["tools"]
            assert json.loads(tool["arguments"]) == {"guests": number}
            lines = project.items(f"calls/{call['id']}/logs")
            words = {line["body"] for line in lines if "words of caller" in str(line.get("body"))}
            assert words == {f"words of caller {number}"}


def test_without_consent_the_server_learns_nothing(project: Project, agent_id: int) -> None:
    make_call(project, agent_id, SCRIPT[:1], defer_upload=True)
    time.sleep(0.5)
    assert project.items("calls") == []


def test_an_aborted_call_is_gone(project: Project, agent_id: int) -> None:
    script = (Exchange("Hello.", "Hello. " + "I am listening. " * 8), *SCRIPT[:1])

    async def before(tracer: PipecatTracer, number: int) -> None:
        if number == 1:
            # The first turn's spans are there; then the caller wants nothing to be kept.
            await asyncio.to_thread(eventually, lambda: project.items("calls") or None, 10)
            await tracer.abort()

    make_call(project, agent_id, script, before)

    def gone() -> bool:
        assert project.items("calls") == []
        return True

    eventually(gone)


def test_a_server_killed_in_the_call_has_all_of_it(new_home: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = replace(_tracer.Limits(), finish_s=30.0)
    monkeypatch.setattr(_tracer, "Limits", lambda: limits)
    project = new_home.new_project()
    agent = project.server.request("POST", "agents", key=project.key, json={"name": "desk"}).json()["id"]

    async def before(_: PipecatTracer, number: int) -> None:
        if number == 1:
            await asyncio.to_thread(new_home.kill9)
        elif number == 2:
            await asyncio.to_thread(new_home.start)

    make_call(project, agent, (*SCRIPT[:2], SCRIPT[3]), before, session_id="survivor")

    def complete() -> dict[str, Any]:
        call = the_call(project)
        assert call["recordings"][0]["state"] == "complete"
        assert len(call["turns"]) == 3
        return call

    assert eventually(complete)["call_id"] == "survivor"


@pytest.fixture
def new_home(server: Server, tmp_path: Path) -> Iterator[Server]:  # noqa: ARG001
    """A server of the test's own, to be killed; none where the shared one takes no sessions."""
    running = Home(tmp_path / "data").start()
    yield running
    running.close()
