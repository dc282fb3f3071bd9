import { expect, test } from 'vitest';
import { epochNs, epochNsFromIso, msSince } from './units';

test('an ISO time keeps its microseconds', () => {
  expect(epochNsFromIso('2026-11-21T15:00:00.123456Z')).toBe(1795273200123456000n);
  expect(epochNsFromIso('2026-11-21T15:00:00Z')).toBe(1795273200000000000n);
  expect(epochNsFromIso('2026-11-21T16:00:00.5+01:00')).toBe(1795273200500000000n);
  expect(epochNsFromIso('yesterday')).toBeUndefined();
});

test('a time becomes milliseconds on the axis of its call', () => {
  expect(msSince(epochNs(1_000_000_000n), epochNs(1_000_512_345n))).toBeCloseTo(0.512345, 9);
  expect(msSince(epochNs(2_000_000n), epochNs(1_000_000n))).toBe(-1);
});
