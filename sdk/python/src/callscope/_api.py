"""The routes of the REST API. Made of the server's OpenAPI description by tools/make_client.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from callscope._connection import Connection, Resource, members, path_part
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


class ServerApi(Resource):
    def get(self) -> Server:
        """Who answers, and as whom."""
        answer: Server = self._request("GET", "server", {})
        return answer

    def openapi(self) -> Row:
        """This description."""
        answer: Row = self._request("GET", "openapi.json", {})
        return answer

    def unmapped(self) -> ListUnmappedAnswer:
        """Attribute keys that no mapping rule knows (administrator)."""
        answer: ListUnmappedAnswer = self._request("GET", "unmapped", {})
        return answer

    def me(self) -> GetMeAnswer:
        """Who asks."""
        answer: GetMeAnswer = self._request("GET", "me", {})
        return answer


class CallsApi(Resource):
    def list(
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
        answer: CallPage = self._request(
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

    def iterate(
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
    ) -> Iterator[CallSummary]:
        """List calls: every one, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(
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
            for item in page["items"]:  # noqa: UP028
                yield item
            cursor = page["next"]
            if not cursor:
                return

    def create(self, **fields: Unpack[CallReport]) -> Call:
        """Report a call, or more of one that has the same call_id."""
        answer: Call = self._request("POST", "calls", {}, body=fields)
        return answer

    def get(self, call_id: int, /) -> Call:
        """A call with its turns, tools and models."""
        answer: Call = self._request("GET", f"calls/{path_part(call_id)}", {})
        return answer

    def delete(self, call_id: int, /, *, shared: bool | None = None) -> None:
        """Delete a call."""
        self._request("DELETE", f"calls/{path_part(call_id)}", {"shared": shared})

    def update(self, call_id: int, /, **fields: Unpack[CallReport]) -> Call:
        """Say more of a call, or something else; it wins over the other sources."""
        answer: Call = self._request("PATCH", f"calls/{path_part(call_id)}", {}, body=fields)
        return answer

    def set_transcript(self, call_id: int, /, **fields: Unpack[PutTranscriptBody]) -> Call:
        """Replace the transcript of a call, in any dialect."""
        answer: Call = self._request("PUT", f"calls/{path_part(call_id)}/transcript", {}, body=fields)
        return answer

    def merge(self, call_id: int, /, **fields: Unpack[MergeCallsBody]) -> Call:
        """Make one call of several."""
        answer: Call = self._request("POST", f"calls/{path_part(call_id)}/merge", {}, body=fields)
        return answer

    def split(self, call_id: int, /, **fields: Unpack[SplitCallBody]) -> Call:
        """Make parts of a call a call of their own."""
        answer: Call = self._request("POST", f"calls/{path_part(call_id)}/split", {}, body=fields)
        return answer

    def undo(self, call_id: int, /) -> Call:
        """Take the last merge or split of a call back."""
        answer: Call = self._request("POST", f"calls/{path_part(call_id)}/undo", {})
        return answer

    def spans(
        self,
        call_id: int,
        /,
        *,
        attributes: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> SpanPage:
        """The spans of a call, in order of start."""
        answer: SpanPage = self._request(
            "GET",
            f"calls/{path_part(call_id)}/spans",
            {"attributes": attributes, "limit": limit, "cursor": cursor},
        )
        return answer

    def logs(self, call_id: int, /, *, limit: int | None = None, cursor: str | None = None) -> LogPage:
        """The log lines of a call, in order of time."""
        answer: LogPage = self._request(
            "GET", f"calls/{path_part(call_id)}/logs", {"limit": limit, "cursor": cursor}
        )
        return answer

    def add_logs(self, call_id: int, /, **fields: Unpack[AddCallLogsBody]) -> Call:
        """Add log lines to a call."""
        answer: Call = self._request("POST", f"calls/{path_part(call_id)}/logs", {}, body=fields)
        return answer

    def add_recording(
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
        answer: Recording = self._request(
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

    def recording(self, call_id: int, recording_id: int, /, *, original: bool | None = None) -> bytes:
        """Listen to a recording."""
        answer: bytes = self._request(
            "GET", f"calls/{path_part(call_id)}/recordings/{path_part(recording_id)}", {"original": original}
        )
        return answer

    def delete_recording(self, call_id: int, recording_id: int, /) -> None:
        """Delete a recording."""
        self._request("DELETE", f"calls/{path_part(call_id)}/recordings/{path_part(recording_id)}", {})

    def peaks(self, call_id: int, recording_id: int, /, *, level: int | None = None) -> bytes:
        """The outline of the waveform at one zoom level, in the bytes of docs/formats/peaks.md."""
        answer: bytes = self._request(
            "GET", f"calls/{path_part(call_id)}/recordings/{path_part(recording_id)}/peaks", {"level": level}
        )
        return answer

    def analyse_recording(self, call_id: int, recording_id: int, /) -> Any:
        """Analyse a recording again."""
        answer: Any = self._request(
            "POST", f"calls/{path_part(call_id)}/recordings/{path_part(recording_id)}/analyse", {}
        )
        return answer

    def nudge_clock(self, call_id: int, /, **fields: Unpack[NudgeClockBody]) -> None:
        """Move the recording against the spans by hand, or take that back with null."""
        self._request("PATCH", f"calls/{path_part(call_id)}/clock", {}, body=fields)

    def withdraw(self, **fields: Unpack[WithdrawSessionBody]) -> WithdrawSessionAnswer:
        """Take back everything that was sent of a session, and what of its trace comes later."""
        answer: WithdrawSessionAnswer = self._request("POST", "sessions/withdraw", {}, body=fields)
        return answer


class TracesApi(Resource):
    def get(
        self, trace_id: str, /, *, format: Literal["callscope", "otlp"] | None = None
    ) -> Trace | GetTraceAnswer:
        """All spans of a trace, in order of start."""
        answer: Trace | GetTraceAnswer = self._request(
            "GET", f"traces/{path_part(trace_id)}", {"format": format}
        )
        return answer

    def span(self, trace_id: str, span_id: str, /) -> Span:
        """One span."""
        answer: Span = self._request("GET", f"traces/{path_part(trace_id)}/spans/{path_part(span_id)}", {})
        return answer

    def messages(self, trace_id: str, span_id: str, /) -> SpanMessages:
        """What a model was given and gave."""
        answer: SpanMessages = self._request(
            "GET", f"traces/{path_part(trace_id)}/spans/{path_part(span_id)}/messages", {}
        )
        return answer


class SpansApi(Resource):
    def list(
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
        answer: SpanPage = self._request(
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

    def iterate(
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
    ) -> Iterator[Span]:
        """Search spans, newest first: every one, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(
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
            for item in page["items"]:  # noqa: UP028
                yield item
            cursor = page["next"]
            if not cursor:
                return


class StatsApi(Resource):
    def latency(
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
        answer: LatencyRowPage = self._request(
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

    def tokens(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        agent_id: int | None = None,
        group_by: Literal["none", "model", "provider", "agent", "tool", "name"] | None = None,
        interval: str | None = None,
    ) -> UsageRowPage:
        """Tokens, characters and audio used."""
        answer: UsageRowPage = self._request(
            "GET",
            "stats/tokens",
            {"from": since, "to": until, "agent_id": agent_id, "group_by": group_by, "interval": interval},
        )
        return answer

    def cost(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        agent_id: int | None = None,
        group_by: Literal["none", "model", "provider", "agent", "tool", "name"] | None = None,
        interval: str | None = None,
    ) -> UsageRowPage:
        """Cost in USD."""
        answer: UsageRowPage = self._request(
            "GET",
            "stats/cost",
            {"from": since, "to": until, "agent_id": agent_id, "group_by": group_by, "interval": interval},
        )
        return answer

    def tools(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        agent_id: int | None = None,
        interval: str | None = None,
    ) -> ToolRowPage:
        """Tool runs, failures and durations."""
        answer: ToolRowPage = self._request(
            "GET", "stats/tools", {"from": since, "to": until, "agent_id": agent_id, "interval": interval}
        )
        return answer

    def turns(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        agent_id: int | None = None,
        source: Literal["reported", "computed", "heard"] | None = None,
        limit: int | None = None,
    ) -> SlowTurnPage:
        """The slowest turns."""
        answer: SlowTurnPage = self._request(
            "GET",
            "stats/turns",
            {"from": since, "to": until, "agent_id": agent_id, "source": source, "limit": limit},
        )
        return answer


class ProjectsApi(Resource):
    def list(self, *, limit: int | None = None, cursor: str | None = None) -> ProjectPage:
        """List projects."""
        answer: ProjectPage = self._request("GET", "projects", {"limit": limit, "cursor": cursor})
        return answer

    def iterate(self, *, limit: int | None = None) -> Iterator[Project]:
        """List projects: every one, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(limit=limit, cursor=cursor)
            for item in page["items"]:  # noqa: UP028
                yield item
            cursor = page["next"]
            if not cursor:
                return

    def create(self, **fields: Unpack[CreateProjectBody]) -> Project:
        """Make a project (administrator)."""
        answer: Project = self._request("POST", "projects", {}, body=fields)
        return answer

    def update(self, project_id: int, /, **fields: Unpack[ChangeProjectBody]) -> Project:
        """Set what becomes of call logs that are known, and how long calls are kept."""
        answer: Project = self._request("PATCH", f"projects/{path_part(project_id)}", {}, body=fields)
        return answer

    def provider(self, project_id: int, provider: str, /) -> GetProviderAnswer:
        """Whether webhooks of a provider have to be signed."""
        answer: GetProviderAnswer = self._request(
            "GET", f"projects/{path_part(project_id)}/providers/{path_part(provider)}", {}
        )
        return answer

    def set_provider_secret(
        self, project_id: int, provider: str, /, **fields: Unpack[PutProviderSecretBody]
    ) -> PutProviderSecretAnswer:
        """Take the webhooks of a provider only where they are signed with this."""
        answer: PutProviderSecretAnswer = self._request(
            "PUT", f"projects/{path_part(project_id)}/providers/{path_part(provider)}", {}, body=fields
        )
        return answer

    def delete_provider_secret(self, project_id: int, provider: str, /) -> None:
        """Take the webhooks of a provider by the API key alone."""
        self._request("DELETE", f"projects/{path_part(project_id)}/providers/{path_part(provider)}", {})

    def livekit_keys(self, project_id: int, /) -> ListLivekitKeysAnswer:
        """LiveKit keys whose tokens the project takes."""
        answer: ListLivekitKeysAnswer = self._request("GET", f"projects/{path_part(project_id)}/livekit", {})
        return answer

    def set_livekit_key(self, project_id: int, /, **fields: Unpack[PutLivekitKeyBody]) -> PutLivekitKeyAnswer:
        """Take LiveKit's own uploads, signed with this key pair."""
        answer: PutLivekitKeyAnswer = self._request(
            "PUT", f"projects/{path_part(project_id)}/livekit", {}, body=fields
        )
        return answer

    def delete_livekit_keys(self, project_id: int, /) -> None:
        """Take no more of LiveKit's own uploads."""
        self._request("DELETE", f"projects/{path_part(project_id)}/livekit", {})


class AgentsApi(Resource):
    def list(self, *, limit: int | None = None, cursor: str | None = None) -> AgentPage:
        """List agents."""
        answer: AgentPage = self._request("GET", "agents", {"limit": limit, "cursor": cursor})
        return answer

    def iterate(self, *, limit: int | None = None) -> Iterator[Agent]:
        """List agents: every one, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(limit=limit, cursor=cursor)
            for item in page["items"]:  # noqa: UP028
                yield item
            cursor = page["next"]
            if not cursor:
                return

    def create(self, **fields: Unpack[CreateAgentBody]) -> Agent:
        """Make an agent."""
        answer: Agent = self._request("POST", "agents", {}, body=fields)
        return answer

    def update(self, agent_id: int, /, **fields: Unpack[ChangeAgentBody]) -> Agent:
        """Set what is kept of an agent."""
        answer: Agent = self._request("PATCH", f"agents/{path_part(agent_id)}", {}, body=fields)
        return answer


class KeysApi(Resource):
    def list(self, *, limit: int | None = None, cursor: str | None = None) -> KeyPage:
        """List keys (administrator)."""
        answer: KeyPage = self._request("GET", "keys", {"limit": limit, "cursor": cursor})
        return answer

    def iterate(self, *, limit: int | None = None) -> Iterator[Key]:
        """List keys (administrator): every one, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(limit=limit, cursor=cursor)
            for item in page["items"]:  # noqa: UP028
                yield item
            cursor = page["next"]
            if not cursor:
                return

    def create(self, **fields: Unpack[CreateKeyBody]) -> CreateKeyAnswer:
        """Make a key (administrator)."""
        answer: CreateKeyAnswer = self._request("POST", "keys", {}, body=fields)
        return answer

    def revoke(self, key_id: int, /) -> None:
        """Revoke a key (administrator)."""
        self._request("DELETE", f"keys/{path_part(key_id)}", {})


class UsersApi(Resource):
    def list(self, *, limit: int | None = None, cursor: str | None = None) -> UserPage:
        """List users, by name (administrator)."""
        answer: UserPage = self._request("GET", "users", {"limit": limit, "cursor": cursor})
        return answer

    def iterate(self, *, limit: int | None = None) -> Iterator[User]:
        """List users, by name (administrator): every one, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(limit=limit, cursor=cursor)
            for item in page["items"]:  # noqa: UP028
                yield item
            cursor = page["next"]
            if not cursor:
                return

    def create(self, **fields: Unpack[CreateUserBody]) -> User:
        """Let somebody sign in with a password (administrator)."""
        answer: User = self._request("POST", "users", {}, body=fields)
        return answer

    def update(self, user_id: int, /, **fields: Unpack[ChangeUserBody]) -> User:
        """Change a user's role or password (administrator)."""
        answer: User = self._request("PATCH", f"users/{path_part(user_id)}", {}, body=fields)
        return answer

    def delete(self, user_id: int, /) -> None:
        """Let somebody sign in no more (administrator)."""
        self._request("DELETE", f"users/{path_part(user_id)}", {})


class PricesApi(Resource):
    def list(
        self, *, limit: int | None = None, cursor: str | None = None, text: str | None = None
    ) -> EffectivePricePage:
        """What model use costs the project."""
        answer: EffectivePricePage = self._request(
            "GET", "prices", {"limit": limit, "cursor": cursor, "text": text}
        )
        return answer

    def iterate(self, *, limit: int | None = None, text: str | None = None) -> Iterator[EffectivePrice]:
        """What model use costs the project: every one, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(limit=limit, cursor=cursor, text=text)
            for item in page["items"]:  # noqa: UP028
                yield item
            cursor = page["next"]
            if not cursor:
                return

    def replace(self, **fields: Unpack[PutPricesBody]) -> PutPricesAnswer:
        """Set the project's own prices."""
        answer: PutPricesAnswer = self._request("PUT", "prices", {}, body=fields)
        return answer


class ViewsApi(Resource):
    def list(self, *, limit: int | None = None, cursor: str | None = None) -> SavedViewPage:
        """The saved views of the project, by name."""
        answer: SavedViewPage = self._request("GET", "views", {"limit": limit, "cursor": cursor})
        return answer

    def iterate(self, *, limit: int | None = None) -> Iterator[SavedView]:
        """The saved views of the project, by name: every one, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(limit=limit, cursor=cursor)
            for item in page["items"]:  # noqa: UP028
                yield item
            cursor = page["next"]
            if not cursor:
                return

    def create(self, **fields: Unpack[SavedViewBody]) -> SavedView:
        """Save what is asked of calls under a name."""
        answer: SavedView = self._request("POST", "views", {}, body=fields)
        return answer

    def get(self, view_id: int, /) -> SavedView:
        """One saved view."""
        answer: SavedView = self._request("GET", f"views/{path_part(view_id)}", {})
        return answer

    def replace(self, view_id: int, /, **fields: Unpack[SavedViewBody]) -> SavedView:
        """Replace a saved view."""
        answer: SavedView = self._request("PUT", f"views/{path_part(view_id)}", {}, body=fields)
        return answer

    def delete(self, view_id: int, /) -> None:
        """Delete a saved view."""
        self._request("DELETE", f"views/{path_part(view_id)}", {})


class WebhooksApi(Resource):
    def list(self, *, limit: int | None = None, cursor: str | None = None) -> WebhookPage:
        """Who is told of calls that are complete."""
        answer: WebhookPage = self._request("GET", "webhooks", {"limit": limit, "cursor": cursor})
        return answer

    def iterate(self, *, limit: int | None = None) -> Iterator[Webhook]:
        """Who is told of calls that are complete: every one, page by page."""
        cursor: str | None = None
        while True:
            page = self.list(limit=limit, cursor=cursor)
            for item in page["items"]:  # noqa: UP028
                yield item
            cursor = page["next"]
            if not cursor:
                return

    def create(self, **fields: Unpack[CreateWebhookBody]) -> CreateWebhookAnswer:
        """Tell this URL of each call that is complete."""
        answer: CreateWebhookAnswer = self._request("POST", "webhooks", {}, body=fields)
        return answer

    def get(self, webhook_id: int, /) -> Webhook:
        """One webhook."""
        answer: Webhook = self._request("GET", f"webhooks/{path_part(webhook_id)}", {})
        return answer

    def delete(self, webhook_id: int, /) -> None:
        """Tell this URL no more."""
        self._request("DELETE", f"webhooks/{path_part(webhook_id)}", {})

    def deliveries(
        self, webhook_id: int, /, *, limit: int | None = None, cursor: str | None = None
    ) -> DeliveryPage:
        """What became of each delivery, newest first."""
        answer: DeliveryPage = self._request(
            "GET", f"webhooks/{path_part(webhook_id)}/deliveries", {"limit": limit, "cursor": cursor}
        )
        return answer

    def replay(self, webhook_id: int, delivery_id: int, /) -> Delivery:
        """Deliver a call once more."""
        answer: Delivery = self._request(
            "POST", f"webhooks/{path_part(webhook_id)}/deliveries/{path_part(delivery_id)}/replay", {}
        )
        return answer


class Api:
    """The routes by what they are about."""

    def __init__(self, connection: Connection) -> None:
        self.base_url = connection.base_url
        self.server = ServerApi(connection)
        self.calls = CallsApi(connection)
        self.traces = TracesApi(connection)
        self.spans = SpansApi(connection)
        self.stats = StatsApi(connection)
        self.projects = ProjectsApi(connection)
        self.agents = AgentsApi(connection)
        self.keys = KeysApi(connection)
        self.users = UsersApi(connection)
        self.prices = PricesApi(connection)
        self.views = ViewsApi(connection)
        self.webhooks = WebhooksApi(connection)
