// The API over made-up calls, for working on the UI without a server. Any key that starts with "cs_" is good.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { detail, latencySummary, logs, makeCalls, responseMs, summary } from './calls.ts';
import { hasRecording, isAnalysed, peaksOf, variantOf, Wav } from './audio.ts';
import { kAgents, type CallPlan, type TurnPlan } from './plan.ts';
import type { WireSpan } from './spans.ts';

type Row = Record<string, unknown>;

export class MockServer {
  private readonly calls = makeCalls(Date.now());
  private readonly projects: Row[] = [{ id: 1, name: 'default' }];
  private readonly agents: Row[] = kAgents.map((agent) => ({ ...agent }));
  private readonly nudges = new Map<number, number>();
  private readonly keys: Row[] = [
    { id: 1, name: 'first key', access: 'read-write', project_id: 1, created_at: '2026-10-02T09:12:44Z', last_used_at: new Date().toISOString(), revoked_at: null },
    { id: 2, name: 'grafana', access: 'read-only', project_id: 1, created_at: '2026-10-19T14:03:10Z', last_used_at: '2026-11-20T22:41:09Z', revoked_at: null },
    { id: 3, name: 'old laptop', access: 'read-write', project_id: 1, created_at: '2026-10-04T08:00:00Z', last_used_at: null, revoked_at: '2026-11-01T10:30:00Z' },
  ];

