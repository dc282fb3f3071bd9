"""A real Pipecat voice agent whose caller, recogniser, model and voice are scripted.

The pipeline, its turn taking, its tool call and its tracing are Pipecat's own; only what would need
a network answers from SCRIPT. Spans go where OTEL_EXPORTER_OTLP_ENDPOINT and
OTEL_EXPORTER_OTLP_HEADERS point. Prints a line of JSON with the conversation's id at the end.
"""

import asyncio
import json
import sys
import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from openai.types.chat import ChatCompletionChunk
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    EndFrame,
    Frame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.observers.base_observer import BaseObserver, FramePushed
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.llm_service import FunctionCallParams
from pipecat.services.openai import llm as openai_llm
from pipecat.services.settings import STTSettings, TTSSettings
from pipecat.services.stt_service import STTService
from pipecat.services.tts_service import TTSService
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.utils.time import time_now_iso8601
from pipecat.utils.tracing.service_decorators import traced_stt, traced_tts
from pipecat.utils.tracing.setup import setup_tracing
from pipecat.workers.runner import WorkerRunner

MODEL = "gpt-4.1-mini-2025-04-14"


@dataclass(frozen=True)
class Exchange:
    """What the caller says and what the model answers, after the tool calls it makes first."""

    caller: str
    agent: str
    tool: tuple[str, dict[str, object]] | None = None
    barge_in: bool = False


SCRIPT = [
    Exchange("I would like a table for four.", "Of course. For which day?"),
    Exchange(
        "Tomorrow at eight.",
        "Tomorrow at eight is free. Shall I book it?",
        tool=("find_table", {"day": "tomorrow", "hour": 20, "guests": 4}),
    ),
    Exchange(
        "Yes, book it please.",
        "I could not book it just yet, I am sorry.",
        tool=("book_table", {"day": "tomorrow", "hour": 20}),
        barge_in=True,
    ),
    Exchange("Never mind, thank you.", "Thank you for calling. Goodbye."),
]


@dataclass
class Progress:
    """Where the script is, and what the caller waits for."""

    exchange: int = -1
    tool_done: bool = False
    # The last exchange whose answer the model has given: until then, what is heard is the one before.
    answered: int = -1
    turn_started: asyncio.Event = field(default_factory=asyncio.Event)
    bot_started: asyncio.Event = field(default_factory=asyncio.Event)
    bot_stopped: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def current(self) -> Exchange:
        return SCRIPT[self.exchange]


class ScriptedSTTService(STTService):
    """Recognises the caller's words as soon as the caller stops speaking."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(
            ttfs_p99_latency=0.0,
            audio_passthrough=True,
            settings=STTSettings(model="scripted-ear-1", language="en"),
        )
        self._progress = progress

    def can_generate_metrics(self) -> bool:
        return True

    @traced_stt
    async def _transcribed(self, transcript: str) -> None:
        pass

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:  # noqa: ARG002
        yield None

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, VADUserStoppedSpeakingFrame):
            words = TranscriptionFrame(
                self._progress.current.caller, "caller", time_now_iso8601(), finalized=True
            )
            await self.push_frame(words)


class OpenAILLMService(openai_llm.OpenAILLMService):
    """OpenAI's service with the network taken out; its name is the provider on the spans."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(
            api_key="none",
            settings=openai_llm.OpenAILLMService.Settings(
                model="gpt-4.1-mini",
                temperature=0.2,
                system_instruction="You book tables for a restaurant. Keep answers short.",
            ),
        )
        self._progress = progress

    async def get_chat_completions(self, context: LLMContext):
        return self._stream(len(context.get_messages()))

    async def _stream(self, messages: int):
        exchange = self._progress.current
        if exchange.tool and not self._progress.tool_done:
            self._progress.tool_done = True
            name, arguments = exchange.tool
            call = {
                "index": 0,
                "id": f"call_{self._progress.exchange}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
            yield chunk({"role": "assistant", "tool_calls": [call]})
        else:
            self._progress.answered = self._progress.exchange
            for word in exchange.agent.split(" "):
                yield chunk({"content": word + " "})
        prompt, answer = 200 + 10 * messages, 12
        usage = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
        yield chunk(None, usage=usage | {"prompt_tokens_details": {"cached_tokens": 128}})


def chunk(delta: dict | None, usage: dict | None = None) -> ChatCompletionChunk:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": None}]
    return ChatCompletionChunk.model_validate(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": MODEL,
            "choices": choices,
            "usage": usage,
        }
    )


