"""One call of a Pipecat pipeline: what is known of it, and the sender that it goes out by.

Lives on the call's event loop. The sending thread asks for the payload (`payload`), which only copies.
"""

import asyncio
import platform
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, Span
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, set_span_in_context

from callscope import _logs, _spans
from callscope._config import Limits, Target
from callscope._errors import guarded, logger
from callscope._outgoing import Facts, Hooks, Recorder, Route
from callscope._recording import RATE_HZ, ROLES, Recording
from callscope._recover import recover
from callscope._sender import Sender
from callscope._times import Clock, iso, iso_ns, sanitize
from callscope._version import __version__

from ._frames import Frames
from ._transcript import Transcript

OBSERVE, TRACK = "observe", "track"
PATHS = {
    OBSERVE: "/observability/v1/pipecat/observe/",
    TRACK: "/test_framework/v1/pipecat/webhook/",
}
# How long a call whose client has gone may go on before it counts as over.
DISCONNECTED_S = 10.0
CALLBACK_S = 10.0

Payload = dict[str, Any]
ReadyCallback = Callable[[Payload], Awaitable[None] | None]


def new_session_id() -> str:
    return f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:16]}"


@dataclass
class Options:
    """What a call was asked for; the tracer may change it until the call ends."""

    mode: str
    session_id: str
    session_params: Any
    custom_metadata: dict[str, Any]
    records_audio: bool
    captures: bool
    traces: bool
    capture_logs: bool
    defer_upload: bool = False
    defer_evaluation: bool = False
    auto_post: bool = True
    ready: ReadyCallback | None = None
    services: list[str] = field(default_factory=list)


