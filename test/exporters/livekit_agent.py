"""A real livekit-agents session whose caller, recogniser, model and voice are scripted, without a room.

Usage: livekit_agent.py session|job

The session, its turn taking, its tools and its telemetry are LiveKit's own; only what would need a
network answers from SCRIPT. `session` runs an AgentSession of its own, whose spans go where
OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS point. `job` runs the same in a worker's job
and lets LiveKit upload by itself, to LIVEKIT_OBSERVABILITY_URL. Works with livekit-agents 1.2 and newer.
"""

import asyncio
import inspect
import math
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from livekit import rtc
from livekit.agents import Agent, AgentSession, RunContext, function_tool, llm, stt, tts, vad
from livekit.agents.telemetry import set_tracer_provider
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS
from livekit.agents.voice import io
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

RATE_HZ = 16_000
FRAME_S = 0.02
SPEECH_S = 0.6
# Silence after which the speech detector, and then the recogniser, is sure that the caller has ended.
SILENCE_S = 0.2
RECOGNITION_S = 0.1
LLM_FIRST_TOKEN_S = 0.15
TTS_FIRST_BYTE_S = 0.1


@dataclass(frozen=True)
class Exchange:
    """What the caller says and what the model answers, after the tool it calls first."""

    caller: str
    agent: str
    tool: tuple[str, str] | None = None
    # The caller begins the next exchange as soon as the agent speaks.
    barge_in: bool = False


GREETING = "Hello, how can I help?"
SCRIPT = [
    Exchange("I would like a table for four.", "Of course, for which day?"),
    Exchange("Tomorrow at eight.", "Eight is free. Shall I book it?", tool=("find_table", '{"guests": 4}')),
    Exchange(
        "Yes, book it please.",
        "I could not book it just yet and I am very sorry about that indeed.",
        tool=("book_table", '{"guests": 4, "hour": 20}'),
        barge_in=True,
    ),
    Exchange("Never mind, thank you.", "Thank you for calling."),
]


class Line:
    """Both ends of the telephone line: the caller's voice, and what the caller hears."""

    def __init__(self) -> None:
        self.speaking = False
        self.said = ""
        self.agent_started = asyncio.Event()
        self.agent_stopped = asyncio.Event()

    async def speak(self, text: str) -> None:
        self.agent_started.clear()
        self.agent_stopped.clear()
        self.said = text
        self.speaking = True
        await asyncio.sleep(SPEECH_S)
        self.speaking = False

    async def call(self) -> None:
        await asyncio.wait_for(self.agent_stopped.wait(), 20)
        for exchange in SCRIPT:
            await asyncio.sleep(0.3)
            await self.speak(exchange.caller)
            await asyncio.wait_for(self.agent_started.wait(), 20)
            if not exchange.barge_in:
                await asyncio.wait_for(self.agent_stopped.wait(), 20)


class Microphone(io.AudioInput):
    def __init__(self, line: Line) -> None:
        super().__init__(label="microphone")
        self._line = line
        self._due = 0.0

    async def __anext__(self) -> rtc.AudioFrame:
        now = asyncio.get_running_loop().time()
        self._due = max(self._due + FRAME_S, now)
        await asyncio.sleep(self._due - now)
        samples = int(RATE_HZ * FRAME_S)
        loud = 8000 if self._line.speaking else 0
        pcm = struct.pack(f"<{samples}h", *(int(loud * math.sin(i / 5)) for i in range(samples)))
        return rtc.AudioFrame(pcm, RATE_HZ, 1, samples)


class Loudspeaker(io.AudioOutput):
    """Plays in real time to nobody."""

    def __init__(self, line: Line) -> None:
        more = (
            {"capabilities": io.AudioOutputCapabilities(pause=False)}
            if _takes(io.AudioOutput, "capabilities")
            else {}
        )
        super().__init__(label="loudspeaker", sample_rate=24_000, **more)
        self._line = line
        self._pushed_s = 0.0
        self._began = 0.0
        self._end: asyncio.Task[None] | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if not self._pushed_s:
            self._began = time.time()
            if hasattr(self, "on_playback_started"):
                self.on_playback_started(created_at=self._began)
            self._line.agent_stopped.clear()
            self._line.agent_started.set()
        self._pushed_s += frame.duration

    def flush(self) -> None:
        super().flush()
        if self._pushed_s:
            self._end = asyncio.create_task(self._finish(self._pushed_s))

    async def _finish(self, length_s: float) -> None:
        await asyncio.sleep(max(0.0, length_s - (time.time() - self._began)))
        self._finished(length_s, interrupted=False)

    def clear_buffer(self) -> None:
        if self._end and not self._end.done():
            self._end.cancel()
        if self._pushed_s:
            self._finished(time.time() - self._began, interrupted=True)

    def _finished(self, position_s: float, *, interrupted: bool) -> None:
        self._pushed_s = 0.0
        self.on_playback_finished(playback_position=position_s, interrupted=interrupted)
        self._line.agent_stopped.set()


