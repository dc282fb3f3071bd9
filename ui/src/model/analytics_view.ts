import type { LatencyRow } from '@/api/types';
import type { SearchText } from './search_text';
import { kLatencySources, type LatencySource } from './turn_latency';
import { searchOfTimeRange, timeRangeOf, type TimeRange } from './time_range';

export const kStatStages = [
  { id: 'response', label: 'Response' },
  { id: 'endpointing', label: 'Endpointing' },
  { id: 'stt', label: 'STT' },
  { id: 'llm', label: 'LLM first token' },
  { id: 'tool', label: 'Tool' },
  { id: 'tts', label: 'TTS first byte' },
] as const;
export type StatStage = (typeof kStatStages)[number]['id'];

export const kGroupings = ['none', 'model', 'provider', 'agent'] as const;
export type Grouping = (typeof kGroupings)[number];

export interface AnalyticsView {
  readonly range: TimeRange;
  readonly stage: StatStage;
  readonly grouping: Grouping;
  /** Absent: the strongest there is. */
  readonly source?: LatencySource;
}

export function analyticsViewOf(search: SearchText): AnalyticsView {
  const source = kLatencySources.find((known) => known === search['source']);
  return {
    range: timeRangeOf(search, { type: 'last', id: '7d' }),
    stage: kStatStages.find((stage) => stage.id === search['stage'])?.id ?? 'response',
    grouping: kGroupings.find((grouping) => grouping === search['group_by']) ?? 'none',
    ...(source === undefined ? {} : { source }),
  };
}

export function searchOfAnalyticsView(view: AnalyticsView): SearchText {
  const range = view.range.type === 'last' && view.range.id === '7d' ? {} : searchOfTimeRange(view.range);
  return {
    ...range,
    ...(view.stage === 'response' ? {} : { stage: view.stage }),
    ...(view.grouping === 'none' ? {} : { group_by: view.grouping }),
    ...(view.source === undefined ? {} : { source: view.source }),
  };
}

/** One line of the table of latencies: a stage, and for the response whose word it is. */
export interface StatLine {
  readonly stage: StatStage;
  readonly source?: LatencySource;
  readonly label: string;
}

export const kStatLines: readonly StatLine[] = [
  ...kLatencySources.map((source): StatLine => ({ stage: 'response', source, label: `Response, ${source}` })),
  ...kStatStages.filter((stage) => stage.id !== 'response').map((stage): StatLine => ({ stage: stage.id, label: stage.label })),
];

/** Whether a stage belongs to a model; response and endpointing do not, nor do tools. */
export const hasModels = (stage: StatStage): boolean => stage === 'llm' || stage === 'stt' || stage === 'tts';

export interface LatencySeries {
  readonly group: string;
  readonly p50: readonly (number | undefined)[];
  readonly p95: readonly (number | undefined)[];
}

/** Lines up the buckets of every group on one axis; where a group has no bucket there is a gap, not a zero. */
export function latencySeries(rows: readonly LatencyRow[]): { readonly timesS: readonly number[]; readonly series: readonly LatencySeries[] } {
  const timed = rows.filter((row) => row.timeNs !== undefined);
  const timesS = [...new Set(timed.map((row) => Number(row.timeNs! / 1_000_000_000n)))].sort((a, b) => a - b);
  const place = new Map(timesS.map((time, at) => [time, at]));
  const groups = new Map<string, { p50: (number | undefined)[]; p95: (number | undefined)[] }>();
  for (const row of timed) {
    let group = groups.get(row.group);
    if (group === undefined) {
      group = { p50: Array<undefined>(timesS.length).fill(undefined), p95: Array<undefined>(timesS.length).fill(undefined) };
      groups.set(row.group, group);
    }
    const at = place.get(Number(row.timeNs! / 1_000_000_000n))!;
    group.p50[at] = row.p50Ms;
    group.p95[at] = row.p95Ms;
  }
  return { timesS, series: [...groups].map(([group, values]) => ({ group, ...values })) };
}
