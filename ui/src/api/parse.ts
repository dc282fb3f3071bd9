// The API's JSON, read into the types of this layer. What a value must have is asked for here; after this
// the types are trusted.
import { present, type Fields, type Json } from '@/base/json';
import { msFromSeconds } from '@/base/units';
import {
  kPartStages, kSpanKinds,
  type Call, type CallFlag, type CallSummary, type FieldOrigin, type LatencyPart, type LatencyRow, type LatencySummary,
  type LogLine, type ModelName, type ModelUse, type Page, type Server, type SlowTurn, type Span, type SpanDetail, type SpanEvent,
  type SpanLink, type Stages, type ToolFailure, type ToolRow, type ToolUse, type Totals, type Turn, type UsageRow, type Utterance,
} from './types';
import { parseAudio, parseClock, parseRecording } from './parse_audio';
import { parseTranscriptLine } from './parse_transcript';
import { asText, iso, nanoseconds, requiredIso, textUnlessEmpty } from './parse_values';

export const parsePage = <T>(parse: (fields: Fields) => T) => (fields: Fields): Page<T> => ({
  items: fields.list('items', parse),
  next: fields.text('next'),
});

export function parseServer(fields: Fields): Server {
  return {
    version: fields.text('version') ?? '',
    grpc: fields.text('grpc') ?? '',
    http: fields.text('http') ?? '',
    projectId: fields.number('project_id'),
    access: fields.oneOf('access', ['read-write', 'read-only'], 'read-only'),
    admin: fields.flag('admin'),
  };
}

export function parseCallSummary(fields: Fields): CallSummary {
  const latency = fields.object('latency');
  return {
    id: fields.requiredNumber('id'),
    callId: fields.text('call_id'),
    agentId: fields.number('agent_id'),
    agentName: fields.text('agent_name'),
    state: fields.oneOf('state', ['running', 'quiet', 'ended'], 'ended'),
    startedAt: requiredIso(fields, 'started_at'),
    endedAt: iso(fields, 'ended_at'),
    lastActivityAt: iso(fields, 'last_activity_at'),
    durationS: fields.number('duration_s'),
    traceIds: fields.texts('trace_ids'),
    sources: fields.texts('sources'),
    frameworks: fields.list('frameworks', (item) => present({ name: item.requiredText('name'), version: item.text('version') })),
    turnCount: fields.number('turn_count'),
    spanCount: fields.number('span_count'),
    toolCount: fields.number('tool_count'),
    toolErrorCount: fields.number('tool_error_count'),
    errorCount: fields.number('error_count'),
    interruptionCount: fields.number('interruption_count'),
    heard: parseLatencySummary(latency?.object('heard')),
    reported: parseLatencySummary(latency?.object('reported')),
    computed: parseLatencySummary(latency?.object('computed')),
    totals: parseTotals(fields.object('totals')),
    modelNames: fields.list('models', parseModelName),
    toolNames: fields.texts('tool_names'),
    flags: fields.list('flags', parseCallFlag),
    endReason: fields.text('end_reason'),
    metadata: fields.record('metadata'),
  };
}

export function parseCall(fields: Fields): Call {
  return {
    ...parseCallSummary(fields),
    turns: fields.list('turns', parseTurn),
    tools: fields.list('tools', parseToolUse),
    models: fields.list('models', parseModelUse),
    direction: fields.text('direction'),
    from: fields.text('from'),
    to: fields.text('to'),
    transport: fields.text('transport'),
    audio: parseAudio(fields.object('audio')),
    recordings: fields.list('recordings', parseRecording),
    clock: parseClock(fields.object('clock')),
    transcript: fields.list('transcript', parseTranscriptLine),
    fields: parseFieldOrigins(fields.object('fields')),
  };
}

export function parseSpan(fields: Fields): Span {
  const status = fields.object('status');
  const scope = fields.object('scope');
  const facts = fields.object('facts');
  return present({
    traceId: fields.requiredText('trace_id'),
    spanId: fields.requiredText('span_id'),
    parentSpanId: textUnlessEmpty(fields.text('parent_span_id')),
    name: fields.text('name') ?? '',
    otelKind: fields.text('kind') ?? 'INTERNAL',
    startNs: nanoseconds(fields, 'start_time_unix_nano'),
    endNs: nanoseconds(fields, 'end_time_unix_nano'),
    status: status?.oneOf('code', ['UNSET', 'OK', 'ERROR'], 'UNSET') ?? 'UNSET',
    statusMessage: textUnlessEmpty(status?.text('message')),
    scopeName: textUnlessEmpty(scope?.text('name')),
    scopeVersion: textUnlessEmpty(scope?.text('version')),
    flags: parseFlags(fields),
    kind: facts?.oneOf('kind', kSpanKinds, 'other') ?? 'other',
    framework: facts?.text('framework'),
    provider: facts?.text('provider'),
    model: facts?.text('model'),
    toolName: facts?.text('tool_name'),
    latencyMs: facts?.number('latency_ms'),
    turnIndex: facts?.number('turn_index'),
    billable: facts?.flag('billable') ?? false,
    isError: facts?.flag('is_error') ?? status?.text('code') === 'ERROR',
    costUsd: facts?.number('cost_usd'),
    inputTokens: facts?.number('input_tokens'),
    outputTokens: facts?.number('output_tokens'),
    cacheReadTokens: facts?.number('cache_read_tokens'),
    characters: facts?.number('characters'),
    isDurationValid: facts?.raw('duration_valid') !== false,
    isProvisional: facts?.flag('provisional') ?? false,
  });
}