def _takes(function: Callable[..., Any], name: str) -> bool:
    return name in inspect.signature(function).parameters


def _is_loud(frame: rtc.AudioFrame) -> bool:
    return max(frame.data) > 1000


class SpeechDetector(vad.VAD):
    def __init__(self) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=FRAME_S))

    def stream(self) -> vad.VADStream:
        return SpeechDetectorStream(self)


class SpeechDetectorStream(vad.VADStream):
    async def _main_task(self) -> None:
        speech_s = silence_s = 0.0
        async for frame in self._input_ch:
            if not isinstance(frame, rtc.AudioFrame):
                continue
            loud = _is_loud(frame)
            if loud and not speech_s:
                self._send(vad.VADEventType.START_OF_SPEECH, FRAME_S, 0.0)
            if loud or speech_s:
                speech_s += frame.duration
                silence_s = 0.0 if loud else silence_s + frame.duration
                self._send(vad.VADEventType.INFERENCE_DONE, speech_s, silence_s, accumulates=loud)
            if silence_s >= SILENCE_S:
                self._send(vad.VADEventType.END_OF_SPEECH, speech_s, silence_s)
                speech_s = silence_s = 0.0

    def _send(
        self, kind: vad.VADEventType, speech_s: float, silence_s: float, *, accumulates: bool = False
    ) -> None:
        self._event_ch.send_nowait(
            vad.VADEvent(
                type=kind,
                samples_index=0,
                timestamp=time.time(),
                speech_duration=speech_s,
                silence_duration=silence_s,
                speaking=silence_s == 0,
                raw_accumulated_speech=speech_s if accumulates else 0.0,
                raw_accumulated_silence=silence_s,
            )
        )


class Recogniser(stt.STT):
    def __init__(self, line: Line) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=False))
        self._line = line

    @property
    def model(self) -> str:
        return "nova-3"

    @property
    def provider(self) -> str:
        return "Deepgram"

    async def _recognize_impl(self, *_: Any, **__: Any) -> stt.SpeechEvent:
        raise NotImplementedError

    def stream(self, *, conn_options: Any = DEFAULT_API_CONNECT_OPTIONS, **_: Any) -> stt.RecognizeStream:
        return RecogniserStream(self._line, stt=self, conn_options=conn_options)


class RecogniserStream(stt.RecognizeStream):
    def __init__(self, line: Line, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._line = line

    async def _run(self) -> None:
        heard, silence_s, audio_s = False, 0.0, 0.0
        async for frame in self._input_ch:
            if not isinstance(frame, rtc.AudioFrame):
                continue
            audio_s += frame.duration
            silence_s = 0.0 if _is_loud(frame) else silence_s + frame.duration
            heard = heard or _is_loud(frame)
            if heard and silence_s >= SILENCE_S + RECOGNITION_S:
                said = stt.SpeechData(language="en", text=self._line.said, confidence=0.93)
                self._event_ch.send_nowait(
                    stt.SpeechEvent(
                        type=stt.SpeechEventType.FINAL_TRANSCRIPT, request_id="stt-1", alternatives=[said]
                    )
                )
                self._event_ch.send_nowait(
                    stt.SpeechEvent(
                        type=stt.SpeechEventType.RECOGNITION_USAGE,
                        recognition_usage=stt.RecognitionUsage(audio_duration=audio_s),
                    )
                )
                heard, audio_s = False, 0.0


class Model(llm.LLM):
    @property
    def model(self) -> str:
        return "gpt-4.1-mini"

    @property
    def provider(self) -> str:
        return "api.openai.com"

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[Any] | None = None,
        conn_options: Any = DEFAULT_API_CONNECT_OPTIONS,
        **_: Any,
    ) -> llm.LLMStream:
        return ModelStream(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class ModelStream(llm.LLMStream):
    def _send(self, delta: llm.ChoiceDelta | None = None, usage: llm.CompletionUsage | None = None) -> None:
        self._event_ch.send_nowait(llm.ChatChunk(id="chatcmpl-1", delta=delta, usage=usage))

    async def _run(self) -> None:
        await asyncio.sleep(LLM_FIRST_TOKEN_S)
        items = self._chat_ctx.items
        asked = [item.text_content for item in items if item.type == "message" and item.role == "user"][-1]
        exchange = next(exchange for exchange in SCRIPT if exchange.caller == asked)
        if exchange.tool and items[-1].type == "message":
            name, arguments = exchange.tool
            call = llm.FunctionToolCall(name=name, arguments=arguments, call_id=f"call_{name}")
            self._send(llm.ChoiceDelta(role="assistant", tool_calls=[call]))
        else:
            for word in exchange.agent.split(" "):
                self._send(llm.ChoiceDelta(role="assistant", content=word + " "))
                await asyncio.sleep(0.01)
        self._send(
            usage=llm.CompletionUsage(
                completion_tokens=12, prompt_tokens=240, prompt_cached_tokens=128, total_tokens=252
            )
        )


class Voice(tts.TTS):
    """Speaks silence, 40 ms for each character."""

    def __init__(self) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False), sample_rate=24_000, num_channels=1
        )

    @property
    def model(self) -> str:
        return "sonic-3"

    @property
    def provider(self) -> str:
        return "Cartesia"

    def synthesize(self, text: str, *, conn_options: Any = DEFAULT_API_CONNECT_OPTIONS) -> tts.ChunkedStream:
        return VoiceStream(tts=self, input_text=text, conn_options=conn_options)


