import { expect, test } from 'vitest';
import { epochNs } from '@/base/units';
import { analyticsViewOf, latencySeries, searchOfAnalyticsView } from './analytics_view';
import { formatSearchText, parseSearchText } from './search_text';

test('a link reopens what it showed', () => {
  for (const address of ['', '?range=24h&stage=llm&group_by=model&source=computed', '?range=all', '?source=heard']) {
    expect(formatSearchText(searchOfAnalyticsView(analyticsViewOf(parseSearchText(address))))).toBe(address);
  }
});

test('groups share one axis, with gaps where they have nothing', () => {
  const row = (group: string, timeS: number, p50Ms: number): { group: string; n: number; p50Ms: number; timeNs: ReturnType<typeof epochNs> } => ({ group, n: 1, p50Ms, timeNs: epochNs(BigInt(timeS) * 1_000_000_000n) });
  const { timesS, series } = latencySeries([row('b', 200, 4), row('a', 100, 1), row('a', 200, 2), row('b', 300, 5)]);
  expect(timesS).toEqual([100, 200, 300]);
  expect(series.map((line) => [line.group, ...line.p50])).toEqual([['b', undefined, 4, 5], ['a', 1, 2, undefined]]);
});
