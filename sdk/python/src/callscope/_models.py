"""What the server takes and answers. Made of the server's OpenAPI description by tools/make_client.py."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

Row = dict[str, Any]


class Server(TypedDict):
    version: str
    grpc: str
    http: str
    project_id: int
    access: Literal["read-write", "read-only"]
    admin: bool


class _CallSummaryFramework(TypedDict):
    name: str


class CallSummaryFramework(_CallSummaryFramework, total=False):
    version: str


class _LatencySummary(TypedDict):
    n: int
    p50_ms: float
    p95_ms: float


class LatencySummary(_LatencySummary, total=False):
    max_ms: float
    slowest_turn: int


class CallSummaryLatency(TypedDict):
    """From the end of the caller's words to the start of the agent's: as the framework reported it, as computed from spans, and as heard in the first recording that was analysed; never mixed."""

    reported: LatencySummary | None
    computed: LatencySummary | None
    heard: LatencySummary | None


class Totals(TypedDict, total=False):
    """Sums over what was captured; a member that nothing reported is absent."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    audio_input_tokens: int
    audio_output_tokens: int
    characters: int
    stt_audio_s: float
    tts_audio_s: float
    cost_usd: float


class CallSummaryModel(TypedDict, total=False):
    model: str
    provider: str
    kind: str


class _CallFlag(TypedDict):
    code: str
    message: str


class CallFlag(_CallFlag, total=False):
    span_id: str


class _CallSummary(TypedDict):
    id: int
    project_id: int
    agent_id: int
    state: Literal["running", "quiet", "ended"]
    started_at: str
    ended_at: str | None
    duration_s: float | None
    trace_ids: list[str]
    sources: list[str]
    totals: Totals
    flags: list[CallFlag]


class CallSummary(_CallSummary, total=False):
    call_id: str
    agent_name: str
    last_activity_at: str
    frameworks: list[CallSummaryFramework]
    turn_count: int
    span_count: int
    tool_count: int
    tool_error_count: int
    error_count: int
    interruption_count: int
    latency: CallSummaryLatency
    models: list[CallSummaryModel]
    tool_names: list[str]
    end_reason: str
    metadata: Row


class CallPage(TypedDict):
    """Calls."""

    items: list[CallSummary]
    next: str | None


CallReport = TypedDict(
    "CallReport",
    {
        "call_id": "str",
        "agent_id": "int",
        "started_at": "str",
        "ended_at": "str",
        "end_reason": "str",
        "trace_id": "str",
        "trace_ids": "list[str]",
        "session_ids": "list[str]",
        "metadata": "Row",
        "dynamic_variables": "Row",
        "customer_number": "str",
        "from": "str",
        "to": "str",
        "direction": "str",
        "transport": "str",
        "feedback": "str",
        "transcript": "list[Row]",
        "recording_url": "str",
        "agent_channel": "int",
        "logs": "list[Row]",
    },
    total=False,
)


class Utterance(TypedDict, total=False):
    start_s: float
    end_s: float
    text: str
    generated_text: str


class TurnLatencyPart(TypedDict):
    stage: str
    ms: int | None
    state: Literal["measured", "not_captured"]
    span_ids: list[str]


class TurnLatency(TypedDict, total=False):
    reported_ms: float
    computed_ms: float
    heard_ms: int
    parts: list[TurnLatencyPart]
    computed_from: str


class Stages(TypedDict, total=False):
    """Where the time between the caller's and the agent's words went."""

    endpointing_ms: float
    stt_ms: float
    llm_rounds_ms: float
    llm_ttft_ms: float
    tool_ms: float
    text_aggregation_ms: float
    tts_ttfb_ms: float
    unattributed_ms: float


class _Turn(TypedDict):
    index: int
    source: Literal["span", "paired", "inferred", "transcript"]
    user: Utterance | None
    agent: Utterance | None
    interrupted: bool
    latency: TurnLatency
    stages: Stages
    span_ids: list[str]


class Turn(_Turn, total=False):
    reported_index: int
    start_s: float
    end_s: float
    interrupted_by: str


class _ToolUse(TypedDict):
    name: str
    is_error: bool
    synthetic: bool


class ToolUse(_ToolUse, total=False):
    call_id: str
    arguments: str
    result: str
    error: str
    start_s: float
    duration_ms: float
    turn_index: int
    trace_id: str
    span_id: str


class _ModelUse(TypedDict):
    kind: str
    calls: int
    cost_source: Literal["reported", "computed", "none"]
    latency: LatencySummary | None
    errors: int


