// Every question the pages ask, as options for TanStack Query: one place for keys, paths and lifetimes.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { Fields, type Json } from '@/base/json';
import { get, remove, send, url, type Query } from './client';
import { parseCall, parseCallSummary, parseLatencyRow, parseLogLine, parsePage, parseServer, parseSlowTurn, parseSpan, parseSpanDetail, parseToolRow, parseUsageRow } from './parse';
import { parseAgent } from './parse_settings';
import type { Server, Span } from './types';

const kListLimit = 100;
const kLogLinesMax = 5_000;

export const serverQuery = queryOptions({
  queryKey: ['server'],
  queryFn: ({ signal }) => get('server', [], parseServer, signal),
  staleTime: 60_000,
});

/** Asks the server who `key` is, without signing in with it. */
export async function tryKey(key: string): Promise<Server> {
  const response = await send('GET', url('server'), { key });
  return parseServer(new Fields(await response.json(), 'server'));
}

export const callsQuery = (filter: Query) =>
  infiniteQueryOptions({
    queryKey: ['calls', filter],
    queryFn: ({ pageParam, signal }) =>
      get('calls', [...filter, ['limit', String(kListLimit)], ...cursorOf(pageParam)], parsePage(parseCallSummary), signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    staleTime: 1_000,
  });

/** The first page again, for what changed since the list was loaded. */
export const freshCallsQuery = (filter: Query) =>
  queryOptions({
    queryKey: ['calls', 'fresh', filter],
    queryFn: ({ signal }) => get('calls', [...filter, ['limit', String(kListLimit)]], parsePage(parseCallSummary), signal),
    refetchInterval: 2_000,
    gcTime: 0,
  });

export const callQuery = (id: number) =>
  queryOptions({ queryKey: ['call', id], queryFn: ({ signal }) => get(`calls/${id}`, [], parseCall, signal), staleTime: 1_000 });

/** All spans of a call, without attributes, page after page. `onProgress` sees what has come so far. */
export const spansQuery = (id: number, onProgress: (spans: readonly Span[]) => void) =>
  queryOptions({
    queryKey: ['spans', id],
    queryFn: async ({ signal }) => {
      const spans: Span[] = [];
      let next: string | undefined;
      do {
        const page = await get(`calls/${id}/spans`, [['attributes', 'false'], ['limit', '5000'], ...cursorOf(next)], parsePage(parseSpan), signal);
        for (const span of page.items) spans.push(span);
        next = page.next;
        if (next !== undefined) onProgress([...spans]);
      } while (next !== undefined);
      const all: readonly Span[] = spans;
      return all;
    },
    staleTime: 1_000,
    structuralSharing: false,
  });

export const spanQuery = (traceId: string, spanId: string) =>
  queryOptions({
    queryKey: ['span', traceId, spanId],
    queryFn: ({ signal }) => get(`traces/${traceId}/spans/${spanId}`, [], parseSpanDetail, signal),
    staleTime: 10_000,
  });

/** A span as OTLP/JSON has it, with the resource and scope around it; null when its trace does not hold it. */
export const rawSpanQuery = (traceId: string, spanId: string) =>
  queryOptions({
    queryKey: ['raw', traceId, spanId],
    queryFn: ({ signal }) => get(`traces/${traceId}`, [['format', 'otlp']], (fields) => otlpSpan(fields, spanId), signal),
    staleTime: 60_000,
    gcTime: 30_000,
  });

function otlpSpan(fields: Fields, spanId: string): Json {
  const hex = (id: string | undefined): string => (id ?? '').toLowerCase();
  for (const resource of fields.list('resourceSpans', (item) => item)) {
    for (const scope of resource.list('scopeSpans', (item) => item)) {
      const span = scope.list('spans', (item) => item).find((candidate) => hex(candidate.text('spanId')) === spanId || base64Hex(candidate.text('spanId')) === spanId);
      if (span !== undefined) return { resource: resource.record('resource'), scope: scope.record('scope'), span: span.all() };
    }
  }
  return null;
}

/** OTLP/JSON writes ids as hexadecimal; protobuf's own JSON writes them as base64. */
function base64Hex(id: string | undefined): string {
  try {
    return Array.from(atob(id ?? ''), (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  } catch {
    return '';
  }
}

const kFoundMax = 1_000;

/** Which spans of a call hold a text in a name or an attribute, as ids. */
export const spanTextQuery = (text: string, call: number) =>
  queryOptions({
    queryKey: ['span text', text, call],
    queryFn: async ({ signal }) => (await get('spans', [['text', text], ['call_id', String(call)], ['limit', String(kFoundMax)]], parsePage(parseSpan), signal)).items.map((span) => span.spanId),
    staleTime: 10_000,
  });

export const logsQuery = (id: number) =>
  queryOptions({
    queryKey: ['logs', id],
    queryFn: ({ signal }) => get(`calls/${id}/logs`, [['limit', String(kLogLinesMax)]], parsePage(parseLogLine), signal),
    staleTime: 5_000,
  });

export const latencyQuery = (query: Query) =>
  queryOptions({ queryKey: ['stats', 'latency', query], queryFn: async ({ signal }) => (await get('stats/latency', query, parsePage(parseLatencyRow), signal)).items });

export const usageQuery = (what: 'tokens' | 'cost', query: Query) =>
  queryOptions({ queryKey: ['stats', what, query], queryFn: async ({ signal }) => (await get(`stats/${what}`, query, parsePage(parseUsageRow), signal)).items });

export const toolStatsQuery = (query: Query) =>
  queryOptions({ queryKey: ['stats', 'tools', query], queryFn: async ({ signal }) => (await get('stats/tools', query, parsePage(parseToolRow), signal)).items });

/** The slowest turns by one source. */
export function slowTurnsQuery(range: Query, source: 'heard' | 'reported' | 'computed', limit: number) {
  const query: Query = [...range, ['source', source], ['limit', String(limit)]];
  return queryOptions({ queryKey: ['stats', 'turns', query], queryFn: async ({ signal }) => (await get('stats/turns', query, parsePage(parseSlowTurn), signal)).items });
}

export const agentsQuery = queryOptions({
  queryKey: ['agents'],
  queryFn: async ({ signal }) => (await get('agents', [['limit', '1000']], parsePage(parseAgent), signal)).items,
  staleTime: 30_000,
});

/** Deletes a call. One that shares traces with others goes only together with them. */
export const deleteCall = (id: number, others: 'keep' | 'delete') => remove(`calls/${id}`, others === 'delete' ? [['shared', 'true']] : []);

const cursorOf = (cursor: string | undefined): Query => (cursor === undefined ? [] : [['cursor', cursor]]);
