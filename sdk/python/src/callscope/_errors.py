"""What the package raises, and when an unexpected failure inside it may show itself."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

logger = logging.getLogger("callscope")


class CallscopeError(Exception):
    """The root of everything this package raises."""


class ConfigurationError(CallscopeError, ValueError):
    """A setting is missing or cannot be used; the message names the remedy."""


class SharedTracerError(CallscopeError, RuntimeError):
    """One tracer was given a second call while its first one runs."""


class SessionEndedError(CallscopeError, RuntimeError):
    """Something of a call was to be changed after the call had ended."""


class APIError(CallscopeError):
    """The server answered a request of the REST client with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{message} (HTTP {status})")
        self.status = status
        self.message = message


class AuthenticationError(APIError):
    """The key is missing, unknown, or not allowed to do this (401, 403)."""


class NotFoundError(APIError):
    """There is no such thing (404)."""


class RateLimitError(APIError):
    """Too many requests (429)."""

    def __init__(self, status: int, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(status, message)
        self.retry_after_s = retry_after_s


class ServerError(APIError):
    """The server failed, or could not be reached (status 0)."""


def strict() -> bool:
    """Returns whether a failure inside the package may reach its host: under tests only."""
    setting = os.environ.get("CALLSCOPE_STRICT", "").lower()
    if setting:
        return setting in ("1", "true", "yes")
    return "PYTEST_CURRENT_TEST" in os.environ


_told: set[str] = set()


@contextmanager
def guarded(doing: str) -> Iterator[None]:
    """Keeps a failure of ours away from the host: told once for each place, raised under tests."""
    try:
        yield
    except Exception:
        if strict():
            raise
        if doing not in _told:
            _told.add(doing)
            logger.warning("Callscope failed while %s; the call goes on without it", doing, exc_info=True)
