"""The REST API, typed: Client blocks; AsyncClient, made from it by tools/make_async.py, does not."""

import contextlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from typing import Any, TypedDict
from urllib.parse import quote, urlencode

from callscope._config import DEFAULT_URL
from callscope._errors import (
    APIError,
    AuthenticationError,
    ConfigurationError,
    NotFoundError,
    RateLimitError,
    ServerError,
)
from callscope._http import Answer, Unreachable, backoff_s, send

ATTEMPTS = 3
Row = dict[str, Any]


class CallSummary(TypedDict, total=False):
    """A call in a list. What was not measured is absent."""

    id: int
    call_id: str
    project_id: int
    agent_id: int
    agent_name: str
    state: str
    started_at: str
    ended_at: str | None
    last_activity_at: str
    duration_s: float
    trace_ids: list[str]
    sources: list[str]
    turn_count: int
    span_count: int
    tool_count: int
    tool_error_count: int
    error_count: int
    interruption_count: int
    latency: Row
    totals: Row
    models: list[Row]
    metadata: Row
    flags: list[Row]


class Call(CallSummary, total=False):
    """A call with all that is known of it."""

    direction: str
    transport: str
    turns: list[Row]
    tools: list[Row]


class _Next(TypedDict, total=False):
    next: str | None


class CallPage(_Next):
    items: list[CallSummary]


class Page(_Next):
    items: list[Row]


def request_error(answer: Answer) -> APIError:
    """Returns the exception for an answer that is none."""
    message = answer.told()
    with contextlib.suppress(ValueError, KeyError, TypeError):
        message = str(answer.json()["error"]["message"])
    status = answer.status
    if status in (401, 403):
        return AuthenticationError(status, message)
    if status == 404:
        return NotFoundError(status, message)
    if status == 429:
        return RateLimitError(status, message, answer.retry_after_s)
    return ServerError(status, message) if status >= 500 else APIError(status, message)


class Connection:
    """Where the API is, and with which key."""

    def __init__(
        self, api_key: str | None, base_url: str | None, timeout: float, project_id: int | None
    ) -> None:
        environment = os.environ
        key = api_key or environment.get("CALLSCOPE_API_KEY") or environment.get("CEKURA_API_KEY")
        if not key:
            raise ConfigurationError("no API key: pass api_key=… or set CALLSCOPE_API_KEY")
        self.base_url = (base_url or environment.get("CALLSCOPE_URL") or DEFAULT_URL).rstrip("/")
        self._headers = {"x-cekura-api-key": key, "accept": "application/json"}
        self._timeout = timeout
        self._project_id = project_id

    def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: Any = None,
        raw: bytes | None = None,
        content_type: str = "application/json",
    ) -> Any:
        """Returns the answer's JSON, or its bytes where it is none; raises an APIError.

        Reading is tried again when the server is away or busy; writing is not, lest it happen twice.
        """
        given = {name: value for name, value in query.items() if value is not None}
        if self._project_id is not None:
            given.setdefault("project_id", self._project_id)
        url = f"{self.base_url}/api/v1/{path}" + (f"?{urlencode(given, doseq=True)}" if given else "")
        headers, data = dict(self._headers), raw
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode()
        if data is not None:
            headers["content-type"] = content_type
        answer = self._answer(method, url, headers, data)
        if not answer.ok:
            raise request_error(answer)
        if "json" in answer.headers.get("Content-Type", ""):
            return answer.json()
        return answer.body or None

    def _answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        pause_s = 0.0
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(pause_s)
            last = method != "GET" or attempt + 1 == ATTEMPTS
            try:
                answer = send(method, url, headers=headers, body=body, timeout_s=self._timeout)
            except Unreachable as error:
                if last:
                    raise ServerError(0, f"{self.base_url} cannot be reached: {error}") from None
                pause_s = backoff_s(attempt)
                continue
            if last or not answer.transient:
                return answer
            pause_s = answer.retry_after_s or backoff_s(attempt)
        raise AssertionError("a request is tried once at least")


class _Resource:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        raw: bytes | None = None,
        content_type: str = "application/json",
    ) -> Any:
        return self._connection.send(method, path, query or {}, body, raw, content_type)


