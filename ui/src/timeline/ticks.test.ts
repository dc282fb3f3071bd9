import { expect, test } from 'vitest';
import { ms, px } from '@/base/units';
import { TimeScale } from '@/model/time_scale';
import { tickLabel, ticks } from './ticks';

function check(start: number, end: number, labels: readonly string[]): void {
  const found = ticks(new TimeScale({ start: ms(start), end: ms(end) }, px(800)), 100);
  expect(found.at.map((at) => tickLabel(at, found))).toEqual(labels);
}

test('ticks are round at every scale', () => {
  check(0, 60_000, ['0:00', '0:10', '0:20', '0:30', '0:40', '0:50', '1:00']);
  check(0, 7_200_000, ['0:00', '15:00', '30:00', '45:00', '1:00:00', '1:15:00', '1:30:00', '1:45:00', '2:00:00']);
  check(1000, 1800, ['0:01.0', '0:01.1', '0:01.2', '0:01.3', '0:01.4', '0:01.5', '0:01.6', '0:01.7', '0:01.8']);
  check(5, 5.4, ['0:00.00500', '0:00.00505', '0:00.00510', '0:00.00515', '0:00.00520', '0:00.00525', '0:00.00530', '0:00.00535', '0:00.00540']);
  check(-15_000, 5_000, ['−0:15', '−0:10', '−0:05', '0:00', '0:05']);
});

test('a view of any length has few ticks', () => {
  for (let length = 0.01; length < 1e9; length *= 1.7) {
    const found = ticks(new TimeScale({ start: ms(3), end: ms(3 + length) }, px(800)), 100);
    expect(found.at.length).toBeGreaterThan(0);
    expect(found.at.length).toBeLessThan(11);
  }
});
