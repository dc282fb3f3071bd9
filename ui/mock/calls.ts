// What the server would answer about a planned call at a moment of its life.
import { planCall, type CallPlan, type TurnPlan } from './plan.ts';
import { spansOf, type WireSpan } from './spans.ts';
import { Random } from './random.ts';
import { audioOf, clockOf, heardOf, recordingsOf, transcriptOf, variantOf } from './audio.ts';

type Row = Record<string, unknown>;

export interface MockCalls {
  readonly plans: CallPlan[];
  spans(plan: CallPlan, now: number): readonly WireSpan[];
}

const kDialects = ['pipecat', 'livekit', 'custom', 'pipecat', 'livekit', 'realtime', 'pipecat'] as const;

export function makeCalls(now: number): MockCalls {
  const random = new Random(20_261_121);
  const plans: CallPlan[] = [];
  let id = 900;
  // Two that run, one of them just begun.
  plans.push(planCall({ id: id--, seed: 11, dialect: 'pipecat', startedAt: now - 12_000, turnCount: 60, dialogue: 1 }));
  plans.push(planCall({ id: id--, seed: 12, dialect: 'livekit', startedAt: now - 64_000, turnCount: 60, dialogue: 2 }));
  plans.push(planCall({ id: id--, seed: 7, dialect: 'pipecat', startedAt: now - 311_000, turnCount: 7, dialogue: 0, slow: true }));
  plans.push(planCall({ id: id--, seed: 21, dialect: 'livekit', startedAt: now - 702_000, turnCount: 7, dialogue: 0, slow: true }));
  plans.push(planCall({ id: id--, seed: 23, dialect: 'custom', startedAt: now - 1_211_000, turnCount: 6, dialogue: 2 }));
  plans.push(planCall({ id: id--, seed: 24, dialect: 'livekit', startedAt: now - 21_500_000, turnCount: 1_330, dialogue: 0 }));
  plans.push(planCall({ id: id--, seed: 25, dialect: 'pipecat', startedAt: now - 22_000_000, turnCount: 5, dialogue: 1, rootLost: true }));
  plans.push(planCall({ id: id--, seed: 26, dialect: 'realtime', startedAt: now - 22_700_000, turnCount: 6, dialogue: 2 }));
  let at = now - 23_000_000;
  for (let seed = 100; seed < 520; seed++) {
    at -= random.between(60_000, 2_400_000);
    plans.push(planCall({ id: id--, seed, dialect: kDialects[seed % kDialects.length]!, startedAt: Math.round(at), rootLost: seed % 41 === 0, slow: seed % 9 === 0 }));
  }
  const cache = new Map<number, readonly WireSpan[]>();
  return {
    plans,
    spans: (plan, time) => {
      let spans = cache.get(plan.id);
      if (spans === undefined) {
        spans = spansOf(plan);
        cache.set(plan.id, spans);
      }
      const elapsed = time - plan.startedAt;
      return elapsed >= plan.length ? spans : spans.filter((span) => span.end <= elapsed);
    },
  };
}

const seconds = (ms: number): number => Math.round(ms) / 1000;
const iso = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

export function latencySummary(values: readonly number[]): Row | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return { n: sorted.length, p50_ms: quantile(sorted, 0.5), p95_ms: quantile(sorted, 0.95), max_ms: sorted.at(-1) };
}

export const responseMs = (turn: TurnPlan): number | undefined => (turn.user === undefined ? undefined : Math.round(turn.agent.start - turn.user.end));
const reports = (plan: CallPlan): boolean => plan.dialect === 'pipecat' || plan.dialect === 'livekit';

