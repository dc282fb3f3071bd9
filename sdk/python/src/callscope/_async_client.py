"""The REST API without blocking. Made of _client.py by tools/make_async.py: change that."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

from callscope._client import Call, CallPage, CallSummary, Connection, Page, Row


class _Resource:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        raw: bytes | None = None,
        content_type: str = "application/json",
    ) -> Any:
        return await asyncio.to_thread(
            self._connection.send, method, path, query or {}, body, raw, content_type
        )


class AsyncCalls(_Resource):
    async def list(
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
        page: CallPage = await self.request("GET", "calls", query)
        return page

    async def iterate(self, **filters: Any) -> AsyncIterator[CallSummary]:
        """Yields the calls of every page; takes what list() takes."""
        while True:
            page = await self.list(**filters)
            # Not `yield from`: that has no asynchronous twin.
            for item in page["items"]:
                yield item
            filters["cursor"] = page.get("next")
            if not filters["cursor"]:
                return

    async def get(self, call_id: int) -> Call:
        call: Call = await self.request("GET", f"calls/{int(call_id)}")
        return call

    async def create(self, **fields: Any) -> Call:
        """Makes a call of a call log: call_id, agent_id, transcript, metadata and others."""
        call: Call = await self.request("POST", "calls", body=fields)
        return call

    async def update(self, call_id: int, **fields: Any) -> Call:
        """Changes fields of a stored call, such as metadata."""
        call: Call = await self.request("PATCH", f"calls/{int(call_id)}", body=fields)
        return call

    async def delete(self, call_id: int) -> None:
        await self.request("DELETE", f"calls/{int(call_id)}")

    async def spans(self, call_id: int, *, limit: int | None = None, cursor: str | None = None) -> Page:
        page: Page = await self.request(
            "GET", f"calls/{int(call_id)}/spans", {"limit": limit, "cursor": cursor}
        )
        return page

    async def logs(self, call_id: int, *, limit: int | None = None, cursor: str | None = None) -> Page:
        page: Page = await self.request(
            "GET", f"calls/{int(call_id)}/logs", {"limit": limit, "cursor": cursor}
        )
        return page

    async def add_recording(self, call_id: int, audio: bytes, content_type: str = "audio/wav") -> Row:
        """Adds a recording: WAV, FLAC, MP3, Opus."""
        row: Row = await self.request(
            "POST", f"calls/{int(call_id)}/recordings", raw=audio, content_type=content_type
        )
        return row

    async def recording(self, call_id: int, recording_id: int | str) -> bytes:
        """Returns the audio as it can be played."""
        audio: bytes = await self.request(
            "GET", f"calls/{int(call_id)}/recordings/{quote(str(recording_id), safe='')}"
        )
        return audio


class AsyncTraces(_Resource):
    async def get(self, trace_id: str) -> Row:
        row: Row = await self.request("GET", f"traces/{quote(trace_id, safe='')}")
        return row


class AsyncStats(_Resource):
    async def latency(self, **query: Any) -> Row:
        row: Row = await self.request("GET", "stats/latency", query)
        return row

    async def tokens(self, **query: Any) -> Row:
        row: Row = await self.request("GET", "stats/tokens", query)
        return row

    async def cost(self, **query: Any) -> Row:
        row: Row = await self.request("GET", "stats/cost", query)
        return row

    async def tools(self, **query: Any) -> Row:
        row: Row = await self.request("GET", "stats/tools", query)
        return row


class AsyncAgents(_Resource):
    async def list(self, *, limit: int | None = None, cursor: str | None = None) -> Page:
        page: Page = await self.request("GET", "agents", {"limit": limit, "cursor": cursor})
        return page

    async def create(self, name: str) -> Row:
        row: Row = await self.request("POST", "agents", body={"name": name})
        return row


class AsyncClient:
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
        self.calls = AsyncCalls(connection)
        self.traces = AsyncTraces(connection)
        self.stats = AsyncStats(connection)
        self.agents = AsyncAgents(connection)
        self._server = _Resource(connection)

    async def server(self) -> Row:
        """Returns what the server says of itself and of the key."""
        row: Row = await self._server.request("GET", "server")
        return row