export function parseSpanDetail(fields: Fields): SpanDetail {
  return {
    ...parseSpan(fields),
    attributes: fields.record('attributes'),
    resource: fields.record('resource'),
    events: fields.list('events', parseSpanEvent),
    links: fields.list('links', parseSpanLink),
  };
}

export function parseLogLine(fields: Fields): LogLine {
  const body = fields.raw('body');
  return present({
    timeNs: nanoseconds(fields, 'time_unix_nano'),
    severity: fields.text('severity'),
    body: asText(body) ?? '',
    attributes: fields.record('attributes'),
    traceId: textUnlessEmpty(fields.text('trace_id')),
    spanId: textUnlessEmpty(fields.text('span_id')),
  });
}

export function parseLatencyRow(fields: Fields): LatencyRow {
  return present({
    group: fields.text('group') ?? '',
    n: fields.requiredNumber('n'),
    p50Ms: fields.number('p50_ms'),
    p90Ms: fields.number('p90_ms'),
    p95Ms: fields.number('p95_ms'),
    p99Ms: fields.number('p99_ms'),
    timeNs: iso(fields, 'time'),
  });
}

export function parseUsageRow(fields: Fields): UsageRow {
  return present({
    group: fields.text('group') ?? '',
    calls: fields.number('calls') ?? 0,
    inputTokens: fields.number('input_tokens'),
    outputTokens: fields.number('output_tokens'),
    cacheReadTokens: fields.number('cache_read_tokens'),
    costUsd: fields.number('cost_usd'),
    unpricedCalls: fields.number('unpriced_calls'),
    characters: fields.number('characters'),
    audioS: fields.number('audio_s'),
  });
}

export function parseToolRow(fields: Fields): ToolRow {
  return present({
    group: fields.text('group') ?? '',
    n: fields.requiredNumber('n'),
    errors: fields.number('errors') ?? 0,
    p50Ms: fields.number('p50_ms'),
    p95Ms: fields.number('p95_ms'),
    failures: fields.list('failures', parseToolFailure),
  });
}

export function parseSlowTurn(fields: Fields): SlowTurn {
  return present({
    callId: fields.requiredNumber('call_id'),
    agentId: fields.number('agent_id'),
    turnIndex: fields.number('turn_index'),
    latencyMs: fields.requiredNumber('latency_ms'),
    source: fields.text('source'),
    startedNs: iso(fields, 'started_at'),
  });
}

function parseLatencySummary(fields: Fields | undefined): LatencySummary | undefined {
  const n = fields?.number('n') ?? 0;
  const p50Ms = fields?.number('p50_ms');
  const p95Ms = fields?.number('p95_ms');
  if (fields === undefined || n === 0 || p50Ms === undefined || p95Ms === undefined) return undefined;
  return present({ n, p50Ms, p95Ms, maxMs: fields.number('max_ms') });
}

function parseTotals(fields: Fields | undefined): Totals {
  if (fields === undefined) return {};
  return present({
    inputTokens: fields.number('input_tokens'),
    outputTokens: fields.number('output_tokens'),
    cacheReadTokens: fields.number('cache_read_tokens'),
    cacheWriteTokens: fields.number('cache_write_tokens'),
    reasoningTokens: fields.number('reasoning_tokens'),
    audioInputTokens: fields.number('audio_input_tokens'),
    audioOutputTokens: fields.number('audio_output_tokens'),
    characters: fields.number('characters'),
    sttAudioS: fields.number('stt_audio_s'),
    ttsAudioS: fields.number('tts_audio_s'),
    costUsd: fields.number('cost_usd'),
  });
}

function parseModelName(fields: Fields): ModelName {
  return present({ model: fields.text('model') ?? '', provider: fields.text('provider'), kind: fields.text('kind') });
}

function parseCallFlag(fields: Fields): CallFlag {
  const code = fields.requiredText('code');
  return present({ code, message: fields.text('message') ?? code, spanId: fields.text('span_id') });
}

