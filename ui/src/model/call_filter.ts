import type { CallState } from '@/api/types';
import { numberOf, type SearchText } from './search_text';
import { queryOfTimeRange, searchOfTimeRange, timeRangeOf, type TimeRange } from './time_range';

export const kSorts = ['-started_at', 'started_at', '-duration', '-latency', '-cost', '-tokens'] as const;
export type Sort = (typeof kSorts)[number];

/** Which calls a list shows. It is kept in the address under the same names as in the API. */
export interface CallFilter {
  readonly range: TimeRange;
  readonly agentId?: number;
  readonly state?: CallState;
  readonly text?: string;
  readonly model?: string;
  readonly tool?: string;
  readonly onlyErrors: boolean;
  readonly flag?: string;
  readonly minLatencyMs?: number;
  readonly minHeardLatencyMs?: number;
  readonly metadata: readonly (readonly [key: string, value: string])[];
  readonly sort: Sort;
}

const kMetadataPrefix = 'metadata.';
const kStates: readonly CallState[] = ['running', 'quiet', 'ended'];

export function callFilterOf(search: SearchText): CallFilter {
  const state = kStates.find((known) => known === search['state']);
  const agentId = numberOf(search['agent_id']);
  const minLatencyMs = numberOf(search['min_latency_ms']);
  const minHeardLatencyMs = numberOf(search['min_heard_latency_ms']);
  return {
    range: timeRangeOf(search, { type: 'all' }),
    ...(agentId === undefined ? {} : { agentId }),
    ...(state === undefined ? {} : { state }),
    ...textOf(search, 'text'),
    ...textOf(search, 'model'),
    ...textOf(search, 'tool'),
    ...textOf(search, 'flag'),
    onlyErrors: search['error'] === 'true',
    ...(minLatencyMs === undefined ? {} : { minLatencyMs }),
    ...(minHeardLatencyMs === undefined ? {} : { minHeardLatencyMs }),
    metadata: Object.entries(search)
      .filter(([key]) => key.startsWith(kMetadataPrefix) && key.length > kMetadataPrefix.length)
      .map(([key, value]) => [key.slice(kMetadataPrefix.length), value] as const),
    sort: kSorts.find((known) => known === search['sort']) ?? '-started_at',
  };
}

export function searchOfCallFilter(filter: CallFilter): SearchText {
  return Object.fromEntries([
    ...(filter.range.type === 'all' ? [] : Object.entries(searchOfTimeRange(filter.range))),
    ...conditions(filter),
    ...(filter.sort === '-started_at' ? [] : [['sort', filter.sort]]),
  ]) as SearchText;
}

export function queryOfCallFilter(filter: CallFilter, now: Date): readonly (readonly [string, string])[] {
  return [...queryOfTimeRange(filter.range, now), ...conditions(filter), ['sort', filter.sort]];
}

/** Whether anything but the order was asked for. */
export const isFiltering = (filter: CallFilter): boolean => filter.range.type !== 'all' || conditions(filter).length > 0;

function conditions(filter: CallFilter): (readonly [string, string])[] {
  return [
    ...(filter.agentId === undefined ? [] : [['agent_id', String(filter.agentId)] as const]),
    ...(filter.state === undefined ? [] : [['state', filter.state] as const]),
    ...(filter.text === undefined ? [] : [['text', filter.text] as const]),
    ...(filter.model === undefined ? [] : [['model', filter.model] as const]),
    ...(filter.tool === undefined ? [] : [['tool', filter.tool] as const]),
    ...(filter.flag === undefined ? [] : [['flag', filter.flag] as const]),
    ...(filter.onlyErrors ? [['error', 'true'] as const] : []),
    ...(filter.minLatencyMs === undefined ? [] : [['min_latency_ms', String(filter.minLatencyMs)] as const]),
    ...(filter.minHeardLatencyMs === undefined ? [] : [['min_heard_latency_ms', String(filter.minHeardLatencyMs)] as const]),
    ...filter.metadata.map(([key, value]) => [`${kMetadataPrefix}${key}`, value] as const),
  ];
}

function textOf<K extends string>(search: SearchText, key: K): { readonly [P in K]?: string } {
  const value = search[key]?.trim();
  return (value === undefined || value === '' ? {} : { [key]: value }) as { readonly [P in K]?: string };
}
