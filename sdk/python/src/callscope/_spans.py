"""Routes the spans of a process to the calls they belong to, whoever owns the tracer provider.

One processor is added to the process's provider, the host's own or, where there is none, one made
here. A call claims its trace when the trace's root starts; spans of other traces are not looked at.
"""

import os
import uuid
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider

from callscope._errors import guarded, logger
from callscope._version import __version__

FORGOTTEN_MAX = 10_000


class Claimant(Protocol):
    """A call that takes the spans of its trace."""

    def span_started(self, span: Span) -> None: ...
    def span_ended(self, span: ReadableSpan) -> None: ...
    def trace_claimed(self, trace_id: int) -> None: ...


_claiming: ContextVar[Claimant | None] = ContextVar("callscope_claiming", default=None)


class Router(SpanProcessor):
    """Runs on the threads that start and end spans: a look-up, nothing more."""

    def __init__(self) -> None:
        self._claims: dict[int, Claimant] = {}
        # Traces of aborted calls, the oldest first.
        self._forgotten: OrderedDict[int, None] = OrderedDict()
        # Get the spans that nobody claims.
        self.others: list[SpanProcessor] = []

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        with guarded("routing a span"):
            trace_id = span.context.trace_id if span.context else 0
            claimant = self._claims.get(trace_id)
            if claimant is None:
                claimant = _claiming.get()
                if trace_id in self._forgotten:
                    return
                if claimant is None:
                    for other in self.others:
                        other.on_start(span, parent_context)
                    return
                self._claims[trace_id] = claimant
                claimant.trace_claimed(trace_id)
            claimant.span_started(span)

    def on_end(self, span: ReadableSpan) -> None:
        with guarded("routing a span"):
            context = span.context
            if context is None or not context.trace_flags.sampled:
                return
            claimant = self._claims.get(context.trace_id)
            if claimant is not None:
                claimant.span_ended(span)
                return
            if context.trace_id in self._forgotten:
                return
            for other in self.others:
                other.on_end(span)

    def release(self, claimant: Claimant, *, forget: bool = False) -> None:
        """Lets go of a claimant. With `forget`, what its trace still ends goes nowhere."""
        for trace_id in [key for key, value in list(self._claims.items()) if value is claimant]:
            del self._claims[trace_id]
            if forget:
                self._forgotten[trace_id] = None
                while len(self._forgotten) > FORGOTTEN_MAX:
                    self._forgotten.popitem(last=False)

    def shutdown(self) -> None:
        self._claims.clear()
        for other in self.others:
            other.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        done = [other.force_flush(timeout_millis) for other in self.others]
        return all(done)


@contextmanager
def claiming(claimant: Claimant) -> Iterator[None]:
    """The trace of a span that starts in here belongs to the claimant."""
    token = _claiming.set(claimant)
    try:
        yield
    finally:
        _claiming.reset(token)


_routers: "weakref.WeakKeyDictionary[Any, Router]" = weakref.WeakKeyDictionary()
_own_providers: "weakref.WeakSet[Any]" = weakref.WeakSet()


def _new_provider() -> TracerProvider:
    attributes = {
        "service.version": __version__,
        "service.instance.id": str(uuid.uuid4()),
        "callscope.sdk.version": __version__,
    }
    if "OTEL_SERVICE_NAME" not in os.environ:
        attributes["service.name"] = "callscope-pipecat-sdk"
    return TracerProvider(resource=Resource.create(attributes))


def router() -> Router | None:
    """Returns the router of the process's tracer provider, or None where that takes no processor."""
    provider: Any = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider):
        provider = _new_provider()
        trace.set_tracer_provider(provider)
        _own_providers.add(provider)
    known = _routers.get(provider)
    if known is not None:
        return known
    add: Callable[[SpanProcessor], None] | None = getattr(provider, "add_span_processor", None)
    if add is None:
        logger.warning(
            "Callscope gets no spans: the process's tracer provider %s takes no span processor; "
            "use opentelemetry.sdk.trace.TracerProvider",
            type(provider).__name__,
        )
        return None
    made = Router()
    add(made)
    _routers[provider] = made
    return made


def provider_is_own() -> bool:
    return trace.get_tracer_provider() in _own_providers


def encode(spans: list[Any]) -> bytes:
    """Returns the spans as one ExportTraceServiceRequest."""
    request: bytes = encode_spans(spans).SerializeToString()
    return request
