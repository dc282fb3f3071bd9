"""What a sender is given: where a call goes, what it asks of its owner, and what it counts."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO, Protocol

# Channel, monotonic nanoseconds of its arrival, PCM, its rate and channels, whether a speech begins with it.
AudioPiece = tuple[int, int, bytes, int, int, bool]


class Facts(Protocol):
    """What the payload tells of a recording; callscope._recording.AudioFacts."""

    frames: int
    sample0_ns: int
    drift_ppm: float


class Recorder(Protocol):
    """callscope._recording.Recording; only a call with audio needs its packages."""

    file: BinaryIO
    written: int

    @property
    def bytes_written(self) -> int: ...
    def add(
        self, channel: int, arrived_ns: int, pcm: bytes, rate_hz: int, channels: int, begins: bool
    ) -> None: ...
    def write_until(self, now_ns: int) -> None: ...
    def finish(self) -> Any: ...


@dataclass
class Dropped:
    """What did not fit or could not be sent; told in the payload and in one warning."""

    spans: int = 0
    audio_bytes: int = 0
    log_lines: int = 0
    transcript_entries: int = 0
    metrics: int = 0
    payloads: int = 0

    def told(self) -> dict[str, int]:
        return {name: count for name, count in asdict(self).items() if count}


@dataclass(frozen=True)
class Route:
    """What a payload is posted to, and what names the call to the server."""

    path: str
    idempotency_key: str
    session_id: str


@dataclass
class Hooks:
    """What the owner of a sender is asked for, from its thread."""

    # The payload so far; `facts` and `object_key` once the recording is complete. None: nothing to tell.
    payload: Callable[[Facts | None, str | None], dict[str, Any] | None]
    trace_id: Callable[[], str | None] = lambda: None
    # Whether the payload is posted, or only handed to `ready`.
    posts: Callable[[], bool] = lambda: True
    # Called with the last payload before it is posted.
    ready: Callable[[dict[str, Any]], None] | None = None
    make_recorder: Callable[[BinaryIO], Recorder] | None = None
    changes: Callable[[], int] = lambda: 0
    # Returned spans as one OTLP request.
    encode: Callable[[list[Any]], bytes] | None = None
    done: list[Callable[[], None]] = field(default_factory=list)
