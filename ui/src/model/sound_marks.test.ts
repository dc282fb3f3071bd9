import { expect, test } from 'vitest';
import { soundMarks } from './sound_marks';

test('interruptions that count, and silence somebody owes', () =>
  expect(
    soundMarks([
      { type: 'pause', startS: 0, detail: {} },
      { type: 'interruption', startS: 1, endS: 2, detail: { speaker: 'caller', counted: true } },
      { type: 'interruption', startS: 3, endS: 3.1, detail: { speaker: 'agent', counted: false } },
      { type: 'dead_air', startS: 4, endS: 16, detail: { speaker: 'agent', severity: 'fail' } },
    ]),
  ).toEqual([
    { kind: 'interruption', side: 'caller', startS: 1, endS: 2, isBad: false },
    { kind: 'dead_air', side: 'agent', startS: 4, endS: 16, isBad: true },
  ]));
