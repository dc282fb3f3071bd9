"""Requests to the REST API: where it is, with which key, what is tried again, and which error means what."""

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Mapping
from typing import Any
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
    """Where the API is, and with which key; settings that are not given come from the environment."""

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
        given = {name: _told(value) for name, value in query.items() if value is not None}
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


def _told(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def path_part(value: int | str) -> str:
    """Returns a part of a path, such as an id, with whatever it has quoted."""
    return quote(str(value), safe="")


def members(name: str, values: Mapping[str, str] | None) -> dict[str, str]:
    """Returns the query parameters `NAME.KEY` of a filter by members."""
    return {f"{name}.{key}": value for key, value in (values or {}).items()}


class Resource:
    """A group of routes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _request(self, *arguments: Any, **named: Any) -> Any:
        return self._connection.send(*arguments, **named)


class AsyncResource:
    """A group of routes whose requests do not block: each runs in a thread of its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def _request(self, *arguments: Any, **named: Any) -> Any:
        return await asyncio.to_thread(self._connection.send, *arguments, **named)
