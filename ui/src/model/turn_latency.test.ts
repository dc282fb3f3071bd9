import { expect, test } from 'vitest';
import type { Stages, Turn } from '@/api/types';
import { ms } from '@/base/units';
import { gradeLatency, slowestTurn, stageShares, stageSumMs, summariseLatency, summariseWaits, unexplainedMs, waitShares } from './turn_latency';

const turn = (index: number, stages: Stages, more: Partial<Turn> = {}): Turn => ({ index, source: 'span', start: ms(0), end: ms(1), interrupted: false, stages, parts: [], spanIds: [], ...more });

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
  const summary = summariseWaits([turn(1, { sttMs: 100 }), turn(2, { sttMs: 300 }), turn(3, { sttMs: 200 }), turn(4, {})]);
  expect(summary.find((stage) => stage.label === 'STT')).toMatchObject({ n: 3, p50Ms: 200, maxMs: 300 });
  expect(summary.find((stage) => stage.label === 'Tools')).toMatchObject({ n: 0 });
});

test('grades', () => expect([1499, 1500, 2999, 3000].map(gradeLatency)).toEqual(['fine', 'slow', 'slow', 'bad']));

test('the parts of the heard silence come before the stages, and what was not captured takes no room', () => {
  const heard = turn(1, { llmTtftMs: 400 }, { heardMs: 900, parts: [{ stage: 'endpointing', spanIds: [] }, { stage: 'llm', ms: 500, spanIds: ['a'] }, { stage: 'unexplained', ms: 400, spanIds: [] }] });
  expect(waitShares(heard).map((share) => [share.label, share.startMs, share.ms])).toEqual([['LLM first token', 0, 500], ['Unexplained', 500, 400]]);
  expect(unexplainedMs(heard)).toBe(400);
  expect(waitShares(turn(1, { llmTtftMs: 400 })).map((share) => share.ms)).toEqual([400]);
});

test('percentiles are of one source', () => {
  const turns = [turn(1, {}, { heardMs: 900, reportedMs: 100 }), turn(2, {}, { reportedMs: 200 }), turn(3, {}, { heardMs: 1200 })];
  expect(summariseLatency(turns, 'heard')).toEqual({ n: 2, p50Ms: 900, p95Ms: 1200, maxMs: 1200 });
  expect(summariseLatency(turns, 'computed')).toBeUndefined();
});
