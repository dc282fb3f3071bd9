"""A Pipecat bot that asks before it records: until the caller agrees nothing leaves the process.

With --refuse the caller says no, and the call is deleted.
"""

import asyncio
import sys

from pipecat.services.llm_service import FunctionCallParams

from callscope.pipecat import PipecatTracer
from callscope.testing.pipecat import Agent, Exchange

SCRIPT = (
    Exchange("Hello?", "Hello, may I record this call?"),
    Exchange("No.", "Of course not. How can I help?", tools=(("consent", {"given": False}),)),
    Exchange("I would like a table.", "Table seven is free."),
)


async def bot(agrees: bool) -> None:
    tracer = PipecatTracer()

    async def consent(parameters: FunctionCallParams) -> None:
        if agrees:
            # What was said so far goes as well.
            await tracer.start_audio_upload()
        else:
            await tracer.abort()
        await parameters.result_callback({"recorded": agrees})

    agent = Agent(SCRIPT, tools={"consent": consent}, real_time=True)
    task = tracer.observe_and_create_task(agent.pipeline, agent.context, defer_upload=True)
    await agent.run(task)


if __name__ == "__main__":
    asyncio.run(bot("--refuse" not in sys.argv))
