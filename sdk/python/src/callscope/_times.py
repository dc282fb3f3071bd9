"""Times as the server reads them, and values made safe for JSON."""

import time
from datetime import datetime, timezone
from typing import Any

DEPTH_MAX = 10
OTHER_CHARS_MAX = 1000


def iso(seconds: float) -> str:
    """Returns Unix seconds as ISO 8601 UTC with microseconds."""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="microseconds")


def iso_ns(nanoseconds: int) -> str:
    return iso(nanoseconds // 1000 / 1e6)


def parse_iso(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None


def sanitize(value: Any, depth: int = 0) -> Any:
    """Returns the value as JSON can hold it: no None members, no keys but text, no depth beyond ten."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    if depth < DEPTH_MAX:
        if isinstance(value, dict):
            return {str(k): sanitize(v, depth + 1) for k, v in value.items() if v is not None}
        if isinstance(value, (list, tuple)):
            return [sanitize(item, depth + 1) for item in value]
    try:
        return str(value)[:OTHER_CHARS_MAX]
    except Exception:
        return f"<{type(value).__name__}>"


class Clock:
    """UTC that no step of the system's clock can bend: read once, then carried by the monotonic clock."""

    def __init__(self) -> None:
        self.wall_ns = time.time_ns() - time.monotonic_ns()

    def now(self) -> float:
        return (self.wall_ns + time.monotonic_ns()) / 1e9

    def now_ns(self) -> int:
        return self.wall_ns + time.monotonic_ns()
