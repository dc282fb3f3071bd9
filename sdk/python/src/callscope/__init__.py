"""Sends voice-agent calls to Callscope, a self-hosted flight recorder.

from callscope.pipecat import PipecatTracer    # Pipecat: two lines
callscope.init(), callscope.call()             # any OpenTelemetry agent, hand-written loops
callscope.Client, callscope.AsyncClient        # the REST API
"""

from typing import TYPE_CHECKING, Any

from callscope._errors import (
    APIError,
    AuthenticationError,
    CallscopeError,
    ConfigurationError,
    NotFoundError,
    RateLimitError,
    ServerError,
    SessionEndedError,
    SharedTracerError,
)
from callscope._manual import call, init
from callscope._version import __version__

if TYPE_CHECKING:
    from callscope._client import AsyncClient, Client
    from callscope.pipecat import PipecatTracer

__all__ = [
    "APIError",
    "AsyncClient",
    "AuthenticationError",
    "CallscopeError",
    "Client",
    "ConfigurationError",
    "NotFoundError",
    "PipecatTracer",
    "RateLimitError",
    "ServerError",
    "SessionEndedError",
    "SharedTracerError",
    "__version__",
    "call",
    "init",
]


def __getattr__(name: str) -> Any:
    if name == "PipecatTracer":
        from callscope.pipecat import PipecatTracer

        return PipecatTracer
    if name in ("AsyncClient", "Client"):
        from callscope import _client

        return getattr(_client, name)
    raise AttributeError(f"module 'callscope' has no attribute {name!r}")
