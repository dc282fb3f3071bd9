// What the API says, with its units in the names. Absent means not measured or not known; it is never zero.
import type { Json, JsonObject } from '@/base/json';
import type { EpochNs, Ms } from '@/base/units';

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

export interface Server {
  readonly version: string;
  readonly grpc: string;
  readonly http: string;
  readonly projectId: number | undefined;
  readonly access: Access;
  /** Whether the key may manage projects and keys. */
  readonly admin: boolean;
}

export type CallState = 'running' | 'quiet' | 'ended';

export interface LatencySummary {
  readonly n: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs?: number;
}

export interface Totals {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
  readonly audioInputTokens?: number;
  readonly audioOutputTokens?: number;
  readonly characters?: number;
  readonly sttAudioS?: number;
  readonly ttsAudioS?: number;
  readonly costUsd?: number;
}

export interface CallFlag {
  readonly code: string;
  readonly message: string;
  readonly spanId?: string;
}

export interface ModelName {
  readonly model: string;
  readonly provider?: string;
  readonly kind?: string;
}

export interface CallSummary {
  readonly id: number;
  readonly callId: string | undefined;
  readonly agentId: number | undefined;
  readonly agentName: string | undefined;
  readonly state: CallState;
  readonly startedAt: EpochNs;
  readonly endedAt: EpochNs | undefined;
  readonly lastActivityAt: EpochNs | undefined;
  readonly durationS: number | undefined;
  readonly traceIds: readonly string[];
  readonly sources: readonly string[];
  readonly frameworks: readonly { readonly name: string; readonly version?: string }[];
  readonly turnCount: number | undefined;
  readonly spanCount: number | undefined;
  readonly toolCount: number | undefined;
  readonly toolErrorCount: number | undefined;
  readonly errorCount: number | undefined;
  readonly interruptionCount: number | undefined;
  /** Response latency as the recording has it, as the framework says, and as the spans say. Never mixed. */
  readonly heard: LatencySummary | undefined;
  readonly reported: LatencySummary | undefined;
  readonly computed: LatencySummary | undefined;
  readonly totals: Totals;
  readonly modelNames: readonly ModelName[];
  readonly toolNames: readonly string[];
  readonly flags: readonly CallFlag[];
  readonly endReason: string | undefined;
  readonly metadata: JsonObject;
}

export interface Utterance {
  readonly start: Ms;
  readonly end: Ms;
  readonly text?: string;
  readonly generatedText?: string;
}

export interface Stages {
  readonly endpointingMs?: number;
  readonly sttMs?: number;
  readonly llmTtftMs?: number;
  readonly toolMs?: number;
  readonly llmRoundsMs?: number;
  readonly textAggregationMs?: number;
  readonly ttsTtfbMs?: number;
  readonly unattributedMs?: number;
}

export const kPartStages = ['endpointing', 'stt', 'llm', 'tool', 'tts', 'playout', 'unexplained'] as const;
export type PartStage = (typeof kPartStages)[number];

/** One piece of the silence a caller heard. The measured pieces of a turn sum to its heard latency exactly. */
export interface LatencyPart {
  readonly stage: PartStage;
  /** Absent where the framework does not say what this stage took. */
  readonly ms?: number;
  readonly spanIds: readonly string[];
}

export interface Turn {
  readonly index: number;
  readonly reportedIndex?: number;
  readonly source: 'span' | 'paired' | 'inferred';
  readonly start: Ms;
  readonly end: Ms;
  readonly user?: Utterance;
  readonly agent?: Utterance;
  readonly interrupted: boolean;
  readonly interruptedBy?: string;
  readonly heardMs?: number;
  readonly reportedMs?: number;
  readonly computedMs?: number;
  readonly computedFrom?: string;
  /** Where the heard latency went; empty without an aligned recording. */
  readonly parts: readonly LatencyPart[];
  readonly stages: Stages;
  readonly spanIds: readonly string[];
}

export interface ToolUse {
  readonly name: string;
  readonly callId?: string;
  readonly arguments?: string;
  readonly result?: string;
  readonly isError: boolean;
  readonly error?: string;
  readonly start?: Ms;
  readonly durationMs?: number;
  readonly turnIndex?: number;
  readonly traceId?: string;
  readonly spanId?: string;
  /** Rebuilt from the messages of the model calls around it, as no span exists for it. */
  readonly synthetic: boolean;
}

export interface ModelUse {
  readonly kind: string;
  readonly provider?: string;
  readonly model?: string;
  readonly calls: number;
  readonly errors?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly characters?: number;
  readonly audioS?: number;
  readonly costUsd?: number;
  readonly costSource: 'reported' | 'computed' | 'none';
  readonly latency?: LatencySummary;
}

export interface Call extends CallSummary {
  readonly direction?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly transport?: string | undefined;
  readonly audio: Audio | undefined;
  readonly recordings: readonly Recording[];
  readonly clock: Clock | undefined;
  readonly transcript: readonly TranscriptLine[];
  /** For each field that several sources know: who won, and what the others said. */
  readonly fields: Readonly<Record<string, FieldOrigin>>;
  readonly turns: readonly Turn[];
  readonly tools: readonly ToolUse[];
  readonly models: readonly ModelUse[];
}

/** Seconds from sample 0 of a recording. */
export interface AudioTurn {
  readonly index: number;
  readonly speaker: 'caller' | 'agent';
  readonly startS: number;
  readonly endS: number;
  readonly responseLatencyS?: number;
}

