"""Where a call is sent to and with what, from arguments and the environment; and every limit."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from callscope._errors import ConfigurationError

DEFAULT_URL = "http://127.0.0.1:4318"
DEFAULT_OTLP_ENDPOINT = "http://127.0.0.1:4317"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Limits:
    """What one call may hold and how long it may try. A full buffer drops and counts."""

    # Audio waiting for the sending thread: more than two minutes of both sides at 24 kHz.
    audio_queue_bytes: int = 16 << 20
    # Audio on disk: 24 kHz, two channels, 16 bit are 96 kB/s, so three hours.
    audio_disk_bytes: int = 1 << 30
    # S3's least size of a part that is not the last: 54 s of call.
    part_bytes: int = 5 << 20
    spans_waiting: int = 8192
    span_bytes: int = 32 << 20
    # Work that holds the interpreter lock is cut into pieces of a millisecond or so: the agent waits no longer.
    spans_per_batch: int = 16
    audio_pieces_per_batch: int = 32
    log_lines: int = 10_000
    log_message_chars: int = 8192
    transcript_entries: int = 10_000
    metrics: int = 5_000
    # How often the sending thread looks after a running call, and sends.
    tick_s: float = 0.5
    send_every_s: float = 1.0
    # One request; after the end, all of them together.
    request_s: float = 10.0
    finish_s: float = 60.0
    # How long the exit of the process waits for calls that are still being sent.
    exit_s: float = 10.0
    spool_bytes: int = 4 << 30
    spool_days: int = 7


@dataclass(frozen=True)
class Target:
    """One server, and the agent and key a call is sent with."""

    host: str
    otlp: str
    api_key: str
    agent_id: int

    @property
    def headers(self) -> dict[str, str]:
        return {"x-cekura-api-key": self.api_key}

    @property
    def fingerprint(self) -> str:
        """Names the key without giving it away: what is spooled waits for a tracer with the same key."""
        return hashlib.sha256(f"callscope\0{self.host}\0{self.api_key}".encode()).hexdigest()[:32]

    def url(self, path: str) -> str:
        return self.host + path


def make_target(
    api_key: str | None, agent_id: int | str | None, host: str | None, otlp: str | None
) -> Target:
    """Returns where to send; raises ConfigurationError with the remedy where something is missing."""
    environment = os.environ
    key = api_key or environment.get("CALLSCOPE_API_KEY") or environment.get("CEKURA_API_KEY")
    if not key:
        raise ConfigurationError("no API key: pass api_key=… or set CALLSCOPE_API_KEY")
    agent = agent_id if agent_id is not None else environment.get("CALLSCOPE_AGENT_ID")
    if agent is None:
        raise ConfigurationError(
            "no agent: pass agent_id=… or set CALLSCOPE_AGENT_ID to its number; the page Settings, Agents "
            "and `callscope agent create NAME` make one"
        )
    try:
        number = int(agent)
    except ValueError:
        raise ConfigurationError(f"agent_id is the agent's number in Callscope, not {agent!r}") from None
    named_host = host or environment.get("CALLSCOPE_URL")
    url = (named_host or DEFAULT_URL).rstrip("/")
    if urlsplit(url).scheme not in ("http", "https"):
        raise ConfigurationError(f"the URL of the server begins with http:// or https://, unlike {url!r}")
    # A server that only its URL is known of takes spans there as well, over OTLP/HTTP.
    endpoint = otlp or environment.get("CALLSCOPE_OTLP_ENDPOINT")
    if not endpoint:
        endpoint = f"{url}/v1/traces" if named_host else DEFAULT_OTLP_ENDPOINT
    return Target(url, endpoint, key, number)


def enabled_by_environment() -> bool:
    """CALLSCOPE_TRACER_ENABLED=false or CEKURA_TRACER_ENABLED=false switches the tracers off."""
    settings = (os.environ.get(name) for name in ("CALLSCOPE_TRACER_ENABLED", "CEKURA_TRACER_ENABLED"))
    return all(value is None or value.strip().lower() in ("true", "1", "yes") for value in settings)


def spool_folder() -> Path | None:
    """Returns where unsent calls may stay, or None where CALLSCOPE_SPOOL=off forbids it."""
    setting = os.environ.get("CALLSCOPE_SPOOL", "")
    if setting.lower() in ("off", "false", "0", "no"):
        return None
    if setting:
        return Path(setting).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(cache) if cache else Path.home() / ".cache") / "callscope" / "spool"
    except RuntimeError:
        return Path(tempfile.gettempdir()) / f"callscope-spool-{os.getuid() if hasattr(os, 'getuid') else 0}"
