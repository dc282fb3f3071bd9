"""For agents without Pipecat: init() exports the process's spans, call() records one conversation."""

import os
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from callscope._config import Limits, Target, enabled_by_environment, make_target, spool_folder
from callscope._errors import ConfigurationError, SessionEndedError, guarded, logger, strict
from callscope._outgoing import Facts, Hooks, Route
from callscope._post import suppress_instrumentation, warn_of
from callscope._recover import recover
from callscope._sender import Sender
from callscope._times import Clock, iso, sanitize
from callscope._upload import Later, Refused

OBSERVE_PATH = "/observability/v1/observe/"
# The names that the call log's transcript has for the two sides.
CALLER, AGENT = "Testing Agent", "Main Agent"


def _target(
    api_key: str | None, agent_id: int | None, host: str | None, otel_endpoint: str | None
) -> Target | None:
    """Returns where to send, or None, having said why, where the SDK is switched off or not set up."""
    if not enabled_by_environment():
        return None
    try:
        return make_target(api_key, agent_id, host, otel_endpoint)
    except ConfigurationError as error:
        if strict():
            raise
        logger.error("Callscope is switched off: %s", error)
        return None


def _needs_otel() -> Any:
    try:
        from callscope import _spans
    except ImportError as error:
        raise ImportError(f'spans need the extra "otel": pip install "callscope[otel]" ({error})') from error
    return _spans


_initialised: set[str] = set()


def init(
    *,
    service_name: str | None = None,
    api_key: str | None = None,
    agent_id: int | None = None,
    host: str | None = None,
    otel_endpoint: str | None = None,
) -> bool:
    """Exports the spans of this process to Callscope; returns whether it does.

    A tracer provider that the application has set is kept, with its other exporters. Spans that belong
    to a call() or a PipecatTracer go out with that call's key and are not sent twice. Settings that are
    not given come from the environment, as PipecatTracer's do.
    """
    target = _target(api_key, agent_id, host, otel_endpoint)
    if target is None:
        return False
    spans = _needs_otel()
    if service_name:
        os.environ.setdefault("OTEL_SERVICE_NAME", service_name)
    router = spans.router()
    if router is None:
        return False
    if target.otlp in _initialised:
        logger.warning("Callscope: init() was called before; spans go to %s once", target.otlp)
        return True
    _initialised.add(target.otlp)
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    router.others.append(BatchSpanProcessor(_exporter(target), schedule_delay_millis=1000))
    return True


def _exporter(target: Target) -> Any:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    from callscope import _spans
    from callscope._otlp import span_exporter

    limits = Limits()
    send = span_exporter(target, limits.request_s)

    class Exporter(SpanExporter):
        """Tries a batch for a few seconds; then it is dropped, and told."""

        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            suppress_instrumentation()
            request = _spans.encode(list(spans))
            for pause_s in (0.25, 1.0, 4.0, 0.0):
                try:
                    send(request)
                    return SpanExportResult.SUCCESS
                except Refused as error:
                    warn_of(target, error)
                    break
                except Later as error:
                    warn_of(target, error)
                    time.sleep(pause_s)
            return SpanExportResult.FAILURE

    return Exporter()


class ToolUse:
    """A tool that is being used; set `result`, or let an exception of the block be its error."""

    def __init__(self, name: str, arguments: Mapping[str, Any]) -> None:
        self.id = f"call_{uuid.uuid4().hex[:12]}"
        self.name = name
        self.arguments = dict(arguments)
        self.result: Any = None
        self.error: str | None = None