export interface AudioSegment {
  readonly channel: number;
  readonly startS: number;
  readonly endS: number;
}

export interface AudioEvent {
  readonly type: string;
  readonly startS: number;
  readonly endS?: number;
  readonly detail: JsonObject;
}

export interface AudioFacts {
  readonly turns: readonly AudioTurn[];
  readonly segments: readonly AudioSegment[];
  readonly events: readonly AudioEvent[];
  readonly metrics: JsonObject;
  readonly health: JsonObject;
  readonly settings: JsonObject;
  readonly durationS?: number;
  /** Which channel is the agent, stated or found. */
  readonly agentChannel?: number;
}

/** What has become of the analysis of a call's recording. */
export type Audio =
  | { readonly state: 'receiving' | 'queued' | 'analysing'; readonly recordingId?: string; readonly progress?: number }
  | { readonly state: 'failed'; readonly recordingId?: string; readonly error: string }
  | ({ readonly state: 'done'; readonly recordingId?: string } & AudioFacts);

export interface Recording {
  readonly id: string;
  readonly contentType: string;
  readonly format?: string;
  readonly channels: number;
  readonly sampleRateHz?: number;
  readonly durationS?: number;
  readonly bytes?: number;
  readonly startedAt?: EpochNs;
  readonly agentChannel?: number;
  readonly state: 'receiving' | 'complete' | 'failed';
  readonly url: string;
  /** Where it is played from without a key, for a while. */
  readonly playUrl?: string;
  readonly source?: string;
}

/** How sample 0 of the recording lies on the call's axis. */
export type Clock =
  | { readonly state: 'unknown'; readonly nudgeMs?: number; readonly matches?: number }
  | { readonly state: 'known'; readonly offsetMs: number; readonly driftPpm: number; readonly uncertaintyMs?: number; readonly method?: string; readonly matches?: number; readonly nudgeMs?: number };

export type TranscriptRole = 'caller' | 'agent' | 'tool' | 'system';

export interface TranscriptTool {
  readonly id?: string;
  readonly name: string;
  readonly arguments?: string;
  readonly result?: string;
  readonly isError: boolean;
  readonly error?: string;
}

export interface TranscriptLine {
  readonly index: number;
  readonly role: TranscriptRole;
  readonly text: string;
  readonly start?: Ms;
  readonly end?: Ms;
  readonly interrupted: boolean;
  readonly generatedText?: string;
  readonly confidence?: number;
  readonly tool?: TranscriptTool;
  readonly source?: string;
}

export interface FieldOrigin {
  readonly source: string;
  readonly others: readonly { readonly source: string; readonly value: Json }[];
}

export const kSpanKinds = [
  'call', 'turn', 'user_turn', 'agent_turn', 'stt', 'llm', 's2s', 'tts', 'tool', 'turn_detection', 'user_speech', 'agent_speech', 'amd',
  'agent', 'workflow', 'retrieval', 'embedding', 'memory', 'guardrail', 'eval', 'wrapper', 'attempt', 'transport', 'lifecycle', 'stall', 'other',
] as const;
export type SpanKind = (typeof kSpanKinds)[number];

/** What the timeline needs of a span. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly otelKind: string;
  readonly startNs: EpochNs;
  readonly endNs: EpochNs;
  readonly status: 'UNSET' | 'OK' | 'ERROR';
  readonly statusMessage?: string;
  readonly scopeName?: string;
  readonly scopeVersion?: string;
  readonly flags: readonly string[];
  readonly kind: SpanKind;
  readonly framework?: string;
  readonly provider?: string;
  readonly model?: string;
  readonly toolName?: string;
  readonly latencyMs?: number;
  readonly turnIndex?: number;
  readonly billable: boolean;
  readonly isError: boolean;
  readonly costUsd?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly characters?: number;
  /** False where how long the span lasted says nothing about how long the work took. */
  readonly isDurationValid: boolean;
  /** The span is still open: its end is not known yet. */
  readonly isProvisional: boolean;
}

export interface SpanEvent {
  readonly name: string;
  readonly timeNs: EpochNs;
  readonly attributes: JsonObject;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: JsonObject;
}

export interface SpanDetail extends Span {
  readonly attributes: JsonObject;
  readonly resource: JsonObject;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
}

export interface LogLine {
  readonly timeNs: EpochNs;
  readonly severity?: string;
  readonly body: string;
  readonly attributes: JsonObject;
  readonly traceId?: string;
  readonly spanId?: string;
}

export interface LatencyRow {
  readonly group: string;
  readonly n: number;
  readonly p50Ms?: number;
  readonly p90Ms?: number;
  readonly p95Ms?: number;
  readonly p99Ms?: number;
  readonly timeNs?: EpochNs;
}

export interface UsageRow {
  readonly group: string;
  readonly calls: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly costUsd?: number;
  readonly unpricedCalls?: number;
  readonly characters?: number;
  readonly audioS?: number;
}

export interface ToolFailure {
  readonly callId: number;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly arguments?: string;
  readonly error?: string;
}

export interface ToolRow {
  readonly group: string;
  readonly n: number;
  readonly errors: number;
  readonly p50Ms?: number;
  readonly p95Ms?: number;
  readonly failures: readonly ToolFailure[];
}

export interface SlowTurn {
  readonly callId: number;
  readonly agentId?: number;
  /** Absent where an answer was heard that belongs to no turn. */
  readonly turnIndex?: number;
  readonly latencyMs: number;
  readonly source?: string;
  readonly startedNs?: EpochNs;
}

export type Access = 'read-write' | 'read-only';
