"""A real Pipecat agent on a script: its recogniser, model, voice and caller answer from it, without network.

The pipeline, its turns, tools, interruptions and tracing are Pipecat's own.
"""

import asyncio
import json
import math
import struct
import time
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from openai.types.chat import ChatCompletionChunk
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
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

try:
    from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
    from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
except ImportError:  # Before 1.14.
    from pipecat.adapters.schemas.function_schema import FunctionSchema
    from pipecat.adapters.schemas.tools_schema import ToolsSchema

RATE_HZ = 16_000
FRAME_S = 0.02
MODEL = "gpt-4.1-mini-2025-04-14"

__all__ = ["SCRIPT", "Agent", "Exchange", "tone"]


@dataclass(frozen=True)
class Exchange:
    """What the caller says and what the model answers, after the tools it calls first."""

    caller: str
    agent: str
    tools: tuple[tuple[str, dict[str, Any]], ...] = ()
    # The caller begins the next exchange as soon as the agent speaks.
    barge_in: bool = False


SCRIPT = (
    Exchange("I would like a table for four.", "Of course. For which day?"),
    Exchange(
        "Tomorrow at eight.",
        "Tomorrow at eight is free. Shall I book it?",
        tools=(("find_table", {"day": "tomorrow", "guests": 4}),),
    ),
    Exchange(
        "Yes, book it please.",
        "I could not book it just yet. " + "I am very sorry about that. " * 4,
        tools=(("book_table", {"day": "tomorrow"}),),
        barge_in=True,
    ),
    Exchange("Never mind.", "Is there anything else?"),
    Exchange("No, thank you.", "Thank you for calling. Goodbye."),
)


def tone(seconds: float, hertz: float, rate_hz: int = RATE_HZ, level: float = 0.3) -> bytes:
    count = round(seconds * rate_hz)
    return struct.pack(
        f"<{count}h",
        *(round(level * 32767 * math.sin(2 * math.pi * hertz * n / rate_hz)) for n in range(count)),
    )


_SILENCE = bytes(round(RATE_HZ * FRAME_S) * 2)
_CALLER_TONE = tone(FRAME_S, 400)
_AGENT_TONE = tone(FRAME_S, 800)


@dataclass
class _Progress:
    script: tuple[Exchange, ...]
    number: int = -1
    tools_done: int = 0
    answered: bool = False
    speaking: bool = False
    bot_started: asyncio.Event = field(default_factory=asyncio.Event)
    bot_stopped: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def current(self) -> Exchange:
        return self.script[max(0, self.number)]


class ScriptedSTT(STTService):  # type: ignore[misc, unused-ignore]
    """Recognises the caller's words when the caller falls silent."""

    def __init__(self, progress: _Progress) -> None:
        super().__init__(
            ttfs_p99_latency=0.0,
            audio_passthrough=True,
            settings=STTSettings(model="scripted-ear-1", language="en"),
        )
        self._progress = progress

    def can_generate_metrics(self) -> bool:
        return True

    @traced_stt  # type: ignore[misc, untyped-decorator, unused-ignore]
    async def _traced(self, transcript: str, is_final: bool, language: Any = None) -> None:
        pass

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:  # noqa: ARG002
        yield None

    async def process_frame(self, frame: Frame, direction: Any) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, VADUserStoppedSpeakingFrame):
            text = self._progress.current.caller
            await self.push_frame(TranscriptionFrame(text, "caller", time_now_iso8601(), finalized=True))
            await self._traced(text, True)


class ScriptedLLM(openai_llm.OpenAILLMService):  # type: ignore[misc, unused-ignore]
    """OpenAI's service with the network taken out."""

    def __init__(self, progress: _Progress, word_s: float) -> None:
        super().__init__(api_key="none", settings=openai_llm.OpenAILLMService.Settings(model="gpt-4.1-mini"))
        self._progress = progress
        self._word_s = word_s

    async def get_chat_completions(self, *_: Any, **__: Any) -> Any:
        return self._stream()

    async def _stream(self) -> AsyncGenerator[ChatCompletionChunk, None]:
        progress = self._progress
        exchange = progress.current
        if progress.tools_done < len(exchange.tools):
            calls = []
            for index, (name, arguments) in enumerate(exchange.tools):
                function = {"name": name, "arguments": json.dumps(arguments)}
                call_id = f"call_{progress.number}_{index}"
                calls.append({"index": index, "id": call_id, "type": "function", "function": function})
            progress.tools_done = len(exchange.tools)
            yield _chunk({"role": "assistant", "tool_calls": calls})
        else:
            progress.answered = True
            for word in exchange.agent.split(" "):
                await asyncio.sleep(self._word_s)
                yield _chunk({"content": word + " "})
        yield _chunk(None, {"prompt_tokens": 200, "completion_tokens": 12, "total_tokens": 212})