export function summary(plan: CallPlan, now: number, spanCount: number): Row {
  const elapsed = now - plan.startedAt;
  const ended = elapsed >= plan.length;
  const turns = plan.turns.filter((turn) => ended || turn.agent.end <= elapsed);
  const length = Math.min(elapsed, plan.length);
  const latencies = turns.flatMap((turn) => responseMs(turn) ?? []);
  const sum = (pick: (turn: TurnPlan) => number): number => turns.reduce((total, turn) => total + pick(turn), 0);
  const tools = turns.flatMap((turn) => turn.tool ?? []);
  const failed = tools.filter((tool) => tool.error !== undefined).length;
  const input = sum((turn) => turn.inputTokens);
  const output = sum((turn) => turn.outputTokens);
  const characters = sum((turn) => turn.agent.text.length);
  const isHeard = variantOf(plan, now) === 'done';
  const unpriced = plan.models.llm[1] === 'claude-haiku-4-5';
  const flags: Row[] = [];
  if (latencies.some((value) => value > 8_000)) flags.push({ code: 'slow_turn', message: 'A response took over 8 s' });
  if (plan.rootLost) flags.push({ code: 'root_missing', message: 'The root span never came: 5 spans name a parent that is not here' });
  if (plan.seed % 37 === 0) flags.push({ code: 'latency_skips_stage', message: 'Reported latency is shorter than the sum of its stages in 2 turns' });
  return {
    id: plan.id,
    call_id: plan.callId,
    project_id: 1,
    agent_id: plan.agentId,
    agent_name: plan.agentName,
    state: ended ? (plan.rootLost && now - plan.startedAt < 30_000_000 ? 'quiet' : 'ended') : 'running',
    started_at: iso(plan.startedAt),
    ended_at: ended ? iso(plan.startedAt + plan.length) : null,
    last_activity_at: iso(plan.startedAt + length),
    duration_s: seconds(length),
    trace_ids: plan.traceIds,
    sources: plan.seed % 3 === 0 ? ['otlp', 'call_log'] : ['otlp'],
    frameworks: [plan.dialect === 'custom' ? { name: 'opentelemetry' } : { name: plan.dialect === 'realtime' ? 'pipecat' : plan.dialect, version: plan.version }],
    turn_count: turns.length,
    span_count: spanCount,
    tool_count: tools.length,
    tool_error_count: failed,
    error_count: failed,
    interruption_count: turns.filter((turn) => turn.interrupted).length,
    latency: { ...(isHeard ? { heard: latencySummary(latencies) } : {}), reported: reports(plan) ? latencySummary(isHeard ? turns.flatMap((turn) => heardOf(plan, turn, () => [])?.reportedMs ?? []) : latencies) : null, computed: latencySummary(latencies.map((value) => value - 38)) },
    totals: {
      input_tokens: input,
      output_tokens: output,
      cache_read_tokens: sum((turn) => turn.cachedTokens),
      characters,
      ...(plan.dialect === 'custom' ? {} : { stt_audio_s: seconds(sum((turn) => (turn.user === undefined ? 0 : turn.user.end - turn.user.start))) }),
      ...(unpriced ? {} : { cost_usd: input * 2.5e-6 + output * 1e-5 + characters * 3e-5 }),
    },
    models: modelsOf(plan).map(([kind, [provider, model]]) => ({ kind, provider, model })),
    tool_names: [...new Set(tools.map((tool) => tool.name))],
    flags,
    ...(ended && plan.endReason !== undefined ? { end_reason: plan.endReason } : {}),
    metadata: plan.metadata,
  };
}

const modelsOf = (plan: CallPlan): readonly (readonly [string, readonly [string, string]])[] =>
  plan.dialect === 'realtime'
    ? [['stt', plan.models.stt], ['s2s', plan.models.llm]]
    : [['stt', plan.models.stt], ['llm', plan.models.llm], ['tts', plan.models.tts]];