class Call:
    """One conversation: its words, its tools, and a root span that spans started meanwhile are under."""

    def __init__(
        self, target: Target | None, session_id: str, metadata: Mapping[str, Any], name: str
    ) -> None:
        self.session_id = session_id
        self._target = target
        self._metadata: dict[str, Any] = dict(sanitize(dict(metadata)))
        self._name = name
        self._clock = Clock()
        self._started = self._clock.now()
        self._ended: float | None = None
        self._end_reason: str | None = None
        self._transcript: list[dict[str, Any]] = []
        self._span: Any = None
        self._activation: Any = None
        self._router: Any = None
        self._trace_id: int | None = None
        self._limits = Limits()
        self._sender: Sender | None = None

    # The conversation.

    def user(self, text: str, *, started_at: float | None = None, ended_at: float | None = None) -> None:
        """The caller said something; times are Unix seconds."""
        self._say(CALLER, text, started_at, ended_at)

    def agent(self, text: str, *, started_at: float | None = None, ended_at: float | None = None) -> None:
        """The agent said something; times are Unix seconds."""
        self._say(AGENT, text, started_at, ended_at)

    @contextmanager
    def turn(self) -> Iterator[Any]:
        """A span for a turn of the conversation; yields it, or None without OpenTelemetry."""
        with self._child("turn", {"conversation.id": self.session_id}) as span:
            yield span

    @contextmanager
    def tool(self, name: str, arguments: Mapping[str, Any]) -> Iterator[ToolUse]:
        """A tool is used in the block; an exception of the block is recorded and goes on."""
        use = ToolUse(name, arguments)
        started = self._clock.now()
        attributes = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": name,
            "gen_ai.tool.call.id": use.id,
            "gen_ai.tool.call.arguments": _json(use.arguments),
        }
        with self._child(f"execute_tool {name}", attributes) as span:
            try:
                yield use
            except BaseException as error:
                use.error = f"{type(error).__name__}: {error}"
                raise
            finally:
                with guarded("recording a tool"):
                    self._tool_ended(use, started, span)

    def set_metadata(self, metadata: Mapping[str, Any]) -> None:
        self._still_open()
        self._metadata = dict(sanitize(dict(metadata)))

    def end(self, reason: str | None = None) -> None:
        """Ends the call before the block does, with a reason."""
        if self._ended is not None:
            return
        self._end_reason = reason
        self._ended = self._clock.now()
        with guarded("ending a call"):
            if self._activation is not None:
                self._activation.__exit__(None, None, None)
                self._activation = None
            if self._span is not None:
                self._span.end()
        if self._sender is not None:
            self._sender.end()

    def abort(self) -> None:
        """Sends nothing more, and has the server drop what it has of the call."""
        if self._sender is not None:
            self._sender.abort()
        self.end("aborted")

    def wait_sent(self, timeout: float = 30.0) -> bool:
        """Waits until an ended call has been sent; returns whether that is over."""
        return self._sender is None or self._sender.wait(timeout)

    @property
    def trace_id(self) -> str | None:
        return None if self._trace_id is None else f"{self._trace_id:032x}"

    def __enter__(self) -> "Call":
        with guarded("beginning a call"):
            self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(None if kind is None else f"{kind.__name__}: {error}")

    async def __aenter__(self) -> "Call":
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    # The trace's claimant.

    def trace_claimed(self, trace_id: int) -> None:
        self._trace_id = trace_id

    def span_started(self, span: Any) -> None:
        pass

    def span_ended(self, span: Any) -> None:
        if self._sender is not None:
            self._sender.add_span(span)

    # Inside.

    def _begin(self) -> None:
        if self._target is None:
            return
        encode = None
        try:
            from callscope import _spans
        except ImportError:
            logger.info(
                'Callscope records call %s without spans: pip install "callscope[otel]"', self.session_id
            )
        else:
            self._router, encode = _spans.router(), _spans.encode
        spool = spool_folder()
        hooks = Hooks(
            payload=self._payload,
            trace_id=lambda: self.trace_id,
            changes=lambda: len(self._transcript),
            encode=encode,
            done=[self._release],
        )
        route = Route(OBSERVE_PATH, uuid.uuid4().hex, self.session_id)
        self._sender = Sender(self._target, route, hooks, spool=spool, limits=self._limits)
        if spool is not None:
            recover(self._target, spool, self._limits)
        self._sender.start()
        if self._router is not None:
            from opentelemetry import context, trace

            tracer = trace.get_tracer("callscope.call")
            attributes = {"conversation.id": self.session_id, "conversation.type": "voice"}
            from callscope._spans import claiming

            with claiming(self):
                # A root of its own, whatever span is current: one trace is one call.
                self._span = tracer.start_span(self._name, context=context.Context(), attributes=attributes)
            self._activation = trace.use_span(self._span, end_on_exit=False)
            self._activation.__enter__()

    def _release(self) -> None:
        if self._router is not None and self._sender is not None:
            self._router.release(self, forget=self._sender.aborted)

    @contextmanager
    def _child(self, name: str, attributes: dict[str, Any]) -> Iterator[Any]:
        if self._span is None:
            yield None
            return
        from opentelemetry import trace

        with trace.get_tracer("callscope.call").start_as_current_span(name, attributes=attributes) as span:
            yield span

    def _say(self, role: str, text: str, started_at: float | None, ended_at: float | None) -> None:
        self._still_open()
        now = self._clock.now()
        end = now if ended_at is None else ended_at
        start = end if started_at is None else started_at
        self._add({"role": role, "content": text, **self._seconds(start, end)})

    def _tool_ended(self, use: ToolUse, started: float, span: Any) -> None:
        now = self._clock.now()
        called = {"id": use.id, "name": use.name, "arguments": sanitize(use.arguments)}
        self._add({"role": "Function Call", "data": called, **self._seconds(started, started)})
        result: dict[str, Any] = {"id": use.id, "name": use.name, "result": sanitize(use.result)}
        if use.error is not None:
            result["error"] = use.error
        entry = {"role": "Function Call Result", "data": result, **self._seconds(now, now)}
        self._add(
            entry | {"duration_ms": round((now - started) * 1000, 3), "is_error": use.error is not None}
        )
        if span is not None:
            span.set_attribute("gen_ai.tool.call.result", _json(use.result))
            span.set_attribute("tool.is_error", use.error is not None)
            if use.error is not None:
                span.set_attribute("function.error", use.error)

    def _add(self, entry: dict[str, Any]) -> None:
        if self._sender is not None and len(self._transcript) >= self._limits.transcript_entries:
            self._sender.dropped.transcript_entries += 1
            return
        self._transcript.append(entry)

    def _seconds(self, start: float, end: float) -> dict[str, float]:
        return {
            "start_time": round(start - self._started, 6),
            "end_time": round(max(start, end) - self._started, 6),
        }

    def _still_open(self) -> None:
        if self._ended is not None:
            raise SessionEndedError(f"call {self.session_id} has ended")

    def _payload(self, _facts: Facts | None, _object_key: str | None) -> dict[str, Any] | None:
        assert self._target is not None
        transcript = list(self._transcript)
        if not transcript:
            return None
        payload: dict[str, Any] = {
            "agent": self._target.agent_id,
            "call_id": self.session_id,
            "timestamp": iso(self._started),
            "transcript_type": "cekura",
            "transcript_json": transcript,
            "metadata": dict(self._metadata),
        }
        if self._end_reason is not None:
            payload["call_ended_reason"] = self._end_reason
        if trace_id := self.trace_id:
            payload["trace_id"] = trace_id
        return payload


def _json(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def call(
    session_id: str | None = None,
    *,
    metadata: Mapping[str, Any] | None = None,
    name: str = "conversation",
    api_key: str | None = None,
    agent_id: int | None = None,
    host: str | None = None,
    otel_endpoint: str | None = None,
) -> Call:
    """Records one conversation of a hand-written agent; used with `with` or `async with`.

        with callscope.call() as call:
            call.user("I would like a table.")
            with call.tool("find_table", {"guests": 4}) as tool:
                tool.result = find_table(guests=4)
            call.agent("Table seven is free.")

    Spans that are started in the block are under the call's. Settings that are not given come from the
    environment, as PipecatTracer's do. Without them the block runs all the same.
    """
    given = session_id or f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{uuid.uuid4().hex[:16]}"
    return Call(_target(api_key, agent_id, host, otel_endpoint), given, metadata or {}, name)
