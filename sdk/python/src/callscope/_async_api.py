"""The routes of the REST API, awaited. Made of the server's OpenAPI description by tools/make_client.py."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from callscope._connection import AsyncResource, Connection, members, path_part
from callscope._models import (
    AddCallLogsBody,
    Agent,
    AgentPage,
    Call,
    CallPage,
    CallReport,
    CallSummary,
    ChangeAgentBody,
    ChangeProjectBody,
    ChangeUserBody,
    CreateAgentBody,
    CreateKeyAnswer,
    CreateKeyBody,
    CreateProjectBody,
    CreateUserBody,
    CreateWebhookAnswer,
    CreateWebhookBody,
    Delivery,
    DeliveryPage,
    EffectivePrice,
    EffectivePricePage,
    GetMeAnswer,
    GetProviderAnswer,
    GetTraceAnswer,
    Key,
    KeyPage,
    LatencyRowPage,
    ListLivekitKeysAnswer,
    ListUnmappedAnswer,
    LogPage,
    MergeCallsBody,
    NudgeClockBody,
    Project,
    ProjectPage,
    PutLivekitKeyAnswer,
    PutLivekitKeyBody,
    PutPricesAnswer,
    PutPricesBody,
    PutProviderSecretAnswer,
    PutProviderSecretBody,
    PutTranscriptBody,
    Recording,
    Row,
    SavedView,
    SavedViewBody,
    SavedViewPage,
    Server,
    SlowTurnPage,
    Span,
    SpanMessages,
    SpanPage,
    SplitCallBody,
    ToolRowPage,
    Trace,
    UsageRowPage,
    User,
    UserPage,
    Webhook,
    WebhookPage,
    WithdrawSessionAnswer,
    WithdrawSessionBody,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack


class AsyncServerApi(AsyncResource):
    async def get(self) -> Server:
        """Who answers, and as whom."""
        answer: Server = await self._request("GET", "server", {})
        return answer

    async def openapi(self) -> Row:
        """This description."""
        answer: Row = await self._request("GET", "openapi.json", {})
        return answer

    async def unmapped(self) -> ListUnmappedAnswer:
        """Attribute keys that no mapping rule knows (administrator)."""
        answer: ListUnmappedAnswer = await self._request("GET", "unmapped", {})
        return answer

    async def me(self) -> GetMeAnswer:
        """Who asks."""
        answer: GetMeAnswer = await self._request("GET", "me", {})
        return answer


class AsyncCallsApi(AsyncResource):
    async def list(
        self,
        *,
        agent_id: int | None = None,
        since: str | None = None,
        until: str | None = None,
        state: Literal["running", "quiet", "ended"] | None = None,
        text: str | None = None,
        model: str | None = None,
        tool: str | None = None,
        error: bool | None = None,
        flag: Sequence[str] | None = None,
        min_latency_ms: float | None = None,
        min_heard_latency_ms: float | None = None,
        metadata: Mapping[str, str] | None = None,
        sort: Literal[
            "-started_at",
            "started_at",
            "-duration",
            "duration",
            "-latency",
            "latency",
            "-cost",
            "cost",
            "-tokens",
            "tokens",
        ]
        | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> CallPage:
        """List calls."""
        answer: CallPage = await self._request(
            "GET",
            "calls",
            {
                "agent_id": agent_id,
                "from": since,
                "to": until,
                "state": state,
                "text": text,
                "model": model,
                "tool": tool,
                "error": error,
                "flag": flag,
                "min_latency_ms": min_latency_ms,
                "min_heard_latency_ms": min_heard_latency_ms,
                **members("metadata", metadata),
                "sort": sort,
                "limit": limit,
                "cursor": cursor,
            },
        )
        return answer

    async def iterate(
        self,
        *,
        agent_id: int | None = None,
        since: str | None = None,
        until: str | None = None,
        state: Literal["running", "quiet", "ended"] | None = None,
        text: str | None = None,
        model: str | None = None,
        tool: str | None = None,
        error: bool | None = None,
        flag: Sequence[str] | None = None,
        min_latency_ms: float | None = None,
        min_heard_latency_ms: float | None = None,
        metadata: Mapping[str, str] | None = None,
        sort: Literal[
            "-started_at",
            "started_at",
            "-duration",
            "duration",
            "-latency",
            "latency",
            "-cost",
            "cost",
            "-tokens",
            "tokens",
        ]
        | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CallSummary]:
        """List calls: every one, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(
                agent_id=agent_id,
                since=since,
                until=until,
                state=state,
                text=text,
                model=model,
                tool=tool,
                error=error,
                flag=flag,
                min_latency_ms=min_latency_ms,
                min_heard_latency_ms=min_heard_latency_ms,
                metadata=metadata,
                sort=sort,
                limit=limit,
                cursor=cursor,
            )
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if not cursor:
                return

    async def create(self, **fields: Unpack[CallReport]) -> Call:
        """Report a call, or more of one that has the same call_id."""
        answer: Call = await self._request("POST", "calls", {}, body=fields)
        return answer

    async def get(self, call_id: int, /) -> Call:
        """A call with its turns, tools and models."""
        answer: Call = await self._request("GET", f"calls/{path_part(call_id)}", {})
        return answer

    async def delete(self, call_id: int, /, *, shared: bool | None = None) -> None:
        """Delete a call."""
        await self._request("DELETE", f"calls/{path_part(call_id)}", {"shared": shared})

    async def update(self, call_id: int, /, **fields: Unpack[CallReport]) -> Call:
        """Say more of a call, or something else; it wins over the other sources."""
        answer: Call = await self._request("PATCH", f"calls/{path_part(call_id)}", {}, body=fields)
        return answer

    async def set_transcript(self, call_id: int, /, **fields: Unpack[PutTranscriptBody]) -> Call:
        """Replace the transcript of a call, in any dialect."""
        answer: Call = await self._request("PUT", f"calls/{path_part(call_id)}/transcript", {}, body=fields)
        return answer

    async def merge(self, call_id: int, /, **fields: Unpack[MergeCallsBody]) -> Call:
        """Make one call of several."""
        answer: Call = await self._request("POST", f"calls/{path_part(call_id)}/merge", {}, body=fields)
        return answer

    async def split(self, call_id: int, /, **fields: Unpack[SplitCallBody]) -> Call:
        """Make parts of a call a call of their own."""
        answer: Call = await self._request("POST", f"calls/{path_part(call_id)}/split", {}, body=fields)
        return answer

    async def undo(self, call_id: int, /) -> Call:
        """Take the last merge or split of a call back."""
        answer: Call = await self._request("POST", f"calls/{path_part(call_id)}/undo", {})
        return answer

    async def spans(
        self,
        call_id: int,
        /,
        *,
        attributes: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> SpanPage:
        """The spans of a call, in order of start."""
        answer: SpanPage = await self._request(
            "GET",
            f"calls/{path_part(call_id)}/spans",
            {"attributes": attributes, "limit": limit, "cursor": cursor},
        )
        return answer

    async def logs(self, call_id: int, /, *, limit: int | None = None, cursor: str | None = None) -> LogPage:
        """The log lines of a call, in order of time."""
        answer: LogPage = await self._request(
            "GET", f"calls/{path_part(call_id)}/logs", {"limit": limit, "cursor": cursor}
        )
        return answer

    async def add_logs(self, call_id: int, /, **fields: Unpack[AddCallLogsBody]) -> Call:
        """Add log lines to a call."""
        answer: Call = await self._request("POST", f"calls/{path_part(call_id)}/logs", {}, body=fields)
        return answer

    async def add_recording(
        self,
        call_id: int,
        data: bytes,
        /,
        *,
        content_type: str = "audio/wav",
        started_at: str | None = None,
        agent_channel: int | None = None,
        sample_rate: int | None = None,
        channels: int | None = None,
        encoding: Literal["u8", "s16le", "s24le", "s32le", "f32le", "f64le", "mulaw", "alaw"] | None = None,
    ) -> Recording:
        """Attach a recording."""
        answer: Recording = await self._request(
            "POST",
            f"calls/{path_part(call_id)}/recordings",
            {
                "started_at": started_at,
                "agent_channel": agent_channel,
                "sample_rate": sample_rate,
                "channels": channels,
                "encoding": encoding,
            },
            raw=data,
            content_type=content_type,
        )
        return answer

    async def recording(self, call_id: int, recording_id: int, /, *, original: bool | None = None) -> bytes:
        """Listen to a recording."""
        answer: bytes = await self._request(
            "GET", f"calls/{path_part(call_id)}/recordings/{path_part(recording_id)}", {"original": original}
        )
        return answer

    async def delete_recording(self, call_id: int, recording_id: int, /) -> None:
        """Delete a recording."""
        await self._request("DELETE", f"calls/{path_part(call_id)}/recordings/{path_part(recording_id)}", {})

    async def peaks(self, call_id: int, recording_id: int, /, *, level: int | None = None) -> bytes:
        """The outline of the waveform at one zoom level, in the bytes of docs/formats/peaks.md."""
        answer: bytes = await self._request(
            "GET", f"calls/{path_part(call_id)}/recordings/{path_part(recording_id)}/peaks", {"level": level}
        )
        return answer

    async def analyse_recording(self, call_id: int, recording_id: int, /) -> Any:
        """Analyse a recording again."""
        answer: Any = await self._request(
            "POST", f"calls/{path_part(call_id)}/recordings/{path_part(recording_id)}/analyse", {}
        )
        return answer

    async def nudge_clock(self, call_id: int, /, **fields: Unpack[NudgeClockBody]) -> None:
        """Move the recording against the spans by hand, or take that back with null."""
        await self._request("PATCH", f"calls/{path_part(call_id)}/clock", {}, body=fields)

    async def withdraw(self, **fields: Unpack[WithdrawSessionBody]) -> WithdrawSessionAnswer:
        """Take back everything that was sent of a session, and what of its trace comes later."""
        answer: WithdrawSessionAnswer = await self._request("POST", "sessions/withdraw", {}, body=fields)
        return answer


class AsyncTracesApi(AsyncResource):
    async def get(
        self, trace_id: str, /, *, format: Literal["callscope", "otlp"] | None = None
    ) -> Trace | GetTraceAnswer:
        """All spans of a trace, in order of start."""
        answer: Trace | GetTraceAnswer = await self._request(
            "GET", f"traces/{path_part(trace_id)}", {"format": format}
        )
        return answer

    async def span(self, trace_id: str, span_id: str, /) -> Span:
        """One span."""
        answer: Span = await self._request(
            "GET", f"traces/{path_part(trace_id)}/spans/{path_part(span_id)}", {}
        )
        return answer

    async def messages(self, trace_id: str, span_id: str, /) -> SpanMessages:
        """What a model was given and gave."""
        answer: SpanMessages = await self._request(
            "GET", f"traces/{path_part(trace_id)}/spans/{path_part(span_id)}/messages", {}
        )
        return answer


class AsyncSpansApi(AsyncResource):
    async def list(
        self,
        *,
        agent_id: int | None = None,
        since: str | None = None,
        until: str | None = None,
        name: str | None = None,
        kind: Literal[
            "other",
            "call",
            "turn",
            "user_turn",
            "agent_turn",
            "stt",
            "llm",
            "s2s",
            "tts",
            "tool",
            "turn_detection",
            "user_speech",
            "agent_speech",
            "amd",
            "agent",
            "workflow",
            "retrieval",
            "embedding",
            "memory",
            "guardrail",
            "eval",
            "wrapper",
            "attempt",
            "transport",
            "lifecycle",
            "stall",
        ]
        | None = None,
        model: str | None = None,
        attribute: Mapping[str, str] | None = None,
        text: str | None = None,
        trace_id: str | None = None,
        call_id: int | None = None,
        min_duration_ms: float | None = None,
        max_duration_ms: float | None = None,
        error: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> SpanPage:
        """Search spans, newest first."""
        answer: SpanPage = await self._request(
            "GET",
            "spans",
            {
                "agent_id": agent_id,
                "from": since,
                "to": until,
                "name": name,
                "kind": kind,
                "model": model,
                **members("attribute", attribute),
                "text": text,
                "trace_id": trace_id,
                "call_id": call_id,
                "min_duration_ms": min_duration_ms,
                "max_duration_ms": max_duration_ms,
                "error": error,
                "limit": limit,
                "cursor": cursor,
            },
        )
        return answer

    async def iterate(
        self,
        *,
        agent_id: int | None = None,
        since: str | None = None,
        until: str | None = None,
        name: str | None = None,
        kind: Literal[
            "other",
            "call",
            "turn",
            "user_turn",
            "agent_turn",
            "stt",
            "llm",
            "s2s",
            "tts",
            "tool",
            "turn_detection",
            "user_speech",
            "agent_speech",
            "amd",
            "agent",
            "workflow",
            "retrieval",
            "embedding",
            "memory",
            "guardrail",
            "eval",
            "wrapper",
            "attempt",
            "transport",
            "lifecycle",
            "stall",
        ]
        | None = None,
        model: str | None = None,
        attribute: Mapping[str, str] | None = None,
        text: str | None = None,
        trace_id: str | None = None,
        call_id: int | None = None,
        min_duration_ms: float | None = None,
        max_duration_ms: float | None = None,
        error: bool | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[Span]:
        """Search spans, newest first: every one, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(
                agent_id=agent_id,
                since=since,
                until=until,
                name=name,
                kind=kind,
                model=model,
                attribute=attribute,
                text=text,
                trace_id=trace_id,
                call_id=call_id,
                min_duration_ms=min_duration_ms,
                max_duration_ms=max_duration_ms,
                error=error,
                limit=limit,
                cursor=cursor,
            )
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if not cursor:
                return


class AsyncStatsApi(AsyncResource):
    async def latency(
        self,
        *,
        stage: Literal["stt", "llm", "tts", "s2s", "tool", "endpointing", "response"] | None = None,
        source: Literal["reported", "computed", "heard"] | None = None,
        since: str | None = None,
        until: str | None = None,
        agent_id: int | None = None,
        group_by: Literal["none", "model", "provider", "agent", "tool", "name"] | None = None,
        interval: str | None = None,
    ) -> LatencyRowPage:
        """Percentiles of a latency."""
        answer: LatencyRowPage = await self._request(
            "GET",
            "stats/latency",
            {
                "stage": stage,
                "source": source,
                "from": since,
                "to": until,
                "agent_id": agent_id,
                "group_by": group_by,
                "interval": interval,
            },
        )
        return answer

    async def tokens(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        agent_id: int | None = None,
        group_by: Literal["none", "model", "provider", "agent", "tool", "name"] | None = None,
        interval: str | None = None,
    ) -> UsageRowPage:
        """Tokens, characters and audio used."""
        answer: UsageRowPage = await self._request(
            "GET",
            "stats/tokens",
            {"from": since, "to": until, "agent_id": agent_id, "group_by": group_by, "interval": interval},
        )
        return answer

    async def cost(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        agent_id: int | None = None,
        group_by: Literal["none", "model", "provider", "agent", "tool", "name"] | None = None,
        interval: str | None = None,
    ) -> UsageRowPage:
        """Cost in USD."""
        answer: UsageRowPage = await self._request(
            "GET",
            "stats/cost",
            {"from": since, "to": until, "agent_id": agent_id, "group_by": group_by, "interval": interval},
        )
        return answer

    async def tools(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        agent_id: int | None = None,
        interval: str | None = None,
    ) -> ToolRowPage:
        """Tool runs, failures and durations."""
        answer: ToolRowPage = await self._request(
            "GET", "stats/tools", {"from": since, "to": until, "agent_id": agent_id, "interval": interval}
        )
        return answer

    async def turns(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        agent_id: int | None = None,
        source: Literal["reported", "computed", "heard"] | None = None,
        limit: int | None = None,
    ) -> SlowTurnPage:
        """The slowest turns."""
        answer: SlowTurnPage = await self._request(
            "GET",
            "stats/turns",
            {"from": since, "to": until, "agent_id": agent_id, "source": source, "limit": limit},
        )
        return answer


class AsyncProjectsApi(AsyncResource):
    async def list(self, *, limit: int | None = None, cursor: str | None = None) -> ProjectPage:
        """List projects."""
        answer: ProjectPage = await self._request("GET", "projects", {"limit": limit, "cursor": cursor})
        return answer

    async def iterate(self, *, limit: int | None = None) -> AsyncIterator[Project]:
        """List projects: every one, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if not cursor:
                return

    async def create(self, **fields: Unpack[CreateProjectBody]) -> Project:
        """Make a project (administrator)."""
        answer: Project = await self._request("POST", "projects", {}, body=fields)
        return answer

    async def update(self, project_id: int, /, **fields: Unpack[ChangeProjectBody]) -> Project:
        """Set what becomes of call logs that are known, and how long calls are kept."""
        answer: Project = await self._request("PATCH", f"projects/{path_part(project_id)}", {}, body=fields)
        return answer

    async def provider(self, project_id: int, provider: str, /) -> GetProviderAnswer:
        """Whether webhooks of a provider have to be signed."""
        answer: GetProviderAnswer = await self._request(
            "GET", f"projects/{path_part(project_id)}/providers/{path_part(provider)}", {}
        )
        return answer

    async def set_provider_secret(
        self, project_id: int, provider: str, /, **fields: Unpack[PutProviderSecretBody]
    ) -> PutProviderSecretAnswer:
        """Take the webhooks of a provider only where they are signed with this."""
        answer: PutProviderSecretAnswer = await self._request(
            "PUT", f"projects/{path_part(project_id)}/providers/{path_part(provider)}", {}, body=fields
        )
        return answer

    async def delete_provider_secret(self, project_id: int, provider: str, /) -> None:
        """Take the webhooks of a provider by the API key alone."""
        await self._request("DELETE", f"projects/{path_part(project_id)}/providers/{path_part(provider)}", {})

    async def livekit_keys(self, project_id: int, /) -> ListLivekitKeysAnswer:
        """LiveKit keys whose tokens the project takes."""
        answer: ListLivekitKeysAnswer = await self._request(
            "GET", f"projects/{path_part(project_id)}/livekit", {}
        )
        return answer

    async def set_livekit_key(
        self, project_id: int, /, **fields: Unpack[PutLivekitKeyBody]
    ) -> PutLivekitKeyAnswer:
        """Take LiveKit's own uploads, signed with this key pair."""
        answer: PutLivekitKeyAnswer = await self._request(
            "PUT", f"projects/{path_part(project_id)}/livekit", {}, body=fields
        )
        return answer

    async def delete_livekit_keys(self, project_id: int, /) -> None:
        """Take no more of LiveKit's own uploads."""
        await self._request("DELETE", f"projects/{path_part(project_id)}/livekit", {})


class AsyncAgentsApi(AsyncResource):
    async def list(self, *, limit: int | None = None, cursor: str | None = None) -> AgentPage:
        """List agents."""
        answer: AgentPage = await self._request("GET", "agents", {"limit": limit, "cursor": cursor})
        return answer

    async def iterate(self, *, limit: int | None = None) -> AsyncIterator[Agent]:
        """List agents: every one, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if not cursor:
                return

    async def create(self, **fields: Unpack[CreateAgentBody]) -> Agent:
        """Make an agent."""
        answer: Agent = await self._request("POST", "agents", {}, body=fields)
        return answer

    async def update(self, agent_id: int, /, **fields: Unpack[ChangeAgentBody]) -> Agent:
        """Set what is kept of an agent."""
        answer: Agent = await self._request("PATCH", f"agents/{path_part(agent_id)}", {}, body=fields)
        return answer


class AsyncKeysApi(AsyncResource):
    async def list(self, *, limit: int | None = None, cursor: str | None = None) -> KeyPage:
        """List keys (administrator)."""
        answer: KeyPage = await self._request("GET", "keys", {"limit": limit, "cursor": cursor})
        return answer

    async def iterate(self, *, limit: int | None = None) -> AsyncIterator[Key]:
        """List keys (administrator): every one, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if not cursor:
                return

    async def create(self, **fields: Unpack[CreateKeyBody]) -> CreateKeyAnswer:
        """Make a key (administrator)."""
        answer: CreateKeyAnswer = await self._request("POST", "keys", {}, body=fields)
        return answer

    async def revoke(self, key_id: int, /) -> None:
        """Revoke a key (administrator)."""
        await self._request("DELETE", f"keys/{path_part(key_id)}", {})


class AsyncUsersApi(AsyncResource):
    async def list(self, *, limit: int | None = None, cursor: str | None = None) -> UserPage:
        """List users, by name (administrator)."""
        answer: UserPage = await self._request("GET", "users", {"limit": limit, "cursor": cursor})
        return answer

    async def iterate(self, *, limit: int | None = None) -> AsyncIterator[User]:
        """List users, by name (administrator): every one, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if not cursor:
                return

    async def create(self, **fields: Unpack[CreateUserBody]) -> User:
        """Let somebody sign in with a password (administrator)."""
        answer: User = await self._request("POST", "users", {}, body=fields)
        return answer

    async def update(self, user_id: int, /, **fields: Unpack[ChangeUserBody]) -> User:
        """Change a user's role or password (administrator)."""
        answer: User = await self._request("PATCH", f"users/{path_part(user_id)}", {}, body=fields)
        return answer

    async def delete(self, user_id: int, /) -> None:
        """Let somebody sign in no more (administrator)."""
        await self._request("DELETE", f"users/{path_part(user_id)}", {})


class AsyncPricesApi(AsyncResource):
    async def list(
        self, *, limit: int | None = None, cursor: str | None = None, text: str | None = None
    ) -> EffectivePricePage:
        """What model use costs the project."""
        answer: EffectivePricePage = await self._request(
            "GET", "prices", {"limit": limit, "cursor": cursor, "text": text}
        )
        return answer

    async def iterate(
        self, *, limit: int | None = None, text: str | None = None
    ) -> AsyncIterator[EffectivePrice]:
        """What model use costs the project: every one, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(limit=limit, cursor=cursor, text=text)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if not cursor:
                return

    async def replace(self, **fields: Unpack[PutPricesBody]) -> PutPricesAnswer:
        """Set the project's own prices."""
        answer: PutPricesAnswer = await self._request("PUT", "prices", {}, body=fields)
        return answer


class AsyncViewsApi(AsyncResource):
    async def list(self, *, limit: int | None = None, cursor: str | None = None) -> SavedViewPage:
        """The saved views of the project, by name."""
        answer: SavedViewPage = await self._request("GET", "views", {"limit": limit, "cursor": cursor})
        return answer

    async def iterate(self, *, limit: int | None = None) -> AsyncIterator[SavedView]:
        """The saved views of the project, by name: every one, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if not cursor:
                return

    async def create(self, **fields: Unpack[SavedViewBody]) -> SavedView:
        """Save what is asked of calls under a name."""
        answer: SavedView = await self._request("POST", "views", {}, body=fields)
        return answer

    async def get(self, view_id: int, /) -> SavedView:
        """One saved view."""
        answer: SavedView = await self._request("GET", f"views/{path_part(view_id)}", {})
        return answer

    async def replace(self, view_id: int, /, **fields: Unpack[SavedViewBody]) -> SavedView:
        """Replace a saved view."""
        answer: SavedView = await self._request("PUT", f"views/{path_part(view_id)}", {}, body=fields)
        return answer

    async def delete(self, view_id: int, /) -> None:
        """Delete a saved view."""
        await self._request("DELETE", f"views/{path_part(view_id)}", {})


class AsyncWebhooksApi(AsyncResource):
    async def list(self, *, limit: int | None = None, cursor: str | None = None) -> WebhookPage:
        """Who is told of calls that are complete."""
        answer: WebhookPage = await self._request("GET", "webhooks", {"limit": limit, "cursor": cursor})
        return answer

    async def iterate(self, *, limit: int | None = None) -> AsyncIterator[Webhook]:
        """Who is told of calls that are complete: every one, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list(limit=limit, cursor=cursor)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if not cursor:
                return

    async def create(self, **fields: Unpack[CreateWebhookBody]) -> CreateWebhookAnswer:
        """Tell this URL of each call that is complete."""
        answer: CreateWebhookAnswer = await self._request("POST", "webhooks", {}, body=fields)
        return answer

    async def get(self, webhook_id: int, /) -> Webhook:
        """One webhook."""
        answer: Webhook = await self._request("GET", f"webhooks/{path_part(webhook_id)}", {})
        return answer

    async def delete(self, webhook_id: int, /) -> None:
        """Tell this URL no more."""
        await self._request("DELETE", f"webhooks/{path_part(webhook_id)}", {})

    async def deliveries(
        self, webhook_id: int, /, *, limit: int | None = None, cursor: str | None = None
    ) -> DeliveryPage:
        """What became of each delivery, newest first."""
        answer: DeliveryPage = await self._request(
            "GET", f"webhooks/{path_part(webhook_id)}/deliveries", {"limit": limit, "cursor": cursor}
        )
        return answer

    async def replay(self, webhook_id: int, delivery_id: int, /) -> Delivery:
        """Deliver a call once more."""
        answer: Delivery = await self._request(
            "POST", f"webhooks/{path_part(webhook_id)}/deliveries/{path_part(delivery_id)}/replay", {}
        )
        return answer


class AsyncApi:
    """The routes by what they are about."""

    def __init__(self, connection: Connection) -> None:
        self.base_url = connection.base_url
        self.server = AsyncServerApi(connection)
        self.calls = AsyncCallsApi(connection)
        self.traces = AsyncTracesApi(connection)
        self.spans = AsyncSpansApi(connection)
        self.stats = AsyncStatsApi(connection)
        self.projects = AsyncProjectsApi(connection)
        self.agents = AsyncAgentsApi(connection)
        self.keys = AsyncKeysApi(connection)
        self.users = AsyncUsersApi(connection)
        self.prices = AsyncPricesApi(connection)
        self.views = AsyncViewsApi(connection)
        self.webhooks = AsyncWebhooksApi(connection)
