import { expect, test } from 'vitest';
import { bucketOfTimeRange, type TimeRange } from './time_range';

const now = new Date('2026-11-21T15:00:00Z');

function check(range: TimeRange, bucket: string): void {
  expect(bucketOfTimeRange(range, now)).toBe(bucket);
}

test('a chart has some tens of buckets whatever the range', () => {
  check({ type: 'last', id: '15m' }, '1m');
  check({ type: 'last', id: '1h' }, '1m');
  check({ type: 'last', id: '6h' }, '5m');
  check({ type: 'last', id: '24h' }, '1h');
  check({ type: 'last', id: '7d' }, '3h');
  check({ type: 'last', id: '30d' }, '1d');
  check({ type: 'all' }, '1d');
  check({ type: 'between', from: '2026-11-21T13:00:00Z' }, '5m');
  check({ type: 'between', from: '2020-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, '7d');
  check({ type: 'between', to: '2026-01-01T00:00:00Z' }, '1d');
});
