"""The log lines of one call: those written in its context, by loguru or by logging, INFO and above."""

import contextlib
import logging
import threading
import time
from contextvars import ContextVar
from typing import Any, Protocol

from callscope._errors import guarded

LEVEL = logging.INFO
SAME_LINE_S = 0.05


class LogTaker(Protocol):
    def log_line(self, timestamp: float, level: str, name: str, message: str) -> None: ...


# Set where a call's tasks are made; they inherit it.
current: ContextVar[LogTaker | None] = ContextVar("callscope_call", default=None)


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        self._print_if_alone(record)
        if current.get() is None or record.name.partition(".")[0] in ("callscope", "opentelemetry"):
            return
        with guarded("taking a log line"):
            _take(record.created, record.levelname, record.name, record.getMessage())

    def _print_if_alone(self, record: logging.LogRecord) -> None:
        """Python prints the warnings of a program that has no handler; this handler is not to end that."""
        at: logging.Logger | None = logging.getLogger(record.name)
        while at is not None:
            if any(handler is not self for handler in at.handlers):
                return
            at = at.parent if at.propagate else None
        resort = logging.lastResort
        if resort is not None and record.levelno >= resort.level:
            resort.handle(record)


def _sink(message: Any) -> None:
    if current.get() is None:
        return
    with guarded("taking a log line"):
        record = message.record
        text = record["message"]
        if record["exception"] is not None:
            text = f"{text}\n{record['exception']}"
        _take(record["time"].timestamp(), record["level"].name, record["name"] or "", text)


_last: ContextVar[tuple[str, float]] = ContextVar("callscope_last_line", default=("", 0.0))


def _take(timestamp: float, level: str, name: str, message: str) -> None:
    taker = current.get()
    if taker is None:
        return
    # Where one library is routed into the other, a line comes twice.
    text, at = _last.get()
    now = time.monotonic()
    if text == message and now - at < SAME_LINE_S:
        return
    _last.set((message, now))
    taker.log_line(timestamp, level, name, message)


_lock = threading.Lock()
_users = 0
_handler: _Handler | None = None
_sink_id: int | None = None


def install() -> None:
    """Starts to listen, with the first call."""
    global _users, _handler, _sink_id
    with _lock:
        _users += 1
        if _users > 1:
            return
        _handler = _Handler(LEVEL)
        logging.getLogger().addHandler(_handler)
        try:
            from loguru import logger as loguru_logger
        except ImportError:
            return
        _sink_id = loguru_logger.add(_sink, level=LEVEL, format="{message}", catch=True)


def remove() -> None:
    """Stops listening, with the last call."""
    global _users, _handler, _sink_id
    with _lock:
        _users -= 1
        if _users > 0:
            return
        if _handler is not None:
            logging.getLogger().removeHandler(_handler)
            _handler = None
        if _sink_id is not None:
            from loguru import logger as loguru_logger

            # The host may have removed every sink.
            with contextlib.suppress(ValueError):
                loguru_logger.remove(_sink_id)
            _sink_id = None