class VoiceStream(tts.ChunkedStream):
    async def _run(self, output: tts.AudioEmitter) -> None:
        output.initialize(request_id="tts-1", sample_rate=24_000, num_channels=1, mime_type="audio/pcm")
        await asyncio.sleep(TTS_FIRST_BYTE_S)
        output.push(bytes(2 * 960 * len(self.input_text)))
        output.flush()


class Waiter(Agent):
    def __init__(self) -> None:
        super().__init__(instructions="You book tables. Be brief.")

    async def on_enter(self) -> None:
        self.session.say(GREETING)

    @function_tool
    async def find_table(self, context: RunContext, guests: int) -> str:  # noqa: ARG002
        """Looks for a free table."""
        await asyncio.sleep(0.05)
        return f"table 7 for {guests}"

    @function_tool
    async def book_table(self, context: RunContext, guests: int, hour: int) -> str:  # noqa: ARG002
        """Books a table."""
        raise llm.ToolError(f"the book for {hour}:00 is locked")


async def run_session(**start: Any) -> None:
    line = Line()
    session = AgentSession(
        stt=Recogniser(line),
        vad=SpeechDetector(),
        llm=Model(),
        tts=Voice(),
        turn_detection="vad",
        min_endpointing_delay=0.3,
        min_interruption_duration=0.1,
    )
    session.input.audio = Microphone(line)
    session.output.audio = Loudspeaker(line)
    await session.start(Waiter(), **start)
    await line.call()
    # Closing cuts off what the session has yet to note of its last words.
    await asyncio.sleep(0.3)
    await session.aclose()


async def run_alone() -> None:
    provider = TracerProvider(resource=Resource.create({"service.name": "table-agent"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    set_tracer_provider(provider)
    try:
        await run_session()
    finally:
        provider.shutdown()


async def run_job() -> None:
    from livekit.agents import AgentServer, JobContext, JobExecutorType

    server = AgentServer(job_executor_type=JobExecutorType.THREAD, num_idle_processes=0, port=0)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def uploaded(_context: JobContext) -> None:
        pass

    @server.rtc_session(agent_name="waiter", on_session_end=uploaded)
    async def entrypoint(context: JobContext) -> None:
        async def over(_reason: str) -> None:
            loop.call_soon_threadsafe(ended.set)

        context.add_shutdown_callback(over)
        await run_session(record=True)
        context.shutdown("the caller hung up")

    running = asyncio.create_task(server.run(devmode=True, unregistered=True))
    await asyncio.sleep(0)
    while server.worker_info is None:
        await asyncio.sleep(0.01)
    await server.simulate_job("table-room", fake_job=True)
    await asyncio.wait_for(ended.wait(), 60)
    await server.aclose()
    await running


if __name__ == "__main__":
    asyncio.run(run_alone() if sys.argv[1] == "session" else run_job())
