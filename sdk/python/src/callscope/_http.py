"""One blocking HTTP request. Only the sending threads call this, never the agent's event loop."""

import http.client
import json
import random
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from callscope._config import LOOPBACK
from callscope._version import __version__

USER_AGENT = f"callscope-python/{__version__}"
# An answer of ours is a few kilobytes; whatever is longer is not one.
ANSWER_BYTES_MAX = 64 << 20


class Unreachable(Exception):
    """No answer came: refused, timed out, or cut off."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def transient(self) -> bool:
        """Returns whether the same request may succeed later."""
        return self.status in (408, 425, 429) or self.status >= 500

    def json(self) -> Any:
        return json.loads(self.body)

    def told(self) -> str:
        """Returns the answer in a few words, for a message."""
        body = self.body
        if "protobuf" in self.headers.get("Content-Type", ""):
            body = _status_message(body)
        return f"{self.status} {body[:200].decode(errors='replace')}".strip()

    @property
    def retry_after_s(self) -> float | None:
        try:
            return min(60.0, max(0.0, float(self.headers.get("Retry-After", ""))))
        except ValueError:
            return None


def _status_message(body: bytes) -> bytes:
    """Returns the message, field 2, of a google.rpc.Status, as OTLP over HTTP tells an error; else nothing."""
    at = 0
    while at < len(body):
        field, at = _varint(body, at)
        number, at = _varint(body, at)
        if field == 2 << 3 | 2:
            return body[at : at + number]
        if field & 7 == 2:
            at += number
        elif field & 7 != 0:
            break
    return b""


def _varint(body: bytes, at: int) -> tuple[int, int]:
    """Returns the variable-length number at an offset, and where the next thing begins."""
    value = shift = 0
    while at < len(body):
        value |= (body[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if body[at - 1] < 0x80:
            break
    return value, at


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would lose its body: the redirect is the answer."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_direct = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def send(
    method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None, timeout_s: float
) -> Answer:
    """Sends a request and returns the answer, whatever its status; raises Unreachable without one."""
    request = urllib.request.Request(url, data=body, method=method)
    request.add_header("User-Agent", USER_AGENT)
    for name, value in headers.items():
        request.add_header(name, value)
    local = urlsplit(url).hostname in LOOPBACK
    opener = _direct if local else urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=timeout_s) as response:
            return Answer(response.status, dict(response.headers), response.read(ANSWER_BYTES_MAX))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, dict(error.headers), error.read(ANSWER_BYTES_MAX))
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise Unreachable(str(reason) or type(reason).__name__) from None


def backoff_s(attempt: int, first_s: float = 0.25, most_s: float = 8.0) -> float:
    """Returns how long to wait after the attempt-th failure (0, 1, …), spread so that many do not meet."""
    return min(most_s, first_s * 2.0**attempt) * random.uniform(0.75, 1.25)