def _chunk(delta: dict[str, Any] | None, usage: dict[str, Any] | None = None) -> ChatCompletionChunk:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": None}]
    body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
    return ChatCompletionChunk.model_validate(body | {"choices": choices, "usage": usage})


class ScriptedTTS(TTSService):  # type: ignore[misc, unused-ignore]
    """Speaks a tone, as long as the text at the given speed."""

    def __init__(self, character_s: float) -> None:
        super().__init__(
            push_start_frame=True,
            push_stop_frames=True,
            stop_frame_timeout_s=0.1,
            sample_rate=RATE_HZ,
            settings=TTSSettings(model="scripted-voice-1", voice="anna", language="en"),
        )
        self._character_s = character_s

    def can_generate_metrics(self) -> bool:
        return True

    @traced_tts  # type: ignore[misc, untyped-decorator, unused-ignore]
    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame, None]:
        await self.start_tts_usage_metrics(text)
        await self.stop_ttfb_metrics()
        frames = max(1, round(len(text) * self._character_s / FRAME_S))
        yield TTSAudioRawFrame(_AGENT_TONE * frames, RATE_HZ, 1, context_id=context_id)


class Loudspeaker(BaseOutputTransport):  # type: ignore[misc, unused-ignore]
    """Plays to nobody, in real time or as fast as it goes."""

    def __init__(self, real_time: bool) -> None:
        super().__init__(
            TransportParams(
                audio_out_enabled=True, audio_out_sample_rate=RATE_HZ, audio_out_end_silence_secs=0
            )
        )
        self._real_time = real_time
        self._due = 0.0

    async def start(self, frame: Any) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame: Any) -> bool:
        length_s = len(frame.audio) / (2 * frame.sample_rate * frame.num_channels)
        now = time.monotonic()
        self._due = max(self._due, now) + length_s
        await asyncio.sleep(self._due - now if self._real_time else 0)
        return True


async def find_table(parameters: FunctionCallParams) -> None:
    await asyncio.sleep(0.02)
    await parameters.result_callback({"table": 7, **parameters.arguments})


async def book_table(parameters: FunctionCallParams) -> None:
    await parameters.result_callback({"error": "the book is locked"})


TOOLS = {"find_table": find_table, "book_table": book_table}


