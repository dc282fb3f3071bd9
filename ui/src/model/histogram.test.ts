import { expect, test } from 'vitest';
import { histogram } from './histogram';

test('bins have round widths, and one takes what lies far above', () => {
  const values = [...Array.from({ length: 99 }, (_, at) => at * 10), 50_000];
  const bins = histogram(values, 10);
  expect(bins.map((bin) => bin.count).reduce((a, b) => a + b)).toBe(100);
  expect(bins[0]).toEqual({ from: 0, to: 100, count: 10 });
  expect(bins.at(-1)).toEqual({ from: 1000, to: Number.POSITIVE_INFINITY, count: 1 });
});

test('one value has one bin, none has none', () => {
  expect(histogram([300], 20).filter((bin) => bin.count > 0)).toEqual([{ from: 300, to: 320, count: 1 }]);
  expect(histogram([], 20)).toEqual([]);
});