class ModelUse(_ModelUse, total=False):
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    characters: int
    audio_s: float
    cost_usd: float


class _TranscriptEntryTool(TypedDict):
    name: str
    arguments: str
    is_error: bool


class TranscriptEntryTool(_TranscriptEntryTool, total=False):
    id: str
    result: str
    error: str
    duration_ms: float


class _TranscriptEntry(TypedDict):
    index: int
    role: Literal["caller", "agent", "tool", "system"]
    text: str


class TranscriptEntry(_TranscriptEntry, total=False):
    """Times are seconds from the start of the call; absent where nobody said."""

    generated_text: str
    start_s: float
    end_s: float
    interrupted: bool
    confidence: float
    tool: TranscriptEntryTool


class _CallPart(TypedDict):
    id: str
    source: str


class CallPart(_CallPart, total=False):
    received_at: str


class CallNote(TypedDict, total=False):
    source: str
    field: str
    message: str


class _Recording(TypedDict):
    id: int
    source: Literal["sdk", "observe", "livekit", "api", "url"]
    state: Literal["receiving", "complete", "failed"]
    content_type: str
    format: Literal["wav", "flac", "mp3", "ogg", "raw", ""]
    channels: int | None
    sample_rate_hz: int | None
    duration_s: float | None
    bytes: int
    started_at: str | None
    agent_channel: int | None
    url: str


class Recording(_Recording, total=False):
    encoding: str
    error: str
    created_at: str
    play_url: str


Call = TypedDict(
    "Call",
    {
        "direction": "str",
        "from": "str",
        "to": "str",
        "transport": "str",
        "turns": "list[Turn]",
        "tools": "list[ToolUse]",
        "models": "list[ModelUse]",
        "audio": "Row | None",
        "clock": "Row | None",
        "customer_number": "str",
        "feedback": "str",
        "transcript_source": "str",
        "transcript": "list[TranscriptEntry]",
        "full_metadata": "Row",
        "dynamic_variables": "Row",
        "parts": "list[CallPart]",
        "fields": "Row",
        "notes": "list[CallNote]",
        "recordings": "list[Recording]",
    },
    total=False,
)


class PutTranscriptBody(TypedDict):
    transcript: list[Row]


MergeCallsBody = TypedDict("MergeCallsBody", {"with": "list[int]"}, total=False)


class SplitCallBody(TypedDict):
    parts: list[str]


class NudgeClockBody(TypedDict):
    nudge_ms: float | None


class _WithdrawSessionBody(TypedDict):
    session_id: str


class WithdrawSessionBody(_WithdrawSessionBody, total=False):
    agent_id: int
    session_start: str
    trace_id: str


class WithdrawSessionAnswer(TypedDict):
    withdrawn: bool


class _SpanStatus(TypedDict):
    code: Literal["UNSET", "OK", "ERROR"]


class SpanStatus(_SpanStatus, total=False):
    message: str


class _SpanScope(TypedDict):
    name: str
    version: str


class SpanScope(_SpanScope, total=False):
    attributes: Row


class _Facts(TypedDict):
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
    billable: bool
    is_error: bool
    interrupted: bool


class Facts(_Facts, total=False):
    """What Callscope understood of the span; absent means not captured."""

    framework: str
    rule: str
    duration_valid: bool
    provisional: bool
    cost_source: Literal["none", "reported", "computed"]
    provider: str
    model: str
    tool_name: str
    session_key: str
    turn_index: int
    latency_ms: float
    response_latency_ms: float
    endpointing_ms: float
    transcription_ms: float
    text_aggregation_ms: float
    queue_wait_ms: float
    hook_ms: float
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    audio_input_tokens: int
    audio_output_tokens: int
    audio_cache_read_tokens: int
    characters: int
    audio_s: float
    session_s: float
    cost_usd: float


class SpanEvent(TypedDict):
    name: str
    time_unix_nano: str
    attributes: Row


class _SpanLink(TypedDict):
    trace_id: str
    span_id: str
    attributes: Row


class SpanLink(_SpanLink, total=False):
    trace_state: str