class Agent:
    """One call. Give `pipeline` and `context` to a tracer, and the task that comes of it to run()."""

    def __init__(
        self,
        script: tuple[Exchange, ...] = SCRIPT,
        *,
        tools: dict[str, Callable[[FunctionCallParams], Awaitable[None]]] | None = None,
        real_time: bool = False,
        character_s: float = 0.002,
        word_s: float = 0.0,
        utterance_s: float = 0.1,
        greeting_wait_s: float = 0.0,
        with_aggregators: bool = True,
        audio: bool = True,
    ) -> None:
        self._progress = _Progress(script)
        self._real_time = real_time
        self._utterance_s = utterance_s
        self._greeting_wait_s = greeting_wait_s
        self._audio = audio
        handlers = TOOLS | (tools or {})
        schemas = [
            FunctionSchema(name=name, description=name, properties={}, required=[]) for name in handlers
        ]
        self.context = LLMContext(
            messages=[{"role": "system", "content": "You book tables. Keep answers short."}],
            tools=ToolsSchema(standard_tools=list(schemas)),
        )
        self.pair = LLMContextAggregatorPair(
            self.context,
            user_params=LLMUserAggregatorParams(
                user_turn_strategies=UserTurnStrategies(
                    stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.02)]
                )
            ),
        )
        self.llm = ScriptedLLM(self._progress, word_s)
        for name, handler in handlers.items():
            self.llm.register_function(name, handler)
        chain: list[Any] = [ScriptedSTT(self._progress)]
        chain += [self.pair.user()] if with_aggregators else []
        chain += [self.llm, ScriptedTTS(character_s), Loudspeaker(real_time)]
        chain += [self.pair.assistant()] if with_aggregators else []
        self.pipeline = Pipeline(chain)
        # Called before each exchange with its number.
        self.before: Callable[[int], Awaitable[None]] | None = None
        # The latest that a frame of the microphone was, in seconds: how long the machine stood still.
        self.held_up_s = 0.0
        self._answers = with_aggregators
        self.watch()

    def watch(self) -> None:
        """Listens at the pipeline's end; again, where `pipeline` has been replaced."""
        self.pipeline.processors[-1].add_event_handler("on_before_process_frame", self._heard)

    def _heard(self, _processor: Any, frame: Frame) -> None:
        progress = self._progress
        if not progress.answered:
            return
        if isinstance(frame, BotStartedSpeakingFrame):
            progress.bot_started.set()
        elif isinstance(frame, BotStoppedSpeakingFrame):
            # On a busy machine Pipecat may tell of the end alone, after an interruption.
            progress.bot_started.set()
            progress.bot_stopped.set()

    async def run(self, task: Any, *, hang_up: Callable[[], Awaitable[None]] | None = None) -> None:
        """Runs the task and speaks the caller's side; hangs up after the last answer."""
        started = asyncio.Event()

        async def on_pipeline_started(*_: Any) -> None:
            started.set()

        task.add_event_handler("on_pipeline_started", on_pipeline_started)

        async def caller() -> None:
            await asyncio.wait_for(started.wait(), 20)
            microphone = asyncio.create_task(self._microphone(task)) if self._audio else None
            try:
                await self._speak(task)
            finally:
                if microphone is not None:
                    microphone.cancel()
            await (hang_up() if hang_up is not None else task.queue_frame(EndFrame()))

        running = asyncio.ensure_future(_run_task(task))
        talking = asyncio.ensure_future(caller())
        await asyncio.wait((running, talking), return_when=asyncio.FIRST_EXCEPTION)
        if talking.done() and not talking.cancelled() and talking.exception() is not None:
            # The script got stuck: the call ends, and the test is told.
            await task.cancel()
        await asyncio.gather(running, return_exceptions=True)
        talking.cancel()
        for done in await asyncio.gather(running, talking, return_exceptions=True):
            if isinstance(done, Exception):
                raise done

    async def _speak(self, task: Any) -> None:
        progress = self._progress
        await asyncio.sleep(self._greeting_wait_s)
        for number, exchange in enumerate(progress.script):
            if self.before is not None:
                await self.before(number)
            progress.number, progress.tools_done, progress.answered = number, 0, False
            progress.bot_started.clear()
            progress.bot_stopped.clear()
            await task.queue_frame(VADUserStartedSpeakingFrame(start_secs=0.0))
            progress.speaking = True
            await asyncio.sleep(self._utterance_s)
            progress.speaking = False
            await task.queue_frame(VADUserStoppedSpeakingFrame(stop_secs=0.0))
            if not self._answers:
                continue
            await asyncio.wait_for(progress.bot_started.wait(), 20)
            if exchange.barge_in:
                await asyncio.sleep(0.1)
            else:
                await asyncio.wait_for(progress.bot_stopped.wait(), 60)

    async def _microphone(self, task: Any) -> None:
        """Sends a frame every 20 ms, as a telephone does."""
        due = time.monotonic()
        while True:
            sound = _CALLER_TONE if self._progress.speaking else _SILENCE
            await task.queue_frame(InputAudioRawFrame(sound, RATE_HZ, 1))
            due += FRAME_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.held_up_s = max(self.held_up_s, time.monotonic() - due)


async def _run_task(task: Any) -> None:
    """Runs the task by the runner of this Pipecat."""
    try:
        from pipecat.workers.runner import WorkerRunner
    except ImportError:
        from pipecat.pipeline.runner import PipelineRunner

        await PipelineRunner(handle_sigint=False).run(task)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(task)
        await runner.run()