class Session:
    def __init__(self, target: Target, options: Options, spool: Path | None, limits: Limits) -> None:
        self.options = options
        self.clock = Clock()
        self.transcript = Transcript(limits.transcript_entries)
        self.frames = Frames(self, self.transcript, self.clock)
        self.ended = False
        self.trace_observer: Any = None
        self.context: Any = None
        self._target = target
        self._limits = limits
        self._spool = spool
        self._loop: asyncio.AbstractEventLoop | None = None
        self._router: _spans.Router | None = None
        self._trace_id: int | None = None
        self._turn_span: Span | None = None
        self._logs: list[dict[str, Any]] = []
        self._metrics: list[dict[str, Any]] = []
        self._started: float | None = None
        self._connected: float | None = None
        self._disconnected: float | None = None
        self._ended_at: float | None = None
        self._end_reason: str | None = None
        self._audio_dropped = False
        self._listening = False
        self._grace: asyncio.TimerHandle | None = None
        self._realtime = False
        hooks = Hooks(
            payload=self.payload,
            trace_id=lambda: self.trace_id,
            posts=self._posts,
            ready=self._ready,
            make_recorder=self._make_recorder if options.records_audio else None,
            changes=lambda: self.transcript.changes,
            encode=_spans.encode,
            done=[self._release],
        )
        route = Route(PATHS[options.mode], uuid.uuid4().hex, options.session_id)
        self.sender = Sender(target, route, hooks, held=options.defer_upload, spool=spool, limits=limits)
        self.dropped = self.sender.dropped

    def _make_recorder(self, file: BinaryIO) -> Recorder:
        return Recording(file, self.clock.wall_ns, self._limits.audio_disk_bytes)

    def _posts(self) -> bool:
        if not self.options.captures:
            return False
        return self.options.auto_post or self.options.mode == TRACK

    # The call's beginning and end.

    def begin(self) -> None:
        """The pipeline runs. May come several times."""
        if self._started is not None or self.sender.aborted:
            return
        self._started = self.clock.now()
        self._loop = asyncio.get_running_loop()
        if self.options.capture_logs and self.options.captures:
            self._listening = True
            _logs.install()
        if self._spool is not None and not self.options.defer_upload:
            recover(self._target, self._spool, self._limits)
        self.sender.start()

    def pipeline_started(self, _frame: Any) -> None:
        self.begin()
        if self.context is not None:
            self.transcript.instructions(self.context.get_messages(), first=True)

    def client_connected(self) -> None:
        if self._connected is None:
            self._connected = self.clock.now()

    def client_disconnected(self) -> None:
        """Most hosts cancel the pipeline now; one that does not has had its call all the same."""
        if self._disconnected is None:
            self._disconnected = self.clock.now()
            self._end_reason = self._end_reason or "client_disconnected"
            self._end_within(DISCONNECTED_S)

    def pipeline_ending(self, frame: str, reason: Any) -> None:
        """The last frame is at the end of the pipeline; what is behind it are spans and events."""
        if self._end_reason is None:
            self._end_reason = {"EndFrame": "pipeline_ended", "CancelFrame": "pipeline_cancelled"}.get(
                frame, frame
            )
            if reason:
                self._end_reason = str(reason)
        self._ended_at = self._ended_at or self.clock.now()
        self._end_within(DISCONNECTED_S)

    def _end_within(self, seconds: float) -> None:
        if self._grace is None and self._loop is not None and not self.ended:
            self._grace = self._loop.call_later(seconds, self.end)

    def end(self) -> None:
        """The pipeline has run to its end: hands the call over. May come several times."""
        if self.ended:
            return
        self.ended = True
        if self._grace is not None:
            self._grace.cancel()
        self._ended_at = self._ended_at or self.clock.now()
        if self.context is not None:
            with guarded("reading the context"):
                self.transcript.instructions(self.context.get_messages(), first=False)
        for tool in self.transcript.tools.values():
            if not tool.done and tool.span is not None:
                tool.span.end()
        if self.sender.held and not self.sender.aborted:
            logger.info("Callscope has deleted call %s: nobody consented", self.options.session_id)
        self.sender.end()
        if not self.sender.started:
            self._release()

    def abort(self) -> None:
        self.ended = True
        if self._grace is not None:
            self._grace.cancel()
        self.sender.abort()
        if not self.sender.started:
            self._release()

    def drop_audio(self) -> None:
        self._audio_dropped = True
        self.sender.drop_audio()

    def _release(self) -> None:
        """Lets go of what the process shares; from the sending thread, once all is sent."""
        if self._router is not None:
            # Spans of an aborted call that end later have to vanish too.
            self._router.release(self, forget=self.sender.aborted)
        if self._listening:
            self._listening = False
            _logs.remove()

    async def wait_sent(self, timeout_s: float) -> bool:
        return await asyncio.to_thread(self.sender.wait, timeout_s)

    # Audio and turns, from the frames and the aggregators.

    def audio(
        self, channel: int, arrived_ns: int, pcm: bytes, rate_hz: int, channels: int, begins: bool = False
    ) -> None:
        if self.options.records_audio and not self.ended:
            self.sender.add_audio((channel, arrived_ns, pcm, rate_hz, channels, begins))

    def caller_turn(self, message: Any) -> None:
        """The aggregator has closed a turn of the caller's."""
        if message.content is None:
            # A speech-to-speech model: the words come with another event.
            self._realtime = True
        elif message.content:
            self.transcript.caller_said(message.content, message.timestamp, self.clock.now())

    def caller_words(self, message: Any) -> None:
        if self._realtime and message.content:
            self.transcript.caller_said(message.content, message.timestamp, self.clock.now())

    def agent_turn(self, message: Any) -> None:
        if self.context is not None:
            self.transcript.instructions(self.context.get_messages(), first=False)
        interrupted = bool(getattr(message, "interrupted", False))
        self.transcript.agent_said(message.content or "", interrupted, message.timestamp, self.clock.now())

    # Logs: from any thread that writes in the call's context.

    def log_line(self, timestamp: float, level: str, name: str, message: str) -> None:
        if self.ended:
            return
        if len(self._logs) >= self._limits.log_lines:
            self.dropped.log_lines += 1
            return
        text = message[: self._limits.log_message_chars]
        self._logs.append({"timestamp": timestamp, "level": level, "logger": name, "message": text})

    # Spans.

    @property
    def trace_id(self) -> str | None:
        return None if self._trace_id is None else f"{self._trace_id:032x}"

    def use_traces(self) -> bool:
        """Takes the process's spans; returns whether there are any."""
        self._router = _spans.router()
        return self._router is not None

    def trace_claimed(self, trace_id: int) -> None:
        self._trace_id = trace_id

    def span_started(self, span: Span) -> None:
        if span.name == "turn":
            self._turn_span = span

    def span_ended(self, span: ReadableSpan) -> None:
        self.sender.add_span(span)

    def measured_turn(self, name: str, value: float | bool) -> None:
        """Puts a measurement on the span of the running turn."""
        if self._turn_span is not None and self._turn_span.is_recording():
            self._turn_span.set_attribute(name, round(value, 6) if isinstance(value, float) else value)

    def metric(self, kind: str, processor: str, value: float, model: str | None = None) -> None:
        if len(self._metrics) >= self._limits.metrics:
            self.dropped.metrics += 1
            return
        row: dict[str, Any] = {
            "time": iso(self.clock.now()),
            "kind": kind,
            "name": processor,
            "value": round(value, 6),
        }
        if model:
            row["model"] = model
        self._metrics.append(row)

    def start_tool_span(self, name: str, call_id: str, arguments: str) -> Any:
        """Returns a span under the running turn, or None where there is no trace."""
        if self._router is None or self._trace_id is None or self.trace_observer is None:
            return None
        parent: SpanContext | None = self.trace_observer.get_current_turn_context()
        if parent is None and self._turn_span is not None:
            parent = self._turn_span.get_span_context()
        if parent is None:
            return None
        return trace.get_tracer("callscope.pipecat", __version__).start_span(
            f"execute_tool {name}",
            context=set_span_in_context(NonRecordingSpan(parent)),
            attributes={
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": name,
                "gen_ai.tool.type": "function",
                "gen_ai.tool.call.id": call_id,
                "gen_ai.tool.call.arguments": arguments,
            },
        )

    def end_tool_span(self, span: Any, result: str, error: str | None, *, cancelled: bool) -> None:
        if span is None:
            return
        span.set_attribute("gen_ai.tool.call.result", result)
        span.set_attribute("tool.is_error", error is not None)
        if error is not None:
            span.set_attribute("function.error", error)
            span.set_attribute("error.type", "tool_error")
            span.set_status(Status(StatusCode.ERROR, error[:1000]))
        if cancelled:
            span.set_attribute("tool.cancelled", True)
        span.end()

    # What is posted; from the sending thread.

    def payload(self, facts: Facts | None, object_key: str | None) -> Payload | None:
        options = self.options
        entries = [dict(entry) for entry in list(self.transcript.entries)]
        if not entries and object_key is None:
            return None
        provider: Payload = {
            "session_id": options.session_id,
            "session_params": sanitize(options.session_params),
            "custom_metadata": dict(options.custom_metadata),
            "session_metadata": self._session_metadata(),
        }
        if metrics := list(self._metrics):
            provider["metrics"] = metrics
        if facts is not None and not self._audio_dropped:
            provider["audio"] = {
                "sample_rate_hz": RATE_HZ,
                "channels": 2,
                "sample0_time": iso_ns(facts.sample0_ns),
                "drift_ppm": facts.drift_ppm,
                "frames": facts.frames,
                "channel_roles": list(ROLES),
            }
        started = self._started if self._started is not None else self.clock.now()
        payload: Payload = {
            "session_start": iso(started),
            "session_end": iso(self._ended_at if self._ended_at is not None else self.clock.now()),
            "transcript": entries,
            "agent_id": self._target.agent_id,
            "session_id": options.session_id,
            "sdk_name": "callscope",
            "sdk_version": __version__,
            "sdk_language": "python",
            "provider_data": provider,
        }
        if options.mode == OBSERVE:
            if options.defer_upload:
                payload["audio_consent_granted"] = True
            if options.defer_evaluation:
                payload["defer_evaluation"] = True
        if self._end_reason is not None:
            payload["call_ended_reason"] = self._end_reason
        if trace_id := self.trace_id:
            payload["trace_id"] = trace_id
        if logs := list(self._logs):
            payload["logs"] = logs
        if object_key is not None:
            payload["audio_s3_key"] = object_key
        return payload

    def _session_metadata(self) -> Payload:
        self.dropped.transcript_entries = self.transcript.dropped
        times = {
            "pipeline_started_at": self._started,
            "client_connected_at": self._connected,
            "client_disconnected_at": self._disconnected,
        }
        told: Payload = {
            "session_mode": self.options.mode,
            "python_version": platform.python_version(),
            "pipecat_version": _pipecat_version(),
            "services": self.options.services,
        }
        told |= {name: iso(value) for name, value in times.items() if value is not None}
        if self._end_reason is not None:
            told["end_reason"] = self._end_reason
        if self._audio_dropped:
            told["audio_discarded"] = True
        if dropped := self.dropped.told():
            told["dropped"] = dropped
        return told

    def _ready(self, payload: Payload) -> None:
        """Gives the host the payload, on its own event loop."""
        callback, loop = self.options.ready, self._loop
        if callback is None or loop is None:
            return

        async def call() -> None:
            result = callback(payload)
            if result is not None:
                await result

        if loop.is_closed():
            logger.warning("Callscope's on_observability_ready was not called: the event loop is closed")
            return
        try:
            asyncio.run_coroutine_threadsafe(call(), loop).result(CALLBACK_S)
        except Exception:
            logger.warning("Callscope's on_observability_ready raised, or took too long", exc_info=True)


_version: str | None = None


def _pipecat_version() -> str:
    global _version
    if _version is None:
        try:
            _version = metadata.version("pipecat-ai")
        except metadata.PackageNotFoundError:
            _version = "unknown"
    return _version
