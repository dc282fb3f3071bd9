"""A Pipecat bot, recorded: the two lines are marked. Its services and its caller follow a script."""

import asyncio

from callscope.pipecat import PipecatTracer  # 1
from callscope.testing.pipecat import Agent


async def bot() -> None:
    agent = Agent(real_time=True)
    task = PipecatTracer().observe_and_create_task(agent.pipeline, agent.context)  # 2
    await agent.run(task)


if __name__ == "__main__":
    asyncio.run(bot())