class Calls(_Resource):
    def list(
        self,
        *,
        agent_id: int | None = None,
        since: str | None = None,
        until: str | None = None,
        state: str | None = None,
        text: str | None = None,
        model: str | None = None,
        tool: str | None = None,
        error: bool | None = None,
        min_latency_ms: float | None = None,
        sort: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> CallPage:
        """Returns one page of calls, the newest first; times are ISO 8601."""
        query = {
            "agent_id": agent_id,
            "from": since,
            "to": until,
            "state": state,
            "text": text,
            "model": model,
            "tool": tool,
            "error": None if error is None else str(error).lower(),
            "min_latency_ms": min_latency_ms,
            "sort": sort,
            "limit": limit,
            "cursor": cursor,
        }
        page: CallPage = self.request("GET", "calls", query)
        return page

    def iterate(self, **filters: Any) -> Iterator[CallSummary]:
        """Yields the calls of every page; takes what list() takes."""
        while True:
            page = self.list(**filters)
            # Not `yield from`: that has no asynchronous twin.
            for item in page["items"]:  # noqa: UP028
                yield item
            filters["cursor"] = page.get("next")
            if not filters["cursor"]:
                return

    def get(self, call_id: int) -> Call:
        call: Call = self.request("GET", f"calls/{int(call_id)}")
        return call

    def create(self, **fields: Any) -> Call:
        """Makes a call of a call log: call_id, agent_id, transcript, metadata and others."""
        call: Call = self.request("POST", "calls", body=fields)
        return call

    def update(self, call_id: int, **fields: Any) -> Call:
        """Changes fields of a stored call, such as metadata."""
        call: Call = self.request("PATCH", f"calls/{int(call_id)}", body=fields)
        return call

    def delete(self, call_id: int) -> None:
        self.request("DELETE", f"calls/{int(call_id)}")

    def spans(self, call_id: int, *, limit: int | None = None, cursor: str | None = None) -> Page:
        page: Page = self.request("GET", f"calls/{int(call_id)}/spans", {"limit": limit, "cursor": cursor})
        return page

    def logs(self, call_id: int, *, limit: int | None = None, cursor: str | None = None) -> Page:
        page: Page = self.request("GET", f"calls/{int(call_id)}/logs", {"limit": limit, "cursor": cursor})
        return page

    def add_recording(self, call_id: int, audio: bytes, content_type: str = "audio/wav") -> Row:
        """Adds a recording: WAV, FLAC, MP3, Opus."""
        row: Row = self.request(
            "POST", f"calls/{int(call_id)}/recordings", raw=audio, content_type=content_type
        )
        return row

    def recording(self, call_id: int, recording_id: int | str) -> bytes:
        """Returns the audio as it can be played."""
        audio: bytes = self.request(
            "GET", f"calls/{int(call_id)}/recordings/{quote(str(recording_id), safe='')}"
        )
        return audio


class Traces(_Resource):
    def get(self, trace_id: str) -> Row:
        row: Row = self.request("GET", f"traces/{quote(trace_id, safe='')}")
        return row


class Stats(_Resource):
    def latency(self, **query: Any) -> Row:
        row: Row = self.request("GET", "stats/latency", query)
        return row

    def tokens(self, **query: Any) -> Row:
        row: Row = self.request("GET", "stats/tokens", query)
        return row

    def cost(self, **query: Any) -> Row:
        row: Row = self.request("GET", "stats/cost", query)
        return row

    def tools(self, **query: Any) -> Row:
        row: Row = self.request("GET", "stats/tools", query)
        return row


class Agents(_Resource):
    def list(self, *, limit: int | None = None, cursor: str | None = None) -> Page:
        page: Page = self.request("GET", "agents", {"limit": limit, "cursor": cursor})
        return page

    def create(self, name: str) -> Row:
        row: Row = self.request("POST", "agents", body={"name": name})
        return row


class Client:
    """The REST API of one server, with one key; settings that are not given come from the environment."""

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float = 30.0,
        project_id: int | None = None,
    ) -> None:
        connection = Connection(api_key, base_url, timeout, project_id)
        self.base_url = connection.base_url
        self.calls = Calls(connection)
        self.traces = Traces(connection)
        self.stats = Stats(connection)
        self.agents = Agents(connection)
        self._server = _Resource(connection)

    def server(self) -> Row:
        """Returns what the server says of itself and of the key."""
        row: Row = self._server.request("GET", "server")
        return row
