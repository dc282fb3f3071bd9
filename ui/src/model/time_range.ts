import type { SearchText } from './search_text';

export const kRanges = [
  { id: '15m', label: 'Last 15 minutes', minutes: 15 },
  { id: '1h', label: 'Last hour', minutes: 60 },
  { id: '6h', label: 'Last 6 hours', minutes: 360 },
  { id: '24h', label: 'Last 24 hours', minutes: 1_440 },
  { id: '7d', label: 'Last 7 days', minutes: 10_080 },
  { id: '30d', label: 'Last 30 days', minutes: 43_200 },
] as const;
export type RangeId = (typeof kRanges)[number]['id'];

export type TimeRange =
  | { readonly type: 'all' }
  | { readonly type: 'last'; readonly id: RangeId }
  | { readonly type: 'between'; readonly from?: string; readonly to?: string };

/** Reads `range=24h`, or `from=…&to=…` in ISO 8601. */
export function timeRangeOf(search: SearchText, initial: TimeRange): TimeRange {
  if (search['range'] === 'all') return { type: 'all' };
  const known = kRanges.find((range) => range.id === search['range']);
  if (known !== undefined) return { type: 'last', id: known.id };
  const from = search['from'];
  const to = search['to'];
  if (from === undefined && to === undefined) return initial;
  return { type: 'between', ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

export function searchOfTimeRange(range: TimeRange): { range?: string; from?: string; to?: string } {
  if (range.type === 'all') return { range: 'all' };
  if (range.type === 'last') return { range: range.id };
  return { ...(range.from === undefined ? {} : { from: range.from }), ...(range.to === undefined ? {} : { to: range.to }) };
}

/** Returns the API's `from` and `to`. */
export function queryOfTimeRange(range: TimeRange, now: Date): readonly (readonly [string, string])[] {
  if (range.type === 'all') return [];
  if (range.type === 'last') {
    const minutes = kRanges.find((known) => known.id === range.id)?.minutes ?? 60;
    return [['from', new Date(now.getTime() - minutes * 60_000).toISOString()]];
  }
  return [
    ...(range.from === undefined ? [] : [['from', range.from] as const]),
    ...(range.to === undefined ? [] : [['to', range.to] as const]),
  ];
}

const kBuckets = [
  { text: '1m', minutes: 1 },
  { text: '5m', minutes: 5 },
  { text: '15m', minutes: 15 },
  { text: '1h', minutes: 60 },
  { text: '3h', minutes: 180 },
  { text: '6h', minutes: 360 },
  { text: '1d', minutes: 1_440 },
  { text: '7d', minutes: 10_080 },
] as const;
const kBucketsMax = 72;

/** Returns how long the buckets of a chart over `range` should be, as the API writes lengths. All time is taken by days. */
export function bucketOfTimeRange(range: TimeRange, now: Date): string {
  const [from, to] = boundsOf(range, now);
  if (from === undefined) return '1d';
  const minutes = (to - from) / 60_000;
  return kBuckets.find((bucket) => minutes / bucket.minutes <= kBucketsMax)?.text ?? '7d';
}

function boundsOf(range: TimeRange, now: Date): readonly [from: number | undefined, to: number] {
  const query = new Map(queryOfTimeRange(range, now));
  const time = (name: string): number | undefined => {
    const value = Date.parse(query.get(name) ?? '');
    return Number.isNaN(value) ? undefined : value;
  };
  return [time('from'), time('to') ?? now.getTime()];
}

export function labelOfTimeRange(range: TimeRange): string {
  if (range.type === 'all') return 'All time';
  if (range.type === 'last') return kRanges.find((known) => known.id === range.id)?.label ?? range.id;
  const short = (text: string): string => text.slice(0, 16).replace('T', ' ');
  if (range.from !== undefined && range.to !== undefined) return `${short(range.from)} – ${short(range.to)}`;
  return range.from !== undefined ? `Since ${short(range.from)}` : `Until ${short(range.to ?? '')}`;
}