class ScriptedTTSService(TTSService):
    """Speaks silence, 20 ms for each character."""

    def __init__(self) -> None:
        super().__init__(
            push_start_frame=True,
            push_stop_frames=True,
            stop_frame_timeout_s=0.1,
            sample_rate=16000,
            settings=TTSSettings(model="scripted-voice-1", voice="anna", language="en"),
        )

    def can_generate_metrics(self) -> bool:
        return True

    @traced_tts
    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame, None]:
        await self.start_tts_usage_metrics(text)
        await self.stop_ttfb_metrics()
        yield TTSAudioRawFrame(bytes(640 * len(text)), 16000, 1, context_id=context_id)


class Loudspeaker(BaseOutputTransport):
    """Plays to nobody, at once."""

    async def start(self, frame: Frame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame: Frame) -> bool:  # noqa: ARG002
        await asyncio.sleep(0)
        return True


class Listener(BaseObserver):
    """Tells the caller when the agent begins and ends to speak."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    async def on_push_frame(self, data: FramePushed) -> None:
        if self._progress.answered != self._progress.exchange:
            return
        if isinstance(data.frame, BotStartedSpeakingFrame):
            self._progress.bot_started.set()
        elif isinstance(data.frame, BotStoppedSpeakingFrame):
            self._progress.bot_stopped.set()


async def find_table(params: FunctionCallParams, day: str, hour: int, guests: int) -> None:
    """Look for a free table.

    Args:
        day: The day.
        hour: The hour, 0 to 23.
        guests: How many guests come.
    """
    await params.result_callback({"table": 7, "day": day, "hour": hour, "guests": guests})


async def book_table(params: FunctionCallParams, day: str, hour: int) -> None:
    """Book a table.

    Args:
        day: The day.
        hour: The hour, 0 to 23.
    """
    await params.result_callback({"error": f"the book for {day} {hour}:00 is locked"})


async def call(worker: PipelineWorker, progress: Progress) -> None:
    """Speaks the caller's side, one exchange after the other."""
    for exchange in SCRIPT:
        progress.exchange += 1
        progress.tool_done = False
        progress.bot_started.clear()
        progress.bot_stopped.clear()
        await worker.queue_frame(VADUserStartedSpeakingFrame(start_secs=0.2))
        await asyncio.wait_for(progress.turn_started.wait(), 20)
        progress.turn_started.clear()
        await worker.queue_frame(VADUserStoppedSpeakingFrame(stop_secs=0.2))
        await asyncio.wait_for(progress.bot_started.wait(), 20)
        if not exchange.barge_in:
            await asyncio.wait_for(progress.bot_stopped.wait(), 20)
    await worker.queue_frame(EndFrame())


async def main() -> None:
    setup_tracing(service_name="table-agent", exporter=OTLPSpanExporter())
    progress = Progress()
    tools = ToolsSchema(standard_tools=[find_table, book_table])
    llm = OpenAILLMService(progress)
    pair = LLMContextAggregatorPair(
        LLMContext(tools=tools),
        user_params=LLMUserAggregatorParams(
            user_turn_strategies=UserTurnStrategies(
                stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.05)]
            )
        ),
    )
    pipeline = Pipeline(
        [
            ScriptedSTTService(progress),
            pair.user(),
            llm,
            ScriptedTTSService(),
            Loudspeaker(TransportParams(audio_out_enabled=True, audio_out_sample_rate=16000)),
            pair.assistant(),
        ]
    )
    conversation_id = str(uuid.uuid4())
    worker = PipelineWorker(
        pipeline,
        params=PipelineParams(enable_metrics=True, enable_usage_metrics=True),
        enable_tracing=True,
        enable_turn_tracking=True,
        enable_rtvi=False,
        conversation_id=conversation_id,
        additional_span_attributes={"restaurant": "harbour"},
        observers=[Listener(progress)],
    )
    started = asyncio.Event()

    @worker.turn_tracking_observer.event_handler("on_turn_started")
    async def on_turn_started(_observer: BaseObserver, _number: int) -> None:
        progress.turn_started.set()

    @worker.event_handler("on_pipeline_started")
    async def on_pipeline_started(_worker: PipelineWorker, _frame: Frame) -> None:
        started.set()

    async def caller() -> None:
        await asyncio.wait_for(started.wait(), 20)
        await call(worker, progress)

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await asyncio.gather(runner.run(), caller())
    trace.get_tracer_provider().force_flush()
    trace.get_tracer_provider().shutdown()
    json.dump({"conversation_id": conversation_id}, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