class _Span(TypedDict):
    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    kind: Literal["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
    start_time_unix_nano: str
    end_time_unix_nano: str
    status: SpanStatus
    flags: list[
        Literal[
            "end_before_start",
            "no_name",
            "no_start",
            "no_end",
            "attribute_cut",
            "attributes_dropped",
            "clock_far_off",
            "replaced",
        ]
    ]
    scope: SpanScope
    facts: Facts


class Span(_Span, total=False):
    """The light form lacks `attributes`, `resource`, `events` and `links`."""

    attributes: Row
    resource: Row
    events: list[SpanEvent]
    links: list[SpanLink]
    trace_state: str
    agent_id: int
    dropped_attributes_count: int
    dropped_events_count: int
    dropped_links_count: int


class SpanPage(TypedDict):
    """Spans."""

    items: list[Span]
    next: str | None


class LogLineScope(TypedDict, total=False):
    name: str
    version: str


class _LogLine(TypedDict):
    time_unix_nano: str
    body: Any
    attributes: Row


class LogLine(_LogLine, total=False):
    severity: str
    severity_number: int
    event_name: str
    trace_id: str
    span_id: str
    resource: Row
    scope: LogLineScope


class LogPage(TypedDict):
    """Log lines."""

    items: list[LogLine]
    next: str | None


class AddCallLogsBody(TypedDict):
    items: list[Row]


class Trace(TypedDict):
    trace_id: str
    spans: list[Span]


class GetTraceAnswer(TypedDict, total=False):
    """OTLP/JSON"""

    resourceSpans: list[Row]


class _SpanMessageToolCall(TypedDict):
    name: str
    arguments: str


class SpanMessageToolCall(_SpanMessageToolCall, total=False):
    id: str


class _SpanMessage(TypedDict):
    role: str
    content: str
    tool_calls: list[SpanMessageToolCall]


class SpanMessage(_SpanMessage, total=False):
    tool_call_id: str


class _SpanMessages(TypedDict):
    input: list[SpanMessage]
    output: list[SpanMessage]


class SpanMessages(_SpanMessages, total=False):
    system: str


class _LatencyRow(TypedDict):
    group: str
    n: int
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float


class LatencyRow(_LatencyRow, total=False):
    time: str


class LatencyRowPage(TypedDict):
    items: list[LatencyRow]
    next: None


class _UsageRow(TypedDict):
    group: str
    calls: int
    unpriced_calls: int


class UsageRow(_UsageRow, total=False):
    time: str
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    characters: int
    audio_s: float
    cost_usd: float


class UsageRowPage(TypedDict):
    items: list[UsageRow]
    next: None


class _ToolRowFailure(TypedDict):
    call_id: int


class ToolRowFailure(_ToolRowFailure, total=False):
    trace_id: str
    span_id: str
    time: str
    arguments: str
    error: str


class _ToolRow(TypedDict):
    group: str
    n: int
    errors: int
    error_rate: float
    failures: list[ToolRowFailure]


class ToolRow(_ToolRow, total=False):
    p50_ms: float
    p95_ms: float


class ToolRowPage(TypedDict):
    items: list[ToolRow]
    next: None


class _SlowTurn(TypedDict):
    call_id: int
    latency_ms: float
    source: Literal["reported", "computed", "heard"]


class SlowTurn(_SlowTurn, total=False):
    agent_id: int
    turn_index: int
    started_at: str


class SlowTurnPage(TypedDict):
    items: list[SlowTurn]
    next: None


class _Project(TypedDict):
    id: int
    name: str


class Project(_Project, total=False):
    duplicate_call_ids: Literal["update", "refuse"]
    retention_days: int
    created_at: str


class ProjectPage(TypedDict):
    """Projects; without an administrator's key only the key's own."""

    items: list[Project]
    next: str | None


class CreateProjectBody(TypedDict):
    name: str


class ChangeProjectBody(TypedDict, total=False):
    duplicate_call_ids: Literal["update", "refuse"]
    retention_days: int | None


class GetProviderAnswer(TypedDict):
    provider: Literal["retell", "elevenlabs", "vapi"]
    has_secret: bool


class PutProviderSecretBody(TypedDict):
    secret: str


class PutProviderSecretAnswer(TypedDict):
    provider: Literal["retell", "elevenlabs", "vapi"]
    has_secret: bool


class ListLivekitKeysAnswerItem(TypedDict):
    api_key: str


class ListLivekitKeysAnswer(TypedDict):
    items: list[ListLivekitKeysAnswerItem]
    next: None


class PutLivekitKeyBody(TypedDict):
    api_key: str
    api_secret: str


class PutLivekitKeyAnswerItem(TypedDict):
    api_key: str


class PutLivekitKeyAnswer(TypedDict):
    items: list[PutLivekitKeyAnswerItem]
    next: None


class _User(TypedDict):
    id: int
    name: str
    project_id: int
    role: Literal["viewer", "member", "admin"]


class User(_User, total=False):
    created_at: str
    last_signed_in_at: str


class UserPage(TypedDict):
    items: list[User]
    next: str | None


class _CreateUserBody(TypedDict):
    name: str
    password: str


class CreateUserBody(_CreateUserBody, total=False):
    role: Literal["viewer", "member", "admin"]
    project_id: int


class ChangeUserBody(TypedDict, total=False):
    role: Literal["viewer", "member", "admin"]
    password: str


class _GetMeAnswer(TypedDict):
    project_id: int
    access: Literal["read-write", "read-only"]
    admin: bool


class GetMeAnswer(_GetMeAnswer, total=False):
    user: User


class _OwnPrice(TypedDict):
    model: str
    unit: Literal[
        "input_mtok",
        "output_mtok",
        "cache_read_mtok",
        "cache_write_mtok",
        "input_audio_mtok",
        "output_audio_mtok",
        "cache_audio_read_mtok",
        "output_reasoning_mtok",
        "audio_hours",
        "input_audio_hours",
        "output_audio_hours",
        "input_mchars",
        "requests_kcount",
        "session_hours",
    ]
    usd: float


class OwnPrice(_OwnPrice, total=False):
    provider: str


class _EffectivePrice(TypedDict):
    provider: str
    model: str
    source: Literal["own", "server", "list"]
    rates: Row
    has_tiers: bool


class EffectivePrice(_EffectivePrice, total=False):
    url: str
    verified: str


class EffectivePricePage(TypedDict):
    own: list[OwnPrice]
    items: list[EffectivePrice]
    next: str | None


class PutPricesBody(TypedDict):
    own: list[OwnPrice]


class PutPricesAnswer(TypedDict):
    own: list[OwnPrice]


class SavedView(TypedDict):
    id: int
    project_id: int
    name: str
    query: str
    created_at: str
    updated_at: str


class SavedViewPage(TypedDict):
    items: list[SavedView]
    next: str | None


class _SavedViewBody(TypedDict):
    name: str


class SavedViewBody(_SavedViewBody, total=False):
    project_id: int
    query: str


class Webhook(TypedDict):
    id: int
    project_id: int
    url: str
    events: list[Literal["call.completed"]]
    created_at: str


class WebhookPage(TypedDict):
    items: list[Webhook]
    next: str | None


class _CreateWebhookBody(TypedDict):
    url: str


class CreateWebhookBody(_CreateWebhookBody, total=False):
    project_id: int
    secret: str
    events: list[Literal["call.completed"]]


class CreateWebhookAnswer(Webhook):
    secret: str


class _Delivery(TypedDict):
    id: int
    call_id: int
    event: Literal["call.completed"]
    state: Literal["pending", "delivered", "failed"]
    attempts: int
    last_status: int | None
    created_at: str


class Delivery(_Delivery, total=False):
    error: str
    last_attempt_at: str
    next_attempt_at: str


class DeliveryPage(TypedDict):
    items: list[Delivery]
    next: str | None


class _Agent(TypedDict):
    id: int
    name: str
    project_id: int


class Agent(_Agent, total=False):
    service_name: str
    provider: str
    tracing: Literal["on", "off"]
    retention_days: int
    unclaimed: Literal["keep", "drop"]
    unclaimed_after_s: int
    created_at: str


class AgentPage(TypedDict):
    """Agents."""

    items: list[Agent]
    next: str | None


class _CreateAgentBody(TypedDict):
    name: str


class CreateAgentBody(_CreateAgentBody, total=False):
    project_id: int
    service_name: str
    provider: Literal["pipecat", "livekit", "custom", ""]


class ChangeAgentBody(TypedDict, total=False):
    unclaimed: Literal["keep", "drop"]
    unclaimed_after_s: int
    tracing: Literal["on", "off"]
    provider: Literal["pipecat", "livekit", "custom", ""]
    retention_days: int | None


class _Key(TypedDict):
    id: int
    name: str
    project_id: int
    access: Literal["read-write", "read-only"]
    admin: bool


class Key(_Key, total=False):
    created_at: str
    last_used_at: str
    revoked_at: str


class KeyPage(TypedDict):
    """Keys, without their secret."""

    items: list[Key]
    next: str | None


class CreateKeyBody(TypedDict, total=False):
    project_id: int
    access: Literal["read-write", "read-only"]
    name: str


class CreateKeyAnswer(TypedDict):
    id: int
    key: str


class ListUnmappedAnswerItem(TypedDict):
    framework: str
    key: str
    count: int


class ListUnmappedAnswer(TypedDict):
    items: list[ListUnmappedAnswerItem]
    next: None
