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
from callscope._version import __version__

if TYPE_CHECKING:
    from callscope.pipecat import PipecatTracer

__all__ = [
    "APIError",
    "AuthenticationError",
    "CallscopeError",
    "ConfigurationError",
    "NotFoundError",
    "PipecatTracer",
    "RateLimitError",
    "ServerError",
    "SessionEndedError",
    "SharedTracerError",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name == "PipecatTracer":
        from callscope.pipecat import PipecatTracer

        return PipecatTracer
    raise AttributeError(f"module 'callscope' has no attribute {name!r}")