export function detail(plan: CallPlan, now: number, spans: readonly WireSpan[], nudgeMs: number | undefined): Row {
  const elapsed = now - plan.startedAt;
  const ended = elapsed >= plan.length;
  const turns = plan.turns.filter((turn) => ended || (turn.user?.end ?? turn.agent.end) <= elapsed);
  const spanIds = new Map<number, string[]>();
  const toolSpans = new Map<number, WireSpan>();
  for (const span of spans) {
    const turn = span.facts['turn_index'];
    if (typeof turn !== 'number') continue;
    const ids = spanIds.get(turn);
    if (ids === undefined) spanIds.set(turn, [span.span_id]);
    else ids.push(span.span_id);
    if (span.facts['kind'] === 'tool') toolSpans.set(turn, span);
  }
  const llmMs = turns.flatMap((turn) => (turn.user === undefined ? [] : [turn.ttft, ...(turn.tool === undefined ? [] : [turn.ttftAfterTool])]));
  const base = summary(plan, now, spans.length);
  const totals = base['totals'] as Record<string, number>;
  const variant = variantOf(plan, now);
  const spansOfKind = new Map<string, string[]>();
  for (const span of spans) {
    const key = `${String(span.facts['turn_index'])}/${String(span.facts['kind'])}`;
    spansOfKind.set(key, [...(spansOfKind.get(key) ?? []), span.span_id]);
  }
  const lengthS = (Math.min(elapsed, plan.length) - 400) / 1000;
  return {
    ...base,
    audio: audioOf(plan, variant, lengthS),
    recordings: recordingsOf(plan, variant, lengthS, now),
    clock: clockOf(plan, variant, nudgeMs),
    transcript: transcriptOf(plan, elapsed),
    fields: base['end_reason'] === undefined ? {} : { end_reason: { source: 'observe', others: [{ source: 'otlp', value: 'session closed' }] } },
    turns: turns.map((turn) => {
      const answered = ended || turn.agent.end <= elapsed;
      const response = responseMs(turn);
      const heard = variant === 'done' && answered ? heardOf(plan, turn, (kind) => spansOfKind.get(`${turn.index}/${kind}`) ?? []) : undefined;
      return {
        index: turn.index,
        source: plan.dialect === 'custom' ? 'inferred' : plan.dialect === 'livekit' ? 'paired' : 'span',
        start_s: seconds(turn.user?.start ?? 0),
        end_s: seconds(answered ? turn.agent.end : elapsed),
        user: turn.user === undefined ? null : { start_s: seconds(turn.user.start), end_s: seconds(turn.user.end), text: turn.user.text },
        agent: answered ? { start_s: seconds(turn.agent.start), end_s: seconds(turn.agent.end), text: turn.agent.text, ...(turn.agent.generated === undefined ? {} : { generated_text: turn.agent.generated }) } : null,
        interrupted: turn.interrupted,
        ...(turn.interrupted ? { interrupted_by: 'user' } : {}),
        latency: response === undefined || !answered ? {} : { ...(reports(plan) ? { reported_ms: heard?.reportedMs ?? response } : {}), computed_ms: response - 38, computed_from: plan.dialect === 'livekit' ? 'speech spans' : 'stt end and tts first byte', ...(heard === undefined ? {} : { heard_ms: heard.heardMs, parts: heard.parts }) },
        stages:
          response === undefined || !answered
            ? turn.user === undefined ? { tts_ttfb_ms: turn.ttfb } : {}
            : {
                ...(plan.dialect === 'livekit' ? { endpointing_ms: turn.endpointing } : {}),
                stt_ms: turn.stt,
                llm_ttft_ms: turn.ttft + turn.ttftAfterTool,
                ...(turn.tool === undefined ? {} : { tool_ms: Math.round(turn.tool.end - turn.tool.start) }),
                ...(plan.dialect === 'livekit' ? { text_aggregation_ms: turn.aggregation } : {}),
                ...(plan.dialect === 'realtime' ? {} : { tts_ttfb_ms: turn.ttfb }),
                unattributed_ms: turn.rest + (plan.dialect === 'livekit' ? 0 : turn.endpointing + turn.aggregation) + (turn.tool === undefined ? 0 : 60),
              },
        span_ids: spanIds.get(turn.index) ?? [],
      };
    }),
    tools: turns.flatMap((turn) => {
      const tool = turn.tool;
      if (tool === undefined || (!ended && tool.end > elapsed)) return [];
      const span = toolSpans.get(turn.index);
      return [{
        name: tool.name, call_id: tool.id, arguments: tool.args, result: tool.result, is_error: tool.error !== undefined, error: tool.error,
        start_s: seconds(tool.start), duration_ms: Math.round(tool.end - tool.start), turn_index: turn.index,
        ...(span === undefined ? {} : { trace_id: span.trace_id, span_id: span.span_id }), synthetic: span === undefined,
      }];
    }),
    models: modelsOf(plan).map(([kind, [provider, model]]) => ({
      kind, provider, model, errors: 0,
      calls: kind === 'llm' || kind === 's2s' ? llmMs.length : turns.length,
      ...(kind === 'llm' || kind === 's2s' ? { input_tokens: totals['input_tokens'], output_tokens: totals['output_tokens'], cache_read_tokens: totals['cache_read_tokens'], ...(totals['cost_usd'] === undefined ? { cost_source: 'none' } : { cost_usd: totals['cost_usd'] * 0.4, cost_source: 'computed' }) } : {}),
      ...(kind === 'tts' ? { characters: totals['characters'], cost_usd: totals['characters']! * 3e-5, cost_source: 'computed' } : {}),
      ...(kind === 'stt' ? { ...(totals['stt_audio_s'] === undefined ? {} : { audio_s: totals['stt_audio_s'] }), cost_source: 'none' } : {}),
      latency: latencySummary(kind === 'stt' ? turns.flatMap((turn) => (turn.user === undefined ? [] : [turn.stt])) : kind === 'tts' ? turns.map((turn) => turn.ttfb) : llmMs),
    })),
  };
}

export function logs(plan: CallPlan, now: number): readonly Row[] {
  const line = (at: number, severity: string, body: string, attributes: Row = {}): Row => ({
    time_unix_nano: String(BigInt(plan.startedAt) * 1_000_000n + BigInt(Math.round(at * 1000)) * 1000n), severity, body, attributes, trace_id: plan.traceIds[0], span_id: '', at,
  });
  return [
    line(8, 'INFO', `worker accepted call ${plan.callId}`),
    line(640, 'INFO', 'audio track subscribed', { codec: 'opus', sample_rate: 48000 }),
    ...plan.turns.flatMap((turn) => [
      ...(turn.user === undefined ? [] : [line(turn.user.end + turn.endpointing, 'DEBUG', `end of turn, p=0.83: “${turn.user.text}”`)]),
      ...(turn.tool?.error === undefined ? [] : [line(turn.tool.end, 'ERROR', `tool ${turn.tool.name} failed: ${turn.tool.error}`, { tool: turn.tool.name })]),
      ...(turn.interrupted ? [line(turn.agent.end, 'WARN', 'caller barged in, playout stopped')] : []),
    ]),
  ].filter((row) => (row['at'] as number) <= now - plan.startedAt);
}