function parseTurn(fields: Fields): Turn {
  const latency = fields.object('latency');
  const user = fields.object('user');
  const agent = fields.object('agent');
  return present({
    index: fields.requiredNumber('index'),
    reportedIndex: fields.number('reported_index'),
    source: fields.oneOf('source', ['span', 'paired', 'inferred'], 'inferred'),
    start: msFromSeconds(fields.requiredNumber('start_s')),
    end: msFromSeconds(fields.number('end_s') ?? fields.requiredNumber('start_s')),
    user: user === undefined ? undefined : parseUtterance(user),
    agent: agent === undefined ? undefined : parseUtterance(agent),
    interrupted: fields.flag('interrupted'),
    interruptedBy: fields.text('interrupted_by'),
    heardMs: latency?.number('heard_ms'),
    parts: latency?.list('parts', parsePart) ?? [],
    reportedMs: latency?.number('reported_ms'),
    computedMs: latency?.number('computed_ms'),
    computedFrom: latency?.text('computed_from'),
    stages: parseStages(fields.object('stages')),
    spanIds: fields.texts('span_ids'),
  });
}

function parseUtterance(fields: Fields): Utterance {
  const start = fields.number('start_s') ?? fields.number('end_s') ?? 0;
  return present({
    start: msFromSeconds(start),
    end: msFromSeconds(fields.number('end_s') ?? start),
    text: textUnlessEmpty(fields.text('text')),
    generatedText: textUnlessEmpty(fields.text('generated_text')),
  });
}

function parseStages(fields: Fields | undefined): Stages {
  if (fields === undefined) return {};
  return present({
    endpointingMs: fields.number('endpointing_ms'),
    sttMs: fields.number('stt_ms'),
    llmTtftMs: fields.number('llm_ttft_ms'),
    toolMs: fields.number('tool_ms'),
    llmRoundsMs: fields.number('llm_rounds_ms'),
    textAggregationMs: fields.number('text_aggregation_ms'),
    ttsTtfbMs: fields.number('tts_ttfb_ms'),
    unattributedMs: fields.number('unattributed_ms'),
  });
}

function parseToolUse(fields: Fields): ToolUse {
  const start = fields.number('start_s');
  return present({
    name: fields.text('name') ?? '',
    callId: fields.text('call_id'),
    arguments: asText(fields.raw('arguments')),
    result: asText(fields.raw('result')),
    isError: fields.flag('is_error'),
    error: asText(fields.raw('error')),
    start: start === undefined ? undefined : msFromSeconds(start),
    durationMs: fields.number('duration_ms'),
    turnIndex: fields.number('turn_index'),
    traceId: fields.text('trace_id'),
    spanId: fields.text('span_id'),
    synthetic: fields.flag('synthetic'),
  });
}

function parseModelUse(fields: Fields): ModelUse {
  return present({
    kind: fields.text('kind') ?? 'other',
    provider: fields.text('provider'),
    model: textUnlessEmpty(fields.text('model')),
    calls: fields.number('calls') ?? 0,
    errors: fields.number('errors'),
    inputTokens: fields.number('input_tokens'),
    outputTokens: fields.number('output_tokens'),
    cacheReadTokens: fields.number('cache_read_tokens'),
    characters: fields.number('characters'),
    audioS: fields.number('audio_s'),
    costUsd: fields.number('cost_usd'),
    costSource: fields.oneOf('cost_source', ['reported', 'computed', 'none'], 'none'),
    latency: parseLatencySummary(fields.object('latency')),
  });
}

function parseSpanEvent(fields: Fields): SpanEvent {
  return { name: fields.text('name') ?? '', timeNs: nanoseconds(fields, 'time_unix_nano'), attributes: fields.record('attributes') };
}

function parseSpanLink(fields: Fields): SpanLink {
  return { traceId: fields.text('trace_id') ?? '', spanId: fields.text('span_id') ?? '', attributes: fields.record('attributes') };
}

function parseToolFailure(fields: Fields): ToolFailure {
  return present({
    callId: fields.requiredNumber('call_id'),
    traceId: fields.text('trace_id'),
    spanId: fields.text('span_id'),
    arguments: asText(fields.raw('arguments')),
    error: asText(fields.raw('error')),
  });
}

/** Flags are words, or objects with a code; a bit field reads as none. */
function parseFlags(fields: Fields): readonly string[] {
  const value = fields.raw('flags');
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).flatMap((item) => {
    if (typeof item === 'string') return [item];
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
      const code = (item as Record<string, Json>)['code'];
      return typeof code === 'string' ? [code] : [];
    }
    return [];
  });
}

function parsePart(fields: Fields): LatencyPart {
  const captured = fields.text('state') !== 'not_captured';
  return present({ stage: fields.oneOf('stage', kPartStages, 'unexplained'), ms: captured ? fields.number('ms') : undefined, spanIds: fields.texts('span_ids') });
}

function parseFieldOrigins(fields: Fields | undefined): Readonly<Record<string, FieldOrigin>> {
  if (fields === undefined) return {};
  return Object.fromEntries(
    fields.keys().flatMap((name) => {
      const origin = fields.object(name);
      const source = origin?.text('source');
      return origin === undefined || source === undefined ? [] : [[name, { source, others: origin.list('others', (other) => ({ source: other.text('source') ?? '', value: other.raw('value') ?? null })) }]];
    }),
  );
}
