import { describe, expect, test } from 'vitest';
import { formatClock, formatCompact, formatDuration, formatLength, formatOffset, formatShare, formatUsd } from './format';

function check(format: (value: number) => string, cases: readonly (readonly [number, string])[]): void {
  for (const [input, expected] of cases) expect(format(input)).toBe(expected);
}

describe('format', () => {
  test('durations keep three figures and never jump in width', () =>
    check(formatDuration, [
      [0, '0 ms'],
      [0.0004, '400 ns'],
      [0.42, '420 µs'],
      [0.9999, '1.0 ms'],
      [9.994, '10.0 ms'],
      [37.4, '37 ms'],
      [999.4, '999 ms'],
      [999.6, '1.00 s'],
      [1240, '1.24 s'],
      [59_940, '59.9 s'],
      [59_999, '1 m 00 s'],
      [187_000, '3 m 07 s'],
      [7_500_000, '2 h 05 m'],
      [-80, '−80 ms'],
    ]));
  test('offsets carry into minutes', () => {
    check(formatOffset, [
      [7_250, '0:07.250'],
      [59_999.9, '1:00.000'],
      [3_723_000, '1:02:03.000'],
      [-1_500, '−0:01.500'],
      [-0.4, '0:00.000'],
    ]);
    expect(formatOffset(61_940, 1)).toBe('1:01.9');
  });
  test('lengths', () => check(formatLength, [[41.6, '0:42'], [7231, '2:00:31']]));
  test('counts', () => check(formatCompact, [[0, '0'], [812, '812'], [4120, '4.1k'], [38_400, '38k'], [999_600, '1.0M']]));
  test('money', () => check(formatUsd, [[0, '$0'], [0.00042, '$0.00042'], [0.0312, '$0.0312'], [4.2, '$4.20'], [1204, '$1,204']]));
  test('shares', () => {
    expect(formatShare(1, 40)).toBe('2.5 %');
    expect(formatShare(0, 0)).toBe('–');
  });
  test('a clock names the day only when it is another', () => {
    const now = new Date(2026, 10, 21, 15, 0, 0);
    expect(formatClock(new Date(2026, 10, 21, 3, 4, 5), now)).toBe('03:04:05');
    expect(formatClock(new Date(2026, 10, 20, 3, 4, 5), now)).toBe('20 Nov 03:04:05');
    expect(formatClock(new Date(2025, 0, 2, 3, 4, 5), now)).toBe('2 Jan 2025 03:04:05');
  });
});