  handle(request: IncomingMessage, response: ServerResponse): void {
    const address = new URL(request.url ?? '/', 'http://mock');
    const parts = address.pathname.replace(/^\/api\/v1\//, '').split('/');
    const key = request.headers['x-callscope-api-key'];
    if (typeof key !== 'string' || !key.startsWith('cs_')) {
      reply(response, 401, { error: { code: 'unauthenticated', message: key === undefined ? 'The header x-callscope-api-key is missing.' : 'The key in x-callscope-api-key is not known here, or was revoked.', field: 'x-callscope-api-key' } });
      return;
    }
    if (request.method === 'PATCH') {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const nudge = (JSON.parse(body) as Row)['nudge_ms'];
        if (typeof nudge === 'number') this.nudges.set(Number(parts[1]), nudge);
        else this.nudges.delete(Number(parts[1]));
        reply(response, 200, {});
      });
      return;
    }
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => this.create(parts[0] ?? '', JSON.parse(body) as Row, response));
      return;
    }
    if (request.method === 'DELETE') {
      if (parts[0] === 'keys') {
        const found = this.keys.find((item) => item['id'] === Number(parts[1]));
        if (found !== undefined) found['revoked_at'] = new Date().toISOString();
      } else this.calls.plans.splice(this.calls.plans.findIndex((plan) => plan.id === Number(parts[1])), 1);
      reply(response, 204, undefined);
      return;
    }
    if (parts[2] === 'recordings') this.sound(parts, address.searchParams, request, response);
    else this.read(parts, address.searchParams, key, response);
  }

  /** A recording, whole or a range of it, or its peaks. */
  private sound(parts: readonly string[], query: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    const now = Date.now();
    const plan = this.calls.plans.find((candidate) => candidate.id === Number(parts[1]));
    const variant = plan === undefined ? 'none' : variantOf(plan, now);
    if (plan === undefined || !hasRecording(variant)) {
      notFound(response, 'recording', parts[3] ?? '');
      return;
    }
    const lengthS = (Math.min(now - plan.startedAt, plan.length) - 400) / 1000;
    if (parts[4] === 'peaks') {
      if (!isAnalysed(variant)) {
        notFound(response, 'peaks of recording', parts[3] ?? '');
        return;
      }
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      response.end(peaksOf(plan, variant, Number(query.get('level') ?? 0), lengthS));
      return;
    }
    const wav = new Wav(plan, variant, lengthS);
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const start = first === undefined ? 0 : Number(first);
    const end = Math.min(wav.bytes, last === undefined || last === '' ? wav.bytes : Number(last) + 1);
    response.writeHead(first === undefined ? 200 : 206, {
      'content-type': 'audio/wav', 'accept-ranges': 'bytes', 'content-length': end - start,
      ...(first === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${wav.bytes}` }),
    });
    const step = 1 << 20;
    const send = (at: number): void => {
      if (at >= end) response.end();
      else if (response.write(wav.read(at, Math.min(end, at + step)))) setImmediate(() => send(at + step));
      else response.once('drain', () => send(at + step));
    };
    send(start);
  }

  private read(parts: readonly string[], query: URLSearchParams, key: string, response: ServerResponse): void {
    const now = Date.now();
    const unknown = [...query.keys()].find((name) => !(kParameters[parts[0] === 'stats' ? `stats/${parts[1] ?? ''}` : (parts[2] ?? parts[0] ?? '')] ?? []).includes(name.replace(/^metadata\..*/, 'metadata')));
    if (unknown !== undefined) {
      reply(response, 400, { error: { code: 'invalid_argument', message: `${unknown} is not a parameter of this request`, field: unknown } });
      return;
    }
    if (parts[1] === 'turns' && query.get('source') === 'heard') {
      reply(response, 400, { error: { code: 'invalid_argument', message: 'source must be reported or computed', field: 'source' } });
      return;
    }
    const list = (items: readonly unknown[]): void => reply(response, 200, { items, next: null });
    const plan = this.calls.plans.find((candidate) => candidate.id === Number(parts[1]));
    switch (parts[0]) {
      case 'server':
        reply(response, 200, { version: '0.1.0', grpc: '127.0.0.1:4317', http: 'http://127.0.0.1:4318', project_id: 1, access: key.includes('read') ? 'read-only' : 'read-write', admin: !key.includes('read') });
        return;
      case 'projects':
        list(this.projects);
        return;
      case 'agents':
        list(this.agents);
        return;
      case 'keys':
        list(this.keys);
        return;
      case 'stats':
        list(this.stats(parts[1] ?? '', query, now));
        return;
      case 'spans': {
        const words = (query.get('text') ?? '').toLowerCase();
        const from = Date.parse(query.get('from') ?? '1970-01-01T00:00:00Z');
        const to = Date.parse(query.get('to') ?? '2100-01-01T00:00:00Z');
        const found = this.calls.plans
          .filter((candidate) => candidate.startedAt + candidate.length >= from && candidate.startedAt <= to && (!query.has('agent_id') || candidate.agentId === Number(query.get('agent_id'))))
          .flatMap((candidate) => this.calls.spans(candidate, now))
          .filter((span) => `${span.name} ${JSON.stringify(span.attributes)}`.toLowerCase().includes(words));
        list(found.slice(0, Number(query.get('limit') ?? 100)));
        return;
      }
      case 'traces': {
        const owner = this.calls.plans.find((candidate) => candidate.traceIds.includes(parts[1] ?? ''));
        const span = owner === undefined ? undefined : this.calls.spans(owner, now).find((candidate) => candidate.span_id === parts[3]);
        if (parts[2] === undefined && owner !== undefined) reply(response, 200, otlp(this.calls.spans(owner, now).filter((candidate) => candidate.trace_id === parts[1])));
        else if (span === undefined) notFound(response, 'span', parts[3] ?? '');
        else reply(response, 200, span);
        return;
      }
      case 'calls':
        if (parts[1] === undefined) this.listCalls(query, key, now, response);
        else if (plan === undefined) notFound(response, 'call', parts[1]);
        else if (parts[2] === undefined) reply(response, 200, detail(plan, now, this.calls.spans(plan, now), this.nudges.get(plan.id)));
        else if (parts[2] === 'spans') this.listSpans(plan, query, now, response);
        else if (parts[2] === 'logs') list(logs(plan, now));
        else if (parts[2] === 'events') this.follow(plan, response);
        else notFound(response, 'path', parts.join('/'));
        return;
      default:
        notFound(response, 'path', parts.join('/'));
    }
  }

  private listCalls(query: URLSearchParams, key: string, now: number, response: ServerResponse): void {
    if (key === 'cs_empty') {
      reply(response, 200, { items: [], next: null });
      return;
    }
    const number = (name: string): number | undefined => (query.has(name) ? Number(query.get(name)) : undefined);
    const text = query.get('text')?.toLowerCase();
    const rows = this.calls.plans
      .filter((plan) => {
        if (number('agent_id') !== undefined && plan.agentId !== number('agent_id')) return false;
        if (query.has('from') && plan.startedAt < Date.parse(query.get('from')!)) return false;
        if (query.has('to') && plan.startedAt > Date.parse(query.get('to')!)) return false;
        if (query.has('model') && ![plan.models.llm[1], plan.models.stt[1], plan.models.tts[1]].includes(query.get('model')!)) return false;
        if (query.has('tool') && !plan.turns.some((turn) => turn.tool?.name === query.get('tool'))) return false;
        if (query.get('error') === 'true' && !plan.turns.some((turn) => turn.tool?.error !== undefined)) return false;
        if (text !== undefined && !`${plan.callId} ${plan.turns.map((turn) => `${turn.user?.text ?? ''} ${turn.agent.text}`).join(' ')}`.toLowerCase().includes(text)) return false;
        for (const [name, value] of query) if (name.startsWith('metadata.') && plan.metadata[name.slice(9)] !== value) return false;
        return true;
      })
      .map((plan) => summary(plan, now, plan.turns.length * (plan.dialect === 'livekit' ? 15 : 5)))
      .filter((row) => {
        if (query.has('state') && row['state'] !== query.get('state')) return false;
        const least = number('min_latency_ms');
        return least === undefined || worst(row) >= least;
      });
    const sort = query.get('sort') ?? '-started_at';
    const totals = (row: Row): Record<string, number> => row['totals'] as Record<string, number>;
    const by: Record<string, (row: Row) => number> = {
      duration: (row) => row['duration_s'] as number,
      latency: worst,
      cost: (row) => totals(row)['cost_usd'] ?? -1,
      tokens: (row) => totals(row)['input_tokens']!,
      started_at: (row) => Date.parse((row['started_at'] as string).slice(0, 23) + 'Z'),
    };
    const value = by[sort.replace('-', '')]!;
    rows.sort((a, b) => (sort.startsWith('-') ? value(b) - value(a) : value(a) - value(b)));
    const from = number('cursor') ?? 0;
    const limit = number('limit') ?? 100;
    reply(response, 200, { items: rows.slice(from, from + limit), next: from + limit < rows.length ? String(from + limit) : null });
  }

  private listSpans(plan: CallPlan, query: URLSearchParams, now: number, response: ServerResponse): void {
    const from = Number(query.get('cursor') ?? 0);
    const limit = Number(query.get('limit') ?? 100);
    const spans = this.calls.spans(plan, now);
    const items = spans.slice(from, from + limit);
    reply(response, 200, { items: query.get('attributes') === 'false' ? items.map(light) : items, next: from + limit < spans.length ? String(from + limit) : null });
  }

  private follow(plan: CallPlan, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.flushHeaders();
    const event = (type: string, data: unknown): void => void response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
    let sent = new Set(this.calls.spans(plan, Date.now()).map((span) => span.span_id));
    const timer = setInterval(() => {
      const now = Date.now();
      const spans = this.calls.spans(plan, now);
      const news = spans.filter((span) => !sent.has(span.span_id));
      sent = new Set(spans.map((span) => span.span_id));
      if (news.length > 0) event('spans', { items: news.map(light) });
      event('call', summary(plan, now, spans.length));
      if (now - plan.startedAt >= plan.length) {
        event('end', {});
        clearInterval(timer);
        response.end();
      }
    }, 1000);
    response.on('close', () => clearInterval(timer));
  }

  private create(what: string, body: Row, response: ServerResponse): void {
    if (typeof body['name'] !== 'string' || body['name'] === '') {
      reply(response, 400, { error: { code: 'invalid_argument', message: 'A name is needed.', field: 'name' } });
      return;
    }
    const id = Date.now() % 100_000;
    const row: Row = { id, created_at: new Date().toISOString(), last_used_at: null, revoked_at: null, ...body };
    const lists: Record<string, Row[]> = { keys: this.keys, agents: this.agents, projects: this.projects };
    lists[what]?.push(row);
    reply(response, 201, what === 'keys' ? { id, key: 'cs_2f9c41d7a0b35e8864d1c7f2a9be0345' } : row);
  }

  private stats(what: string, query: URLSearchParams, now: number): readonly Row[] {
    const from = query.has('from') ? Date.parse(query.get('from')!) : 0;
    const to = query.has('to') ? Date.parse(query.get('to')!) : now;
    const plans = this.calls.plans.filter((plan) => plan.startedAt >= from && plan.startedAt <= to && plan.turns.length < 500);
    const groupBy = query.get('group_by') ?? 'none';
    const stage = query.get('stage') ?? 'llm';
    const kindOfStage = stage === 'stt' || stage === 'tts' ? stage : 'llm';
    const groupOf = (plan: CallPlan): string =>
      groupBy === 'model' ? plan.models[kindOfStage][1] : groupBy === 'provider' ? plan.models[kindOfStage][0] : groupBy === 'agent' ? String(plan.agentId) : '';
    if (what === 'latency') {
      const value = (turn: TurnPlan): number | undefined =>
        turn.user === undefined ? undefined : stage === 'response' ? responseMs(turn)! - (query.get('source') === 'computed' ? 38 : query.get('source') === 'reported' ? turn.rest + turn.endpointing : 0) : stage === 'stt' ? turn.stt : stage === 'tts' ? turn.ttfb : stage === 'endpointing' ? turn.endpointing : stage === 'tool' ? (turn.tool === undefined ? undefined : Math.round(turn.tool.end - turn.tool.start)) : turn.ttft;
      const [, count, unit] = /^(\d+)([smhd])$/.exec(query.get('interval') ?? '') ?? [];
      const interval = count === undefined ? undefined : Number(count) * { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 's' | 'm' | 'h' | 'd'];
      const groups = new Map<string, number[]>();
      const heardOnly = stage === 'response' && query.get('source') === 'heard';
      for (const plan of plans) {
        if (heardOnly && variantOf(plan, now) !== 'done') continue;
        const bucket = interval === undefined ? '' : `|${Math.floor(plan.startedAt / interval) * interval}`;
        const name = groupOf(plan) + bucket;
        const values = groups.get(name) ?? [];
        for (const turn of plan.turns) {
          const ms = value(turn);
          if (ms !== undefined) values.push(ms);
        }
        groups.set(name, values);
      }
      return [...groups]
        .filter(([, values]) => values.length > 0)
        .map(([name, values]) => {
          const sorted = values.sort((a, b) => a - b);
          const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
          const [group, time] = name.split('|');
          return { group, n: sorted.length, p50_ms: at(0.5), p90_ms: at(0.9), p95_ms: at(0.95), p99_ms: at(0.99), ...(time === undefined ? {} : { time: new Date(Number(time)).toISOString() }) };
        })
        .sort((a, b) => (interval === undefined ? b.n - a.n : (a.time ?? '').localeCompare(b.time ?? '')));
    }
    if (what === 'tokens' || what === 'cost') {
      const groups = new Map<string, Row>();
      for (const plan of plans) {
        const row = summary(plan, now, 0);
        const totals = row['totals'] as Record<string, number>;
        const unpriced = totals['cost_usd'] === undefined;
        const sum = groups.get(groupOf(plan)) ?? { group: groupOf(plan), calls: 0, input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, unpriced_calls: 0 };
        groups.set(groupOf(plan), {
          ...sum,
          calls: (sum['calls'] as number) + plan.turns.length,
          input_tokens: (sum['input_tokens'] as number) + totals['input_tokens']!,
          output_tokens: (sum['output_tokens'] as number) + totals['output_tokens']!,
          cache_read_tokens: (sum['cache_read_tokens'] as number) + totals['cache_read_tokens']!,
          ...(unpriced ? {} : { cost_usd: ((sum['cost_usd'] as number | undefined) ?? 0) + totals['cost_usd']! }),
          unpriced_calls: (sum['unpriced_calls'] as number) + (unpriced ? plan.turns.length : 0),
        });
      }
      return [...groups.values()];
    }
    if (what === 'tools') {
      const groups = new Map<string, { ms: number[]; failures: Row[] }>();
      for (const plan of plans) {
        for (const turn of plan.turns) {
          if (turn.tool === undefined) continue;
          const group = groups.get(turn.tool.name) ?? { ms: [], failures: [] };
          group.ms.push(turn.tool.end - turn.tool.start);
          if (turn.tool.error !== undefined) {
            const span = this.calls.spans(plan, now).find((candidate) => candidate.facts['kind'] === 'tool' && candidate.facts['turn_index'] === turn.index);
            group.failures.push({ call_id: plan.id, trace_id: span?.trace_id, span_id: span?.span_id, arguments: turn.tool.args, error: turn.tool.error });
          }
          groups.set(turn.tool.name, group);
        }
      }
      return [...groups].map(([group, { ms, failures }]) => {
        const latency = latencySummary(ms)!;
        return { group, n: ms.length, errors: failures.length, p50_ms: latency['p50_ms'], p95_ms: latency['p95_ms'], failures: failures.slice(0, 20) };
      });
    }
    const wanted = query.get('source');
    return plans
      .filter((plan) => (wanted !== 'heard' || variantOf(plan, now) === 'done') && (wanted !== 'reported' || plan.dialect === 'pipecat' || plan.dialect === 'livekit'))
      .flatMap((plan) => plan.turns.flatMap((turn) => (responseMs(turn) === undefined ? [] : [{ call_id: plan.id, agent_id: plan.agentId, turn_index: turn.index, latency_ms: responseMs(turn)!, source: wanted ?? (plan.dialect === 'custom' || plan.dialect === 'realtime' ? 'computed' : 'reported'), started_at: new Date(plan.startedAt + turn.agent.start).toISOString() }])))
      .sort((a, b) => b.latency_ms - a.latency_ms)
      .slice(0, Number(query.get('limit') ?? 20));
  }
}

function worst(row: Row): number {
  const latency = row['latency'] as Record<string, Record<string, number> | null>;
  return latency['reported']?.['max_ms'] ?? latency['computed']?.['max_ms'] ?? 0;
}

/** What each request may be asked; anything else is refused, as the server does. */
const kParameters: Readonly<Record<string, readonly string[]>> = {
  calls: ['agent_id', 'from', 'to', 'state', 'text', 'model', 'tool', 'error', 'min_latency_ms', 'metadata', 'sort', 'cursor', 'limit'],
  // Those of a call, and the search across calls.
  spans: ['attributes', 'cursor', 'limit', 'agent_id', 'from', 'to', 'text'],
  traces: ['format'],
  logs: ['cursor', 'limit'],
  agents: ['cursor', 'limit'],
  keys: ['cursor', 'limit'],
  projects: ['cursor', 'limit'],
  'stats/latency': ['stage', 'source', 'agent_id', 'from', 'to', 'group_by', 'interval'],
  'stats/tokens': ['agent_id', 'from', 'to', 'group_by', 'interval'],
  'stats/cost': ['agent_id', 'from', 'to', 'group_by', 'interval'],
  'stats/tools': ['agent_id', 'from', 'to', 'interval'],
  'stats/turns': ['source', 'agent_id', 'from', 'to', 'limit'],
};

const kLightKeys = ['trace_id', 'span_id', 'parent_span_id', 'name', 'kind', 'start_time_unix_nano', 'end_time_unix_nano', 'status', 'scope', 'flags', 'facts'] as const;
const light = (span: object): Row => Object.fromEntries(kLightKeys.map((key) => [key, (span as Row)[key]]));

/** Spans as an OTLP/JSON request, the way the server gives them. */
function otlp(spans: readonly WireSpan[]): Row {
  const value = (content: unknown): Row => (typeof content === 'string' ? { stringValue: content } : typeof content === 'boolean' ? { boolValue: content } : { doubleValue: content });
  const pairs = (attributes: Row): readonly Row[] => Object.entries(attributes).map(([key, content]) => ({ key, value: value(content) }));
  return {
    resourceSpans: spans.slice(0, 1).map((first) => ({
      resource: { attributes: pairs(first.resource) },
      scopeSpans: [{ scope: first.scope, spans: spans.map((span) => ({ traceId: span.trace_id, spanId: span.span_id, parentSpanId: span.parent_span_id, name: span.name, startTimeUnixNano: span.start_time_unix_nano, endTimeUnixNano: span.end_time_unix_nano, attributes: pairs(span.attributes), status: span.status })) }],
    })),
  };
}

const notFound = (response: ServerResponse, what: string, id: string): void =>
  reply(response, 404, { error: { code: 'not_found', message: `There is no ${what} ${id}.`, field: 'id' } });

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
