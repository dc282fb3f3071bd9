"""Fixtures: a fake server, a spool of the test's own, and a call from beginning to end."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
os.environ["CALLSCOPE_STRICT"] = "1"

import pytest
from loguru import logger

from callscope.pipecat import PipecatTracer
from callscope.testing import FakeServer
from callscope.testing.pipecat import SCRIPT, Agent

logger.remove()

OWN_VARIABLES = ("CALLSCOPE_", "CEKURA_", "OTEL_", "AWS_ENDPOINT")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(OWN_VARIABLES):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CALLSCOPE_STRICT", "1")
    monkeypatch.setenv("CALLSCOPE_SPOOL", str(tmp_path / "spool"))


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


@dataclass
class Run:
    """A call that has been made and sent."""

    agent: Agent
    tracer: PipecatTracer
    task: Any


MakeTask = Callable[[PipecatTracer, Agent], Any]
Caller = Callable[..., Run]


@pytest.fixture
def new_tracer(server: FakeServer) -> Callable[..., PipecatTracer]:
    return tracer_maker(server)


@pytest.fixture
def call(server: FakeServer) -> Caller:
    """Makes one call and waits until it is sent."""
    return caller(server)


def tracer_maker(server: FakeServer) -> Callable[..., PipecatTracer]:
    def make(agent_id: int = 7, **arguments: Any) -> PipecatTracer:
        where = {"host": server.url, "otel_endpoint": server.otlp} | arguments
        return PipecatTracer(where.pop("api_key", server.key), agent_id, **where)

    return make


def caller(server: FakeServer) -> Caller:
    new_tracer = tracer_maker(server)

    def make(
        set_up: MakeTask | None = None,
        *,
        tracer: PipecatTracer | None = None,
        agent: Agent | None = None,
        script: Any = SCRIPT[:1],
        before: Callable[[PipecatTracer, int], Awaitable[None]] | None = None,
        after: Callable[[PipecatTracer], Awaitable[None]] | None = None,
        wait: bool = True,
        **agent_arguments: Any,
    ) -> Run:
        async def main() -> Run:
            used = tracer or new_tracer()
            bot = agent or Agent(script, **agent_arguments)
            if before is not None:
                bot.before = lambda number: before(used, number)
            task = set_up(used, bot) if set_up else used.observe_and_create_task(bot.pipeline, bot.context)
            await bot.run(task)
            if after is not None:
                await after(used)
            if wait:
                assert await used.wait_sent(30)
            return Run(bot, used, task)

        return asyncio.run(main())

    return make


@dataclass
class Observed:
    """A whole call, and the server that has it."""

    server: FakeServer
    run: Run
    payload: dict[str, Any]


@pytest.fixture(scope="session")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    """A call of five exchanges with two tools, of which one fails, and a barge-in."""
    os.environ["CALLSCOPE_SPOOL"] = str(tmp_path_factory.mktemp("observed") / "spool")

    def make(running: FakeServer) -> Observed:
        run = caller(running)(
            lambda tracer, agent: tracer.observe_and_create_task(
                agent.pipeline,
                agent.context,
                session_id="s-1",
                custom_metadata={"tier": "gold", "nothing": None, "kind": object},
                additional_span_attributes={"customer.id": "c-42"},
            ),
            script=SCRIPT,
            real_time=True,
            utterance_s=0.3,
            character_s=0.01,
        )
        (payload,) = running.payloads
        return Observed(running, run, payload)

    # Where the machine stood still, the microphone is late against the voice activity it stands for,
    # which is no fault of the recording: such a call is made again.
    for _ in range(4):
        with FakeServer() as running:
            made = make(running)
            if made.run.agent.held_up_s < 0.1:
                yield made
                return
    with FakeServer() as running:
        yield make(running)
