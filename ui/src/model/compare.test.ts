import { expect, test } from 'vitest';
import type { Turn } from '@/api/types';
import { present } from '@/base/json';
import { ms } from '@/base/units';
import { commonSource, divergenceOf, pairTurns, stageDeltas } from './compare';

const turn = (index: number, user: string, agent = 'ok', more: Partial<Turn> = {}): Turn => ({
  index, source: 'span', start: ms(0), end: ms(1), user: { start: ms(0), end: ms(0), text: user }, agent: { start: ms(1), end: ms(1), text: agent }, interrupted: false, stages: {}, parts: [], spanIds: [], ...more,
});
const shown = (pairs: ReturnType<typeof pairTurns>): string => pairs.map((pair) => `${pair.a?.index ?? '-'}:${pair.b?.index ?? '-'}`).join(' ');
const noTools = (): readonly string[] => [];

test('by index, the longer call goes on alone', () => expect(shown(pairTurns([turn(1, 'a'), turn(2, 'b')], [turn(1, 'x')], 'index'))).toBe('1:1 2:-'));

test('by text, what only one of them has stands alone', () =>
  expect(shown(pairTurns([turn(1, 'where is my tent'), turn(2, 'send it again please'), turn(3, 'thanks bye')], [turn(1, 'Where is my tent?'), turn(2, 'hello are you there'), turn(3, 'please send it again'), turn(4, 'thanks, bye')], 'text'))).toBe('1:1 -:2 2:3 3:4'));

test('by text, what was said otherwise at the same place stands together, a greeting with a greeting', () => {
  const greeting = (index: number, agent: string): Turn => present({ ...turn(index, '', agent), user: undefined });
  expect(shown(pairTurns([greeting(0, 'Northwind, how can I help?'), turn(1, 'where is my tent'), turn(2, 'bye')], [greeting(0, 'Good morning, dentist speaking.'), turn(1, 'I want to move my visit'), turn(2, 'bye')], 'text'))).toBe('0:0 1:1 2:2');
  expect(shown(pairTurns([turn(1, 'where is my tent')], [greeting(0, 'Good morning!'), turn(1, 'Where is my tent?')], 'text'))).toBe('-:0 1:1');
  expect(shown(pairTurns([greeting(0, 'Hi'), turn(1, 'a'), turn(2, 'b')], [greeting(0, 'Hello'), turn(1, 'z')], 'text'))).toBe('0:0 1:1 2:-');
});

test('they part ways by what is said and what is called; marks and case do not count', () => {
  expect(divergenceOf({ a: turn(1, 'Hi.', 'Yes'), b: turn(1, 'hi', 'yes!') }, noTools)).toBeUndefined();
  expect(divergenceOf({ a: turn(1, 'hi', 'yes'), b: turn(1, 'hi', 'no') }, noTools)).toBe('agent');
  expect(divergenceOf({ a: turn(1, 'hi'), b: turn(1, 'hi') }, (call) => [call])).toBe('tools');
  expect(divergenceOf({ a: turn(1, 'hi'), b: undefined }, noTools)).toBe('missing');
});

test('parts are compared with parts, stages with stages', () => {
  const heard = turn(1, '', '', { parts: [{ stage: 'llm', ms: 500, spanIds: [] }], stages: { llmTtftMs: 450 } });
  expect(stageDeltas(heard, turn(1, '', '', { stages: { llmTtftMs: 400 } }))).toMatchObject([{ a: 450, b: 400 }]);
  expect(stageDeltas(heard, heard)).toMatchObject([{ a: 500, b: 500 }]);
});

test('only what both have is compared', () => {
  expect(commonSource([turn(1, '', '', { heardMs: 1, computedMs: 2 })], [turn(1, '', '', { computedMs: 3 })])).toBe('computed');
  expect(commonSource([turn(1, '')], [turn(1, '')])).toBeUndefined();
});
