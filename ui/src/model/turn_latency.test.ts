import { expect, test } from 'vitest';
import type { Stages, Turn } from '@/api/types';
import { ms } from '@/base/units';
import { gradeLatency, slowestTurn, stageShares, stageSumMs, summariseStages } from './turn_latency';

const turn = (index: number, stages: Stages, more: Partial<Turn> = {}): Turn => ({ index, source: 'span', start: ms(0), end: ms(1), interrupted: false, stages, spanIds: [], ...more });

test('stages are laid end to end in the order they happen; what was not captured takes no room', () => {
  const stages = { ttsTtfbMs: 150, llmTtftMs: 400, sttMs: 0 };
  expect(stageShares(stages).map((share) => [share.id, share.startMs, share.ms])).toEqual([['llmTtftMs', 0, 400], ['ttsTtfbMs', 400, 150]]);
  expect(stageSumMs(stages)).toBe(550);
});

test('the slowest turn goes by what was reported, else by what was computed', () => {
  const turns = [turn(1, {}), turn(2, {}, { computedMs: 900 }), turn(3, {}, { reportedMs: 800, computedMs: 2000 })];
  expect(slowestTurn(turns)?.index).toBe(2);
  expect(slowestTurn([turn(1, {})])).toBeUndefined();
});

test('a summary counts only the turns that captured the stage', () => {
  const summary = summariseStages([turn(1, { sttMs: 100 }), turn(2, { sttMs: 300 }), turn(3, { sttMs: 200 }), turn(4, {})]);
  expect(summary.find((stage) => stage.id === 'sttMs')).toMatchObject({ n: 3, p50Ms: 200, maxMs: 300 });
  expect(summary.find((stage) => stage.id === 'toolMs')).toMatchObject({ n: 0 });
});

test('grades', () => expect([1499, 1500, 2999, 3000].map(gradeLatency)).toEqual(['fine', 'slow', 'slow', 'bad']));
