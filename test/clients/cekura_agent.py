"""A Pipecat agent with the hosted service's own SDK, unchanged: only its URLs say where it reports to.

Usage: cekura_agent.py HTTP_URL GRPC_URL KEY AGENT_ID SESSION_ID MODE   (MODE is observe or track)
"""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "sdk/python/src"))

from callscope.testing.pipecat import Agent
from cekura.pipecat import PipecatTracer
from pipecat.pipeline.task import PipelineParams
from pipecat.utils.base_object import BaseObject


class Transport(BaseObject):
    """What the SDK asks of a transport: that it says when the caller comes and goes."""

    def __init__(self) -> None:
        super().__init__()
        self._register_event_handler("on_client_connected")
        self._register_event_handler("on_client_disconnected")

    async def say(self, event: str) -> None:
        await self._call_event_handler(event, object())


async def main() -> None:
    http_url, grpc_url, key, agent_id, session_id, mode = sys.argv[1:7]
    tracer = PipecatTracer(api_key=key, agent_id=int(agent_id), host=http_url, otel_endpoint=grpc_url)
    agent = Agent(real_time=True)
    transport = Transport()
    create = tracer.observe_and_create_task if mode == "observe" else tracer.track_and_create_task
    task = create(
        agent.pipeline,
        agent.context,
        transport=transport,
        session_id=session_id,
        custom_metadata={"plan": "pro"},
        params=PipelineParams(enable_metrics=True, enable_usage_metrics=True),
    )

    async def before(number: int) -> None:
        if number == 0:
            await transport.say("on_client_connected")
            await asyncio.sleep(0.5)

    async def hang_up() -> None:
        await transport.say("on_client_disconnected")
        # The SDK reports in the background and is lost with the process.
        await transport.cleanup()
        await task.cancel()

    agent.before = before
    await agent.run(task, hang_up=hang_up)


asyncio.run(main())
